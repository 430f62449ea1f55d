/** What the operator is told when a mailbox has sent too much: what happened, what it may mean, what to type. Pure. */
import { dateTime } from "../../mail/index.ts";

export interface LimitNotice {
  /** `local@domain`. */
  readonly login: string;
  /** The client that reached it. */
  readonly ip: string;
  /** What the client was told. */
  readonly words: string;
  /** Recipients in the queue that are held. */
  readonly held: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The text of a letter. */
export function limitNotice({ login, ip, words, held, at }: LimitNotice): string {
  return [
    `${login} cannot send at the moment:`,
    "",
    `  ${words}`,
    "",
    `It was told so at ${dateTime(at)}, to a client at ${ip}.`,
    `${heldText(held)} This is written once a day.`,
    "",
    "A stolen password sends like this, and so does somebody with a newsletter.",
    "From where it sent, and to whom:",
    "",
    `  gatepost explain ${login}`,
    "",
    "If the password was stolen, give the mailbox another one, and remove what is held:",
    "",
    `  gatepost mailbox passwd ${login}`,
    `  gatepost queue remove --login ${login}`,
    "",
    "If all is well, let it go; and where that is usual, raise the limit:",
    "",
    `  gatepost queue release --login ${login}`,
    `  gatepost mailbox set ${login} --sending-limit 5x`,
    "",
  ].join("\r\n");
}

function heldText(held: number): string {
  if (held === 0) return "Nothing of it was waiting in the queue.";
  const many = held === 1 ? "1 recipient" : `${held} recipients`;
  return `What it had in the queue, for ${many}, is held.`;
}
