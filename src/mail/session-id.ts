/**
 * The names under which a session and its messages are found again: in the reply, the Received field,
 * the log and the journal. Random, so they leak no volume; a message's id is its session's with a number.
 */
declare const identified: unique symbol;

/** Twelve characters of [0-9a-z]: about 62 random bits. */
export type SessionId = string & { readonly [identified]: "session" };

/** "sessionid-1": the first message of that session. */
export type MessageId = string & { readonly [identified]: "message" };

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
const LENGTH = 12;

/** Octets of randomness that `sessionId` takes. */
export const SESSION_ID_ENTROPY_OCTETS = LENGTH;

/** Makes an id of `SESSION_ID_ENTROPY_OCTETS` random octets. The bias of `% 36` costs less than a bit in all. */
export function sessionId(random: Uint8Array): SessionId {
  if (random.length < LENGTH) throw new RangeError(`a session id takes ${LENGTH} random octets`);
  let id = "";
  for (let i = 0; i < LENGTH; i++) id += DIGITS.charAt((random[i] ?? 0) % 36);
  return id as SessionId; // made of DIGITS just now
}

/** The id of the `ordinal`-th message of a session, counted from 1. */
export function messageId(session: SessionId, ordinal: number): MessageId {
  return `${session}-${ordinal}` as MessageId; // a SessionId and a number
}

/** The session that a message came in by. */
export function messageSession(message: MessageId): SessionId {
  return message.slice(0, LENGTH) as SessionId; // a MessageId begins with one
}

/** Reads what a person typed: a session's id, or a message's, whose session is meant. */
export function parseSessionId(text: string): SessionId | undefined {
  const match = /^([0-9a-z]{12})(?:-[1-9][0-9]*)?$/.exec(text);
  return match?.[1] as SessionId | undefined; // the expression has just checked it
}
