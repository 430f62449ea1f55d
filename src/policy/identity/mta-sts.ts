/**
 * The policy that a domain publishes over HTTPS (RFC 8461 §3.2): which servers are its own, and how strictly that is meant.
 * A file that cannot be read by the grammar is no policy at all: half of one could leave out what matters.
 */
import { labelsOf, parseName, type DnsName } from "../../protocol/dns/index.ts";

export interface StsPolicy {
  readonly mode: "enforce" | "testing" | "none";
  /** Seconds. */
  readonly maxAge: number;
  readonly servers: readonly MxPattern[];
}

/** A name, or any one label before it ("*.example.org"). */
export interface MxPattern {
  readonly wildcard: boolean;
  readonly name: DnsName;
}

/** RFC 8461 §3.3: octets of a policy file. */
export const STS_POLICY_OCTETS_LIMIT = 65_536;

/** RFC 8461 §3.2: seconds, about a year. One that asks for more is believed for so long. */
export const STS_MAX_AGE_LIMIT = 31_557_600;

export function parseStsPolicy(octets: Uint8Array): StsPolicy | undefined {
  if (octets.length > STS_POLICY_OCTETS_LIMIT) return undefined;
  const fields = fieldsOf(new TextDecoder("latin1").decode(octets));
  if (fields === undefined) return undefined;
  const first = (key: string): string | undefined => fields.find(([name]) => name === key)?.[1];
  const mode = modeOf(first("mode"));
  const maxAge = maxAgeOf(first("max_age"));
  const servers = fields.filter(([key]) => key === "mx").map(([, value]) => patternOf(value));
  if (first("version") !== "STSv1" || mode === undefined || maxAge === undefined) return undefined;
  const named = servers.filter((pattern) => pattern !== undefined);
  if (named.length < servers.length || (named.length === 0 && mode !== "none")) return undefined;
  return { mode, maxAge, servers: named };
}

/** Key and value of each line; of a key that comes again the first counts (RFC 8461 §3.2), `mx` aside. */
function fieldsOf(text: string): readonly (readonly [string, string])[] | undefined {
  const lines = text
    .split("\n")
    .map((line) => trimmedEnd(line.endsWith("\r") ? line.slice(0, -1) : line));
  if (lines.at(-1) === "") lines.pop();
  const fields: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const key = line.slice(0, Math.max(colon, 0));
    const value = line.slice(colon + 1).replace(/^[ \t]+/, "");
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/.test(key) || !isValue(value)) return undefined;
    fields.push([key, value]);
  }
  return fields;
}

/** Visible, with blanks within; octets above ASCII are for extensions that we do not know. */
function isValue(value: string): boolean {
  return /^[\x20-\x7e\x80-\xff]+$/.test(value);
}

/** By hand: a pattern for blanks at an end tries each of the blanks before it. */
function trimmedEnd(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === " " || line[end - 1] === "\t")) end--;
  return line.slice(0, end);
}

function modeOf(text: string | undefined): StsPolicy["mode"] | undefined {
  return text === "enforce" || text === "testing" || text === "none" ? text : undefined;
}

function maxAgeOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return undefined;
  return Math.min(Number(text), STS_MAX_AGE_LIMIT);
}

function patternOf(text: string): MxPattern | undefined {
  const wildcard = text.startsWith("*.");
  const name = parseName(wildcard ? text.slice(2) : text);
  if (name === undefined || labelsOf(name).length < 1) return undefined;
  return labelsOf(name).every((label) => /^[a-z0-9_-]+$/.test(label))
    ? { wildcard, name }
    : undefined;
}

/** The lines of its file, as far as they mean something here. */
export function stsPolicyLines({ mode, maxAge, servers }: StsPolicy): readonly string[] {
  const patterns = servers.map(({ wildcard, name }) => `mx: ${wildcard ? "*." : ""}${name}`);
  return ["version: STSv1", `mode: ${mode}`, ...patterns, `max_age: ${maxAge}`];
}

/** Whether a mail server is one of the domain's own; RFC 8461 §4.1: a wildcard stands for exactly one label. */
export function isServerOf({ servers }: StsPolicy, host: DnsName): boolean {
  const [, ...parent] = labelsOf(host);
  const above = parent.join(".");
  return servers.some(({ wildcard, name }) => name === (wildcard ? above : host));
}
