/** How a session may begin, so that what comes after it gets far: a delivery as it should be, or a login. */
import type { Dice } from "../dice.ts";
import { PASSWORD } from "../pop3/scram.ts";
import type { Happening } from "../scenario.ts";
import { PEOPLE } from "./site.ts";

export type Service = "smtp" | "pop3";

export function opening(dice: Dice, service: Service): Happening[] {
  if (dice.chance(40)) return [];
  return [Buffer.from(service === "smtp" ? delivery(dice) : login(dice), "latin1")];
}

function login(dice: Dice): string {
  return `USER ${dice.pick(PEOPLE)}\r\nPASS ${PASSWORD}\r\n`;
}

function delivery(dice: Dice): string {
  const recipient = () =>
    dice.pick([...PEOPLE, "x@local.example", "postmaster", "victim@foreign.example"]);
  const recipients = Array.from({ length: 1 + dice.below(3) }, recipient);
  const lines = dice.pick(["Subject: x\r\n\r\n", "\r\n", "no header\r\n", ".\r\n..\r\n"]);
  const content = lines + "y".repeat(dice.below(300)) + dice.pick(["\r\n", "", "\r\n.x\r\n"]);
  return [
    "EHLO client.example",
    `MAIL FROM:${dice.pick(["<>", "<sender@remote.example>", "<ann@local.example>"])}`,
    ...recipients.map((to) => `RCPT TO:<${to}>`),
    dice.chance(30) ? chunks(content, dice) : `DATA\r\n${stuffed(content)}`,
    "",
  ].join("\r\n");
}

function chunks(content: string, dice: Dice): string {
  const cut = dice.below(content.length);
  const rest = content.length - cut;
  return `BDAT ${cut}\r\n${content.slice(0, cut)}BDAT ${rest} LAST\r\n${content.slice(cut)}NOOP`;
}

function stuffed(content: string): string {
  return `${`\r\n${content}`.replaceAll("\r\n.", "\r\n..").slice(2)}\r\n.`;
}
