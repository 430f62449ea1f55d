/**
 * `_mta-sts.example.org`, whose TXT record says that there is a policy, and by its id whether it has changed (RFC 8461 §3.1).
 * Anything but exactly one good record is none.
 */
import { parseName, type DnsName } from "../../protocol/dns/index.ts";

const VERSION = "v=STSv1";

/** Octets of a record that is looked at; id and a few extensions need a tenth. */
const RECORD_OCTETS_LIMIT = 2048;

/** Undefined where that is too long to be a name. */
export function stsRecordName(domain: string): DnsName | undefined {
  return parseName(`_mta-sts.${domain}`);
}

/** The id in the TXT records of that name. */
export function stsIdOf(records: readonly Uint8Array[]): string | undefined {
  const ours = records.map(asciiOf).filter((text) => text !== undefined && isSts(text));
  const [only] = ours;
  return ours.length === 1 && only !== undefined ? idIn(only) : undefined;
}

function isSts(text: string): boolean {
  return text.startsWith(VERSION) && /^[ \t]{0,8};/.test(text.slice(VERSION.length));
}

function asciiOf(octets: Uint8Array): string | undefined {
  if (octets.length > RECORD_OCTETS_LIMIT) return undefined;
  const text = String.fromCharCode(...octets);
  return /^[\t\x20-\x7e]*$/.test(text) ? text : undefined;
}

function idIn(text: string): string | undefined {
  const [, ...fields] = text.split(";").map((field) => field.replace(/^[ \t]+/, "").trimEnd());
  if (fields.at(-1) === "") fields.pop(); // the last semicolon may stand
  if (!fields.every(isField)) return undefined;
  const ids = fields.filter((field) => field.startsWith("id=")).map((field) => field.slice(3));
  const [id] = ids;
  return ids.length === 1 && id !== undefined && /^[A-Za-z0-9]{1,32}$/.test(id) ? id : undefined;
}

function isField(field: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[!-:<>-~]+$/.test(field);
}
