/** Paths of the page of whoever is listed: /listed/ to look somebody up, /listed/192.0.2.7, and /listed/192.0.2.7/test to have him tested. */
import { parseIp, type Ip } from "../mail/index.ts";
import { parseSubjects, type Subject } from "../operate/listing/index.ts";

export type ListedPath =
  | { readonly kind: "start" }
  | { readonly kind: "look up" }
  | { readonly kind: "show" | "test"; readonly text: string };

const ROOT = "/listed/";

/** Undefined: it is another's. */
export function readListedPath(path: string): ListedPath | undefined {
  if (path === "/" || path === "/listed") return { kind: "start" };
  if (!path.startsWith(ROOT)) return undefined;
  const text = decoded(path.slice(ROOT.length));
  if (text === "") return { kind: "look up" };
  const host = /^(.+)\/test$/s.exec(text)?.[1];
  return host === undefined ? { kind: "show", text } : { kind: "test", text: host };
}

export const LOOK_UP_PATH = ROOT;

/** Of a canonical text. */
export function pathOf(subject: string): string {
  return `${ROOT}${encodeURIComponent(subject).replaceAll("%3A", ":").replaceAll("%2F", "/")}`;
}

export interface AskedSubject {
  readonly subject: Subject;
  /** It is one host. */
  readonly ip?: Ip;
}

/** Whom somebody means who wrote this into a field; the reason where it is nobody. */
export function readAsked(written: string): AskedSubject | string {
  const text = written.trim().replace(/^\[(.*)\]$/s, "$1");
  for (const kind of ["addresses", "names"] as const) {
    const read = parseSubjects(text, kind);
    const [subject, ...more] = typeof read === "string" ? [] : read;
    if (subject === undefined || more.length > 0 || !isPlain(subject)) continue;
    const ip = parseIp(subject.text);
    return { subject, ...(ip !== undefined && { ip }) };
  }
  return "expected an address such as 192.0.2.7 or 2001:db8::7, or a name such as example.org";
}

/** Names of hosts: a list can have any other, and nobody looks for them. A slip in an address is no name. */
function isPlain(subject: Subject): boolean {
  if (subject.kind !== "name") return true;
  return (
    !subject.wild && /^[a-z0-9._-]+$/.test(subject.name) && !/(?:^|\.)[0-9]+$/.test(subject.name)
  );
}

/** What cannot be decoded stays as it is, and is nobody. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
