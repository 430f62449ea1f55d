/**
 * Every text that the POP3 server says. Status indicators are RFC 1939 §3's, response codes those of RFC 2449
 * §8 and RFC 3206; a line is at most 512 octets. Nobody else writes a reply.
 */
import type { SaslFault } from "../sasl/index.ts";
import type { LoginDenial } from "./requests.ts";

/**
 * A refusal in words. `counted`: the client did something wrong, and too much of that ends the connection;
 * our own troubles and a maildrop in use are never held against it.
 */
interface Refusal {
  readonly code?: "AUTH" | "IN-USE" | "SYS/TEMP" | "SYS/PERM" | "UTF8";
  readonly text: string;
  readonly counted: boolean;
}

const CLIENT = { counted: true } as const;
const NOT_CLIENT = { counted: false } as const;

const REFUSALS = {
  "unknown-command": { text: "unknown command", ...CLIENT },
  "bad-arguments": { text: "these arguments do not go with this command", ...CLIENT },
  "not-utf8": { text: "this line is not UTF-8", ...CLIENT },
  "line-too-long": { text: "this line is too long", ...CLIENT },
  "log-in-first": { text: "log in first", ...CLIENT },
  "logged-in-already": { text: "you are logged in already", ...CLIENT },
  "user-first": { text: "say USER first", ...CLIENT },
  // RFC 1939 §7: APOP needs passwords that the server can read, and ours it cannot.
  "no-apop": { text: "APOP is not possible here, say USER and PASS, or AUTH", ...CLIENT },
  "no-mechanism": {
    text: "this mechanism is not known here, CAPA lists those that are",
    ...CLIENT,
  },
  "no-stls": { text: "STLS is not possible on this connection", ...CLIENT },
  "already-secured": { text: "TLS stands already", ...CLIENT },
  // RFC 3206 §4: [AUTH] is also for a login that policy forbids here.
  "stls-first": { code: "AUTH", text: "no password without TLS, use STLS first", ...CLIENT },
  "no-tls-here": { code: "AUTH", text: "no password without TLS, use the POP3S port", ...CLIENT },
  malformed: { text: "this is no message of this mechanism", ...CLIENT },
  "other-identity": { code: "AUTH", text: "you can log in only as yourself", ...CLIENT },
  "channel-binding": { text: "this channel binding is not offered here", ...CLIENT },
  intercepted: {
    code: "AUTH",
    text: "this login was not made for this connection, somebody may be in between",
    ...CLIENT,
  },
  "login-cancelled": { text: "login cancelled", ...NOT_CLIENT },
  wrong: { code: "AUTH", text: "wrong name or password", ...CLIENT },
  disabled: { code: "AUTH", text: "this mailbox is disabled", ...CLIENT },
  busy: { code: "SYS/TEMP", text: "too many logins at once, try again soon", ...NOT_CLIENT },
  // Not [AUTH], at which clients throw a good password away; and not [LOGIN-DELAY], which is for a mailbox that was
  // opened a moment ago (RFC 2449 §8.1.1).
  slowed: {
    code: "SYS/TEMP",
    text: "too many wrong passwords came from your address, try again later",
    ...NOT_CLIENT,
  },
  unavailable: {
    code: "SYS/TEMP",
    text: "the mail store does not answer, try again later",
    ...NOT_CLIENT,
  },
  damaged: {
    code: "SYS/PERM",
    text: "this account is damaged, only its administrator can mend it",
    ...NOT_CLIENT,
  },
  "in-use": { code: "IN-USE", text: "another session is using this maildrop", ...NOT_CLIENT },
  "no-message": { text: "no such message", ...NOT_CLIENT },
  gone: { text: "this message has been removed meanwhile", ...NOT_CLIENT },
  "message-damaged": {
    code: "SYS/PERM",
    text: "this message is damaged in the store",
    ...NOT_CLIENT,
  },
  "needs-utf8": {
    code: "UTF8",
    text: "this message has international headers, say UTF8 before you log in",
    ...NOT_CLIENT,
  },
  "nothing-removed": {
    code: "SYS/TEMP",
    text: "the mail store does not answer, nothing was deleted",
    ...NOT_CLIENT,
  },
  "too-many-errors": { text: "too many errors", ...NOT_CLIENT },
  stopping: {
    code: "SYS/TEMP",
    text: "this server is stopping, nothing was deleted",
    ...NOT_CLIENT,
  },
  "bare CR": { text: "lines end in CR LF, and here stands a CR alone", ...NOT_CLIENT },
  "bare LF": { text: "lines end in CR LF, and here stands an LF alone", ...NOT_CLIENT },
  NUL: { text: "a NUL has no place here", ...NOT_CLIENT },
} as const satisfies Record<string, Refusal> & Record<LoginDenial | SaslFault, Refusal>;

export type RefusalName = keyof typeof REFUSALS;

export function isCounted(name: RefusalName): boolean {
  return REFUSALS[name].counted;
}

/** The -ERR line; it names the session, so that a user can ask about it. */
export function refusalLine(name: RefusalName, sessionId: string): string {
  const refusal: Refusal = REFUSALS[name];
  const code = refusal.code === undefined ? "" : `[${refusal.code}] `;
  return `-ERR ${code}${refusal.text} (${sessionId})\r\n`;
}

/** Said instead of a greeting by a server that takes no more connections; `why` in a few words of ASCII. */
export function fullLine(why: string): string {
  return `-ERR [SYS/TEMP] ${why}\r\n`;
}

/** RFC 1939 §4. No "<": a timestamp in angle brackets would offer APOP. */
export function greeting(hostname: string, sessionId: string): string {
  return `+OK ${hostname} POP3 ready (${sessionId})\r\n`;
}

/** The positive replies of one line, and the first lines of longer ones. */
export const OK = {
  user: "+OK now the password\r\n",
  /** RFC 5034 §4; base64, and nothing at all is a challenge too. */
  challenge: (base64: string) => `+ ${base64}\r\n`,
  stls: "+OK begin TLS\r\n",
  utf8: "+OK UTF-8 it is\r\n",
  noop: "+OK\r\n",
  quit: "+OK bye\r\n",
  opened: (count: number) => `+OK ${messages(count)}\r\n`,
  /** A drop listing, or the scan or unique-id listing of one message (RFC 1939 §5, §7): two words, and nothing else. */
  listed: (first: number, second: number | string) => `+OK ${first} ${second}\r\n`,
  scanListing: (count: number, octets: number) => `+OK ${messages(count)} (${octets} octets)\r\n`,
  uniqueIds: "+OK unique ids\r\n",
  deleted: (number: number) => `+OK message ${number} will be deleted at QUIT\r\n`,
  reset: (count: number) => `+OK ${messages(count)}, none will be deleted\r\n`,
  removed: (count: number) => `+OK ${messages(count)} deleted, bye\r\n`,
  content: (octets: number) => `+OK ${octets} octets\r\n`,
  top: "+OK the top follows\r\n",
  capabilities: "+OK capabilities\r\n",
} as const;

/** The end of every multi-line reply (RFC 1939 §3). */
export const END_MARK = ".\r\n";

function messages(count: number): string {
  return count === 1 ? "1 message" : `${count} messages`;
}
