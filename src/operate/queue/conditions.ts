/**
 * What an operator says about rows, read into the filter that finds them. Addresses are brought into the form in which
 * the queue keeps them; ages are counted from a moment that is given. What cannot be read comes back as words.
 */
import {
  faultText,
  foldAscii,
  formatAddress,
  journalKey,
  parseAddress,
  parseDomain,
  parseSessionId,
  type Address,
  type MessageId,
} from "../../mail/index.ts";
import type { QueueFilter, QueueId } from "../../store/index.ts";
import { parseDuration } from "./times.ts";

/** As typed; what was not said is absent. */
export interface QueueConditions {
  /** "<>" is the null path. */
  readonly sender?: string;
  readonly recipient?: string;
  readonly domain?: string;
  readonly login?: string;
  readonly message?: string;
  readonly destination?: string;
  readonly olderThan?: string;
  readonly newerThan?: string;
  readonly held?: boolean;
}

export function readConditions(said: QueueConditions, now: number): QueueFilter | string {
  const parts: readonly (QueueFilter | string)[] = [
    told(said.sender, readSender),
    told(said.recipient, readRecipient),
    told(said.domain, readDomain),
    told(said.login, readLogin),
    told(said.message, readMessage),
    told(said.destination, (text) => ({ destination: foldAscii(text) })),
    told(said.olderThan, (text) => readAge(text, (ms) => ({ acceptedBefore: now - ms }))),
    told(said.newerThan, (text) => readAge(text, (ms) => ({ acceptedFrom: now - ms }))),
    said.held === true ? { held: true } : {},
  ];
  let filter: QueueFilter = {};
  for (const part of parts) {
    if (typeof part === "string") return part;
    filter = { ...filter, ...part };
  }
  return filter;
}

/** A row by its number, or all rows of a message by its id. */
export function readName(text: string): QueueFilter | string {
  // Twelve digits would be a session; a queue never counts so far.
  if (/^[0-9]{1,11}$/.test(text)) return { id: Number(text) as QueueId }; // only the queue knows if there is one
  return readMessage(text);
}

type Reader = (text: string) => QueueFilter | string;

function told(text: string | undefined, read: Reader): QueueFilter | string {
  return text === undefined ? {} : read(text);
}

function readSender(text: string): QueueFilter | string {
  if (text === "" || text === "<>") return { reversePath: "" };
  return withAddress(text, (address) => ({ reversePath: formatAddress(address) }));
}

function readRecipient(text: string): QueueFilter | string {
  return withAddress(text, (address) => ({ forwardPath: formatAddress(address) }));
}

function readLogin(text: string): QueueFilter | string {
  return withAddress(text, (address) => ({ login: journalKey(address) }));
}

function withAddress(
  text: string,
  filter: (address: Address) => QueueFilter,
): QueueFilter | string {
  const bare = /^<(.*)>$/.exec(text)?.[1] ?? text;
  const address = parseAddress(bare);
  if (typeof address === "string") return `"${text}" is no address: ${faultText(address)}`;
  return filter(address);
}

function readDomain(text: string): QueueFilter | string {
  const domain = parseDomain(text);
  return domain === undefined ? `"${text}" is no domain name` : { domain };
}

function readMessage(text: string): QueueFilter | string {
  const session = parseSessionId(text);
  if (session === undefined)
    return `"${text}" names nothing in a queue; expected a number such as 1042, or a message such as uv04j8ros3m6-1`;
  if (session === text)
    return `"${text}" names a session; its messages are ${session}-1, ${session}-2 and so on`;
  return { message: text as MessageId }; // a session's id with a number, as has just been seen
}

function readAge(text: string, filter: (ms: number) => QueueFilter): QueueFilter | string {
  const ms = parseDuration(text);
  return ms === undefined ? `"${text}" is no age; expected one such as 30m, 2h or 3d` : filter(ms);
}
