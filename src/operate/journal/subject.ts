/** What a person asks about: a session, a message, an address or a host, told apart by its form. */
import {
  isMessageId,
  journalKey,
  parseAddress,
  parseIp,
  parseSessionId,
} from "../../mail/index.ts";
import type { JournalQuery } from "../../store/index.ts";

/** Rows shown of an address or a host. */
const ROWS = 50;

/**
 * The questions that the text may mean, the likeliest first; none when it is nothing of the kind. A Message-ID has often the form of an
 * address: with angle brackets it is one before it is an address, without them after that.
 */
export function readSubject(text: string): readonly JournalQuery[] {
  const session = parseSessionId(text);
  if (session !== undefined) return [{ kind: "session", session }];
  const ip = parseIp(text);
  if (ip !== undefined) return [{ kind: "ip", ip, limit: ROWS }];
  const bracketed = /^<([^<>\s]+)>$/.exec(text)?.[1];
  const address = addressKeyOf(bracketed ?? text);
  const messageId = messageIdKeyOf(bracketed ?? text);
  const keys = bracketed === undefined ? [address, messageId] : [messageId, address];
  return keys.flatMap((key) =>
    key === undefined ? [] : [{ kind: "address", address: key, limit: ROWS }],
  );
}

/** As the journal keeps a message's own Message-ID. */
function messageIdKeyOf(text: string): string | undefined {
  return isMessageId(`<${text}>`) ? `<${text}>` : undefined;
}

/** `<postmaster>` has no domain (RFC 5321 §4.1.1.3) and stands in the journal as it was written. */
function addressKeyOf(text: string): string | undefined {
  if (text.toLowerCase() === "postmaster") return "postmaster";
  const address = parseAddress(text);
  return typeof address === "string" ? undefined : journalKey(address);
}
