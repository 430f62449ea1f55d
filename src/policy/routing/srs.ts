/**
 * Where the reports about a forwarded message go. A forward may not leave in its sender's name: the next host would ask
 * SPF of the sender's domain and find us to be none of its hosts. So the sender is written into an address of the alias's own domain, by
 * the Sender Rewriting Scheme as others do it: `SRS0=mark=day=domain=local@ours`. A report that comes back to it is
 * read here and goes on to the sender. Promises: what is read was made here, in the last `RETURN_DAYS` days, and leads
 * nowhere else; it is pure, and needs no table.
 */
import {
  formatLocalPart,
  hasRoutingCharacters,
  parseAddress,
  type Address,
  type Domain,
  type ReversePath,
} from "../../mail/index.ts";
import {
  dayOfStamp,
  isMarkOf,
  MARK_OCTETS,
  markOf,
  RETURN_DAYS,
  stampOf,
  type Day,
} from "./return-mark.ts";

/** What a forward's return is made with. */
export interface ReturnMaker {
  /** The alias's own domain: its MX records lead here. */
  readonly domain: Domain;
  readonly key: Uint8Array;
  readonly today: Day;
  /** Senders of our own domains are no strangers: SPF names us for them, and their reports come here anyway. */
  isOurs(domain: Domain): boolean;
}

/** What a local part of ours says. */
export type ReturnReading =
  /** Not an address of this kind. */
  | { readonly kind: "no return" }
  /** Made here: mail for it goes on to the sender of what was forwarded. */
  | { readonly kind: "valid" | "expired"; readonly original: Address }
  | { readonly kind: "forged" };

/**
 * The reverse-path with which a message leaves that came for an alias. Null stays null. A sender that does not fit into 64 octets
 * with all the rest (RFC 5321 §4.5.3.1.1), or that could not be read back, leaves in the name of the domain's postmaster:
 * a null path would lose the report, a refusal would bounce the newsletters whose senders are that long.
 */
export function forwardedReversePath(original: ReversePath, maker: ReturnMaker): ReversePath {
  if (original === null) return null;
  const { host } = original;
  if (host.kind === "domain" && maker.isOurs(host.domain)) return original;
  return rewritten(original, maker) ?? mustBeAddress(`postmaster@${maker.domain}`);
}

/** `keys`: the one that makes, and those that have made lately. */
export function readReturn(
  local: string,
  domain: Domain,
  keys: readonly Uint8Array[],
  today: Day,
): ReturnReading {
  const match = /^SRS([01])[-+=]/i.exec(local);
  if (match === null) return { kind: "no return" };
  const read = match[1] === "0" ? readFirst(local) : readLater(local);
  const day = read === undefined ? undefined : dayOfStamp(read.stamp, today);
  if (read === undefined || day === undefined) return FORGED;
  if (!isMarkOf(read.mark, [domain, ...read.parts], day, keys)) return FORGED;
  const original = parseAddress(read.original);
  if (typeof original === "string") return FORGED; // made here, it would have been read before
  return { kind: today - day > RETURN_DAYS ? "expired" : "valid", original };
}

/** A return address taken apart, before anybody has looked whether it was made here. */
interface Unproved {
  readonly mark: string;
  readonly stamp: string;
  /** What the mark is about, besides our domain. */
  readonly parts: readonly string[];
  readonly original: string;
}

const FORGED: ReturnReading = { kind: "forged" };

function rewritten({ local, host }: Address, maker: ReturnMaker): Address | undefined {
  // A local part with routing characters is refused as a recipient, wherever it stands.
  if (host.kind === "literal" || hasRoutingCharacters(local)) return undefined;
  const made = makeLater(local, host.domain, maker) ?? makeFirst(local, host.domain, maker);
  const address = parseAddress(`${formatLocalPart(made)}@${maker.domain}`);
  // Too long; or the other host's own rewriting names a host that is none.
  if (typeof address === "string") return undefined;
  const read = readReturn(made, maker.domain, [maker.key], maker.today);
  return read.kind === "valid" ? address : undefined;
}

// ---- SRS0: the sender himself. ----

function makeFirst(
  local: string,
  domain: Domain,
  { domain: ours, key, today }: ReturnMaker,
): string {
  const mark = markOf([ours, "SRS0", domain, local], today, key);
  return `SRS0=${mark}=${stampOf(today)}=${domain}=${local}`;
}

function readFirst(text: string): Unproved | undefined {
  const [, mark = "", stamp = "", domain = "", local = ""] =
    /^SRS0=([^=]*)=([^=]*)=([^=]*)=(.*)$/is.exec(text) ?? [];
  if (local === "") return undefined;
  const original = `${formatLocalPart(local)}@${domain}`;
  return { mark, stamp, parts: ["SRS0", domain, local], original };
}

// ---- SRS1: the sender is a forward's return already, of another host. The first host that rewrote it knows the sender, so
// a report goes straight back to that one; its own mark and day stay as they are. ----

function makeLater(
  local: string,
  domain: Domain,
  { domain: ours, key, today }: ReturnMaker,
): string | undefined {
  const forwarded = firstHost(local, domain);
  if (forwarded === undefined) return undefined;
  const { host, rest } = forwarded;
  const mark = markOf([ours, "SRS1", host, rest], today, key);
  return `SRS1=${mark}${stampOf(today)}=${host}=${rest}`;
}

/** `rest` is what stands behind "SRS0" there, its separator included. */
function firstHost(local: string, domain: Domain): { host: string; rest: string } | undefined {
  const first = /^SRS0([-+=].*)$/is.exec(local);
  if (first !== null) return { host: domain, rest: first[1] ?? "" };
  const later = /^SRS1[-+=][^=]*=([^=]+)=([-+=].*)$/is.exec(local);
  return later === null ? undefined : { host: later[1] ?? "", rest: later[2] ?? "" };
}

function readLater(text: string): Unproved | undefined {
  const [, sealed = "", host = "", rest = ""] =
    /^SRS1=([^=]*)=([^=]*)=([-+=].*)$/is.exec(text) ?? [];
  if (rest === "") return undefined;
  const mark = sealed.slice(0, MARK_LETTERS);
  const stamp = sealed.slice(MARK_LETTERS);
  const original = `${formatLocalPart(`SRS0${rest}`)}@${host}`;
  return { mark, stamp, parts: ["SRS1", host, rest], original };
}

const MARK_LETTERS = (MARK_OCTETS * 8) / 5;

function mustBeAddress(text: string): Address {
  const address = parseAddress(text);
  if (typeof address === "string") throw new Error(`${text}: ${address}`);
  return address;
}
