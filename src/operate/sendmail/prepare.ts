/** From a call, a message and a login to what is submitted; or why that cannot be. Pure. */
import {
  faultText,
  formatAddress,
  formatHost,
  parseAddress,
  type Address,
  type ReversePath,
} from "../../mail/index.ts";
import { readAddresses, type Named } from "./addresses.ts";
import { EXITS, type Exit } from "./exits.ts";
import { fieldTexts, sectionsOf, withFrom, withoutFields } from "./header.ts";
import type { SendmailCall } from "./options.ts";
import type { Submission } from "./submission.ts";

/** Whose mail it is. */
export interface OwnAddresses {
  /** The sender, where none is named; names without a domain are of its domain. */
  readonly from: Address;
  /** Takes all mail for names without a domain instead. */
  readonly localMail?: Address;
}

export interface Unprepared {
  readonly exit: Exit;
  readonly problem: string;
}

export function prepare(
  call: SendmailCall,
  content: Uint8Array,
  own: OwnAddresses,
): Submission | Unprepared {
  const { header, body } = sectionsOf(content);
  const lists = call.fromHeader ? TO_FIELDS.flatMap((field) => fieldTexts(header, field)) : [];
  const recipients = readRecipients(call.recipients, EXITS.usage, own);
  if ("problem" in recipients) return recipients;
  const inHeader = readRecipients(lists, EXITS.data, own);
  if ("problem" in inHeader) return inHeader;
  const all = eachOnce([...recipients, ...inHeader]);
  if (all.length === 0) return unprepared(EXITS.usage, noRecipients(call));
  const reversePath = readSender(call.sender, own);
  if (typeof reversePath === "string") return unprepared(EXITS.usage, reversePath);
  const { notify, ret, envid } = call;
  const complete = withFrom(withoutFields(header, "Bcc"), own.from, call.name);
  const whole = Buffer.concat([complete, EMPTY_LINE, body]);
  return {
    reversePath,
    recipients: all,
    ...(notify !== undefined && { notify }),
    ...(ret !== undefined && { ret }),
    ...(envid !== undefined && { envid }),
    body: whole.some((octet) => octet > 0x7f) ? "8BITMIME" : "7BIT",
    content: whole,
  };
}

const TO_FIELDS = ["To", "Cc", "Bcc"] as const;
const EMPTY_LINE = Buffer.from("\r\n");

function readRecipients(
  texts: readonly string[],
  exit: Exit,
  own: OwnAddresses,
): readonly Address[] | Unprepared {
  const found: Address[] = [];
  for (const text of texts) {
    const named = readAddresses(text);
    if (typeof named === "string") return unprepared(exit, named);
    for (const one of named) {
      const address = qualified(one, own);
      if (typeof address === "string") return unprepared(exit, address);
      found.push(address);
    }
  }
  return found;
}

function qualified(named: Named, { from, localMail }: OwnAddresses): Address | string {
  if (named.kind === "address") return named.address;
  if (localMail !== undefined) return localMail;
  const text = `${named.name}@${formatHost(from.host)}`;
  const address = parseAddress(text);
  return typeof address === "string" ? `"${text}" cannot be used: ${faultText(address)}` : address;
}

/** `-f root` is a user of this machine, whom the server does not know. */
function readSender(text: string | undefined, { from }: OwnAddresses): ReversePath | string {
  if (text === undefined) return from;
  const bare = text.replace(/^<(.*)>$/, "$1");
  if (bare === "") return null;
  const address = parseAddress(bare);
  if (address === "unqualified") return from;
  return typeof address === "string" ? `-f "${text}": ${faultText(address)}` : address;
}

function eachOnce(addresses: readonly Address[]): readonly Address[] {
  return [...new Map(addresses.map((address) => [formatAddress(address), address])).values()];
}

function noRecipients({ fromHeader }: SendmailCall): string {
  return fromHeader
    ? "nobody is named in To, Cc or Bcc"
    : "who is to get it? Name recipients, or say -t where they are in the header";
}

function unprepared(exit: Exit, problem: string): Unprepared {
  return { exit, problem };
}
