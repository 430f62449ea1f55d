/** What a user is told of those whom a list has kept from writing to him. Pure. */
import { visible } from "../../mail/index.ts";
import { timeText } from "../journal/index.ts";
import type { AmnestyWindow, KeptOut } from "./amnesty.ts";

/** Senders that a mail names. */
const NAMED = 200;

export function amnestySubject(list: string): string {
  return `Mail to you that ${list} has kept out`;
}

/** `all`: of this user. */
export function amnestyLines(
  list: string,
  { since, until }: AmnestyWindow,
  all: readonly KeptOut[],
): readonly string[] {
  const left = all.length - NAMED;
  return [
    `From ${timeText(since)} to ${timeText(until)} UTC the list ${list}`,
    "was wrong about senders. It had its part in keeping out mail to you:",
    "",
    ...all.slice(0, NAMED).map(line),
    ...(left > 0 ? [`and ${left} more`] : []),
    "",
    "Who was refused was told so by his own mail server, and may not try again: if you",
    "have waited for mail from somebody above, ask for it once more. Who was put off",
    "has tried again by himself, or will. Some of them may have been rightly listed.",
    "",
  ];
}

function line({ at, sender, recipient, action, times }: KeptOut): string {
  const what = action === "refuse" ? "refused" : "put off";
  const often = times === 1 ? "" : `, ${times} times`;
  const from = sender === "" ? "a server (a report, no sender)" : visible(sender);
  return `  ${timeText(at)}  ${what}${often}  ${from}  to ${visible(recipient)}`;
}
