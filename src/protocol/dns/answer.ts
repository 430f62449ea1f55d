/**
 * What a message that came back means for the question that was sent. Pure, never throws, in linear time. A message
 * that is not plainly the answer to it (id, name, type, class, and the case of the name) is never taken for one.
 */
import { foldAscii } from "../../mail/index.ts";
import { isWithin, type DnsName } from "./name.ts";
import { readData } from "./packet.ts";
import { answerLimit, type Question } from "./question.ts";
import { TYPE_NUMBERS, type RecordData, type RecordType } from "./records.ts";
import { ALIASES_LIMIT, type Absent, type FailureReason, type Found } from "./resolver.ts";
import {
  readHeader,
  readQuestion,
  readSections,
  type Header,
  type Sections,
  type WireQuestion,
  type WireRecord,
} from "./skeleton.ts";

export type Reading<Type extends RecordType> =
  /** No answer to this question: somebody's guess, or one that comes late. Wait on. */
  | { readonly kind: "stray" }
  /** Ask this server once more, over TCP or without EDNS. */
  | { readonly kind: "instead"; readonly by: "tcp" | "plain" }
  | { readonly kind: "failed"; readonly why: FailureReason }
  /** It leads on to another name, about which this message says nothing. */
  | Alias
  | Found<Type>
  | Absent;

interface Alias {
  readonly kind: "alias";
  readonly target: DnsName;
  readonly ttl: number;
  readonly authentic: boolean;
}

const INTERNET = 1;

/** RFC 1035 §4.1.1, RFC 6891 §9 */
const RCODE = {
  noError: 0,
  formatError: 1,
  noSuchName: 3,
  notImplemented: 4,
  refused: 5,
  badVersion: 16,
} as const;

/** Those of a server that knows no EDNS, or not this one (RFC 6891 §7, §6.1.3). */
const NO_EDNS: readonly number[] = [RCODE.formatError, RCODE.notImplemented, RCODE.badVersion];

const MALFORMED = { kind: "failed", why: "malformed" } as const;
const SERVFAIL = { kind: "failed", why: "servfail" } as const;

/** `question.type` is the type; it is given once more for the compiler. */
export function readAnswer<Type extends RecordType>(
  octets: Uint8Array,
  question: Question,
  type: Type,
): Reading<Type> {
  const { manner } = question;
  const header = readHeader(octets);
  if (header === undefined || header.id !== question.id) return { kind: "stray" };
  if (!header.isAnswer || header.opcode !== 0) return { kind: "stray" };
  const noEdns = manner.edns && NO_EDNS.includes(header.rcode);
  // Whoever cannot read the question may not repeat it. All that a forger gains is a plainer question.
  if (noEdns && header.counts.questions === 0) return { kind: "instead", by: "plain" };

  const asked = header.counts.questions === 1 ? readQuestion(octets) : undefined;
  if (asked === undefined || !isSame(asked, question)) return { kind: "stray" };
  if (noEdns) return { kind: "instead", by: "plain" };
  const oversized = octets.length > answerLimit(manner);
  // With TCP there is nothing to guess: some servers fold the name.
  const recased = asked.spelling !== question.spelling && manner.transport === "udp";
  if (recased || oversized || header.truncated)
    return manner.transport === "udp" ? { kind: "instead", by: "tcp" } : MALFORMED;

  const sections = readSections(octets, asked.end, header.counts);
  if (sections === undefined) return MALFORMED;
  const rcode = sections.extendedRcode * 16 + header.rcode;
  return readResult(rcode, manner.edns) ?? readRecords(octets, question, type, header, sections);
}

function isSame(asked: WireQuestion, { name, type }: Question): boolean {
  if (asked.spelling === undefined || asked.class !== INTERNET) return false;
  return asked.type === TYPE_NUMBERS[type] && foldAscii(asked.spelling) === name;
}

