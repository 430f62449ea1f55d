/**
 * Clients of a POP3 server: mostly sessions that log in and fetch, with something in them that is nearly right, in an odd
 * place, or cut short. All follows from the dice.
 */
import type { Dice } from "../dice.ts";
import { CRLF, line, rubbish } from "../lines.ts";
import { EVENTS, type Happening } from "../scenario.ts";
import { login, verb, type People } from "./logins.ts";

/** What the client sends and what happens, in order. `text` holds octets as characters. */
export function pop3Happenings(dice: Dice, people?: People): Happening[] {
  const happenings: Happening[] = [];
  let text = "";
  const send = (): void => {
    if (text !== "") happenings.push(Uint8Array.from(Buffer.from(text, "latin1")));
    text = "";
  };
  const add = (part: string): void => {
    text += part;
    if (text.endsWith(`STLS${CRLF}`) && dice.chance(85)) {
      send();
      if (dice.chance(95)) happenings.push("TLS");
    } else if (dice.chance(4)) {
      send();
      happenings.push(dice.pick(EVENTS));
    } else if (dice.chance(10)) {
      send();
    }
  };
  for (const part of beginning(dice, people)) add(part);
  for (let i = 1 + dice.below(14); i > 0; i--) add(command(dice, people));
  if (dice.chance(60)) add(line(dice, "QUIT"));
  send();
  return happenings;
}

/** Mostly TLS and a login; a second one for who had no luck. */
function beginning(dice: Dice, people?: People): string[] {
  const parts: string[] = [];
  if (dice.chance(15)) parts.push(line(dice, dice.pick(["CAPA", "UTF8", "USER ann", "NOOP"])));
  if (dice.chance(65)) parts.push(`STLS${CRLF}`);
  if (dice.chance(10)) parts.push(line(dice, dice.pick(["PASS secret", "UTF8", "CAPA", "STLS"])));
  if (dice.chance(95)) parts.push(login(dice, people));
  if (dice.chance(25)) parts.push(login(dice, people));
  return parts;
}

function command(dice: Dice, people?: People): string {
  return dice.weighted([
    [14, () => line(dice, `${verb(dice, "RETR")} ${number(dice)}`)],
    [8, () => line(dice, `${verb(dice, "TOP")} ${number(dice)} ${lines(dice)}`)],
    [16, () => line(dice, `${verb(dice, "DELE")} ${number(dice)}`)],
    [6, () => line(dice, `${verb(dice, "LIST")} ${number(dice)}`)],
    [6, () => line(dice, `${verb(dice, "UIDL")} ${number(dice)}`)],
    [16, () => line(dice, verb(dice, dice.pick(["STAT", "LIST", "UIDL", "RSET", "NOOP", "CAPA"])))],
    [3, () => login(dice, people)],
    [2, () => line(dice, "STLS")],
    [2, () => line(dice, "UTF8")],
    [3, () => line(dice, dice.pick(["QUIT", "quit", "QUIT "]))],
    [4, () => line(dice, strange(dice))],
    [1, () => rubbish(dice)],
  ])();
}

/** Maildrops here hold a handful of messages, now and then none or many. */
function number(dice: Dice): string {
  return dice.weighted([
    [40, String(1 + dice.below(4))],
    [4, String(dice.below(9))],
    [1, String(490 + dice.below(20))],
    [1, "0003"],
    [
      3,
      dice.pick(["", "x", "-1", "+1", "1.0", "1e0", "0x1", " 1", "1 ", "1 1", "\xd9\xa1", "1\t"]),
    ],
    [1, dice.pick(["9999999999", "10000000001", "9".repeat(30), "0".repeat(10)])],
  ]);
}

function lines(dice: Dice): string {
  return dice.weighted([
    [20, String(dice.below(5))],
    [2, "9999999999"],
    [2, dice.pick(["", "x", "-1", "1 1", " 1"])],
  ]);
}

function strange(dice: Dice): string {
  return dice.pick([
    "APOP ann c4c9334bac560ecc979e58001b3e22fb",
    "APOP",
    "NOOP now",
    "QUIT now",
    "STLS now",
    "STAT 1",
    "RSET ",
    "UTF8 USER",
    "LAST",
    "XTND XMIT",
    "LANG *",
    "",
    " NOOP",
    "NOOP\t",
    "PASS",
    "\xff\xfe",
    "\xef\xbb\xbfNOOP",
    "__proto__",
    "GET / HTTP/1.1",
    `NOOP ${"x".repeat(dice.pick([53, 54, 248, 249, 250, 3000]))}`,
    "x".repeat(dice.pick([58, 59, 253, 254, 256])),
  ]);
}