/** Undefined where the records tell. */
function readResult(rcode: number, edns: boolean): Reading<never> | undefined {
  if (rcode === RCODE.noError || rcode === RCODE.noSuchName) return undefined;
  if (edns && NO_EDNS.includes(rcode)) return { kind: "instead", by: "plain" };
  return rcode === RCODE.refused ? { kind: "failed", why: "refused" } : SERVFAIL;
}

/** Along the aliases in the answer section to the records asked for, or to where there are none. */
function readRecords<Type extends RecordType>(
  octets: Uint8Array,
  question: Question,
  type: Type,
  header: Header,
  sections: Sections,
): Reading<Type> {
  const authentic = header.authentic && question.trusted;
  const nameIsThere = header.rcode === RCODE.noError;
  let name = question.name;
  let ttl = Number.POSITIVE_INFINITY;
  for (let aliases = 0; aliases <= ALIASES_LIMIT; aliases++) {
    const wanted = recordsOf(sections.answers, name, type);
    if (wanted.length > 0) {
      const records = readAll(octets, wanted, type);
      if (records === undefined || !nameIsThere) return MALFORMED;
      return { kind: "found", name, records, ttl: Math.min(ttl, leastTtl(wanted)), authentic };
    }
    const aliasesHere = recordsOf(sections.answers, name, "CNAME");
    if (aliasesHere.length === 0) break;
    const targets = readAll(octets, aliasesHere, "CNAME");
    const [target] = targets ?? [];
    if (target === undefined || targets?.some((other) => other !== target)) return MALFORMED;
    if (aliases === ALIASES_LIMIT) return { kind: "failed", why: "alias-loop" };
    ttl = Math.min(ttl, leastTtl(aliasesHere));
    name = target;
  }

  const end = endOfZone(octets, sections.authorities, name);
  const believed = Math.min(ttl, end ?? 0);
  if (!nameIsThere) return { kind: "no-such-name", ttl: believed, authentic };
  if (end !== undefined) return { kind: "no-data", ttl: believed, authentic };
  if (name !== question.name) return { kind: "alias", target: name, ttl, authentic };
  // Only pointing to other servers, it did not look (RFC 2308 §2.2: a referral is no denial).
  const refers = sections.authorities.some((record) => record.type === TYPE_NUMBERS.NS);
  return refers ? SERVFAIL : { kind: "no-data", ttl: 0, authentic };
}

function recordsOf(
  records: readonly WireRecord[],
  name: DnsName,
  type: RecordType,
): readonly WireRecord[] {
  const number = TYPE_NUMBERS[type];
  return records.filter(
    (record) => record.type === number && record.owner === name && record.class === INTERNET,
  );
}

/** One that cannot be read spoils them all: what is missing might be what matters. */
function readAll<Type extends RecordType>(
  octets: Uint8Array,
  records: readonly WireRecord[],
  type: Type,
): readonly RecordData[Type][] | undefined {
  const all: RecordData[Type][] = [];
  for (const record of records) {
    const data = readData(octets, record, type);
    if (data === undefined) return undefined;
    all.push(data);
  }
  return all;
}

function leastTtl(records: readonly WireRecord[]): number {
  return Math.min(...records.map(({ ttl }) => seconds(ttl))); // there are 1000 at most
}

/** RFC 2181 §8: with the highest bit set it is nought. */
function seconds(ttl: number): number {
  return ttl > 0x7fff_ffff ? 0 : ttl;
}

/** RFC 2308 §5: how long a denial is believed, by the SOA record of the zone that the name would be in. */
function endOfZone(
  octets: Uint8Array,
  authorities: readonly WireRecord[],
  name: DnsName,
): number | undefined {
  for (const record of authorities) {
    if (record.type !== TYPE_NUMBERS.SOA || record.class !== INTERNET) continue;
    if (record.owner === undefined || !isWithin(name, record.owner)) continue;
    const authority = readData(octets, record, "SOA");
    if (authority !== undefined) return Math.min(seconds(record.ttl), seconds(authority.minimum));
  }
  return undefined;
}
