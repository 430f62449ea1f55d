/**
 * Clients of an SMTP server: mostly conversations that get far, with something in them that is nearly right, in an odd
 * place, or cut short. All follows from the dice.
 */
import type { Dice } from "../dice.ts";
import { CRLF, damaged, line, rubbish } from "../lines.ts";
import { PEOPLE, saslLogin } from "../pop3/logins.ts";
import { EXPORTER } from "../pop3/scram.ts";
import { EVENTS, type Happening } from "../scenario.ts";

/** How TLS begins on a port where one logs in. */
export type Submission = "starttls" | "tls";

/** What the client sends and what happens, in order. `text` holds octets as characters. */
export function smtpHappenings(dice: Dice, submission?: Submission): Happening[] {
  const happenings: Happening[] = [];
  let text = dice.chance(90) ? greeting(dice) : "";
  const send = (): void => {
    if (text !== "") happenings.push(Uint8Array.from(Buffer.from(text, "latin1")));
    text = "";
  };
  if (submission === "starttls" && dice.chance(85)) {
    text += `STARTTLS${CRLF}`;
    send();
    happenings.push("TLS");
    text = dice.chance(95) ? `EHLO client.example${CRLF}` : "";
  }
  if (submission !== undefined && dice.chance(70)) text += logIn(dice, submission);
  for (let i = 1 + dice.below(14); i > 0; i--) {
    text += submission !== undefined && dice.chance(15) ? logIn(dice, submission) : part(dice);
    if (text.endsWith(`STARTTLS${CRLF}`) && dice.chance(80)) {
      send();
      happenings.push("TLS");
    } else if (dice.chance(8)) {
      send();
      happenings.push(dice.pick(EVENTS));
    } else if (dice.chance(10)) {
      send();
    }
  }
  send();
  return happenings;
}

function logIn(dice: Dice, submission: Submission): string {
  return saslLogin(dice, PEOPLE, submission === "tls" ? EXPORTER : undefined);
}

function part(dice: Dice): string {
  return dice.weighted([
    [30, () => transaction(dice)],
    [10, () => mail(dice)],
    [16, () => rcpt(dice)],
    [8, () => line(dice, "DATA") + content(dice)],
    [8, () => chunk(dice)],
    [6, () => greeting(dice)],
    [14, () => line(dice, smallCommand(dice))],
    [3, () => line(dice, "STARTTLS")],
    [2, () => line(dice, "QUIT")],
    [3, () => rubbish(dice)],
  ])();
}

function transaction(dice: Dice): string {
  const recipients = Array.from({ length: 1 + dice.below(4) }, () => rcpt(dice)).join("");
  const way = dice.chance(50) ? line(dice, "DATA") + content(dice) : chunk(dice) + chunk(dice);
  return `${mail(dice)}${recipients}${way}`;
}

function greeting(dice: Dice): string {
  const name = dice.weighted([
    [10, "client.example"],
    [2, "[192.0.2.1]"],
    [1, "x"],
    [1, ""],
    [1, "two words"],
    [1, "a(b)"],
    [1, "\x1b[31m"],
    [1, "caf\xc3\xa9.example"],
    [1, "x".repeat(110)],
  ]);
  return line(dice, `${dice.pick(["EHLO", "HELO", "ehlo", "EHL", "HELO "])} ${name}`);
}

function mail(dice: Dice): string {
  const verb = dice.weighted([
    [20, "MAIL FROM:"],
    [2, "mail from: "],
    [1, "MAIL FROM :"],
    [1, "MAIL  FROM:"],
    [1, "MAIL TO:"],
    [1, "MA\xc4\xb1L FROM:"],
  ]);
  return line(dice, `${verb}${pathText(dice)}${parameters(dice)}`);
}

function rcpt(dice: Dice): string {
  const verb = dice.weighted([
    [20, "RCPT TO:"],
    [2, "rcpt to:  "],
    [1, "RCPT FROM:"],
    [1, "RCPT TO"],
    [1, "RCPT\tTO:"],
  ]);
  const extra = dice.chance(5) ? parameters(dice) : dice.chance(5) ? ` ${notice(dice)}` : "";
  return line(dice, `${verb}${pathText(dice)}${extra}`);
}

/** A path in brackets, or nearly one, octets as characters. */
export function pathText(dice: Dice): string {
  const inner = dice.weighted([
    [40, () => `${local(dice)}@${host(dice)}`],
    [4, () => `${route(dice)}${local(dice)}@${host(dice)}`],
    [3, () => ""],
    [2, () => dice.pick(["postmaster", "PostMaster", "postmaster@"])],
    [2, () => local(dice)],
    [2, () => `${local(dice)}@${local(dice)}@${host(dice)}`],
    [2, () => damaged(dice, `${local(dice)}@${host(dice)}`)],
    [1, () => `@${host(dice)}`],
  ])();
  return dice.weighted([
    [30, `<${inner}>`],
    [1, inner],
    [1, `<${inner}`],
    [1, `< ${inner}>`],
    [1, `<${inner}>>`],
    [1, `<<${inner}>`],
    [1, `"x" <${inner}>`],
  ]);
}

function local(dice: Dice): string {
  return dice.weighted([
    [30, () => dice.pick(["user", "ann", "a.b", "User+tag", "x"])],
    [
      3,
      () => dice.pick(["u%foreign.example", "foreign.example!u", "a/b", "|cmd", "#&*", "a=b{c}"]),
    ],
    [3, () => dice.pick([".a", "a.", "a..b", "..", "a b", "(c)a", "a,b", "a;b", "a:b", "a<b"])],
    [
      4,
      () => `"${dice.pick(["", "a b", "a@b", 'a\\"b', "a\\\\", "\\a", 'a"b', "a>b", "\\", "\t"])}"`,
    ],
    [
      2,
      () =>
        dice.pick(["caf\xc3\xa9", "\xc2\x9b31m", "\xc3", "\xf0\x9f\x93\xa7", "\xc4\x8d\xc4\x8a"]),
    ],
    [1, () => "l".repeat(60 + dice.below(8))],
    [1, () => `"${'\\"'.repeat(30 + dice.below(4))}"`],
    [1, () => ""],
  ])();
}

function host(dice: Dice): string {
  return dice.weighted([
    [30, () => dice.pick(["local.example", "foreign.example", "LOCAL.example", "x"])],
    [4, () => dice.pick(["[192.0.2.1]", "[IPv6:2001:db8::1]", "[ipv6:::ffff:1.2.3.4]", "[::1]"])],
    [
      3,
      () =>
        dice.pick([
          "[1.2.3]",
          "[IPv6:1.2.3.4]",
          "[]",
          "[IPv6:fe80::1%eth0]",
          "[01.2.3.4]",
          "[1.2.3.4",
        ]),
    ],
    [
      4,
      () =>
        dice.pick([
          "127.1",
          "a.0x7f",
          "a-.example",
          "-a",
          "a_b",
          "a..b",
          ".a",
          "a.",
          "a b",
          "",
          "1a",
        ]),
    ],
    [
      3,
      () =>
        dice.pick([
          "b\xc3\xbccher.example",
          "xn--bcher-kva.example",
          "xn--a",
          "xn--",
          "\xef\xbd\x81.example",
          "a\xe3\x80\x82b",
        ]),
    ],
    [1, () => `${"d".repeat(60 + dice.below(6))}.example`],
    [1, () => Array.from({ length: 30 + dice.below(8) }, () => "labels").join(".")],
  ])();
}

function route(dice: Dice): string {
  return dice.pick([
    "@hop.example:",
    "@a.example,@b.example:",
    "@[IPv6:::1]:",
    "@:",
    "@a.example,b.example:",
    "@a.example@",
    "hop.example:",
    "@a.example,:",
  ]);
}

function parameters(dice: Dice): string {
  let text = "";
  for (
    let i = dice.weighted([
      [10, 0],
      [6, 1],
      [2, 2],
      [1, 3],
    ]);
    i > 0;
    i--
  )
    text += dice.pick([" ", " ", " ", "  ", "\t", ""]) + parameter(dice);
  return text + (dice.chance(5) ? "  " : "");
}

/** What a sender may want to hear of a recipient (RFC 3461). */
function notice(dice: Dice): string {
  return dice.pick([
    "NOTIFY=NEVER",
    "notify=success,FAILURE",
    "NOTIFY=DELAY ORCPT=rfc822;a+2Bb@c.example",
    "NOTIFY=",
    "NOTIFY=NEVER,DELAY",
    "NOTIFY=DELAY,DELAY",
    "ORCPT=rfc822;x",
    "ORCPT=x",
    "ORCPT=rfc822;a+0D+0Ab",
    "ORCPT=utf-8;\\x{FC}@c.example",
    "ORCPT=utf-8;\xc3\xbc@c.example",
  ]);
}

function parameter(dice: Dice): string {
  return dice.weighted([
    [5, "SIZE=50"],
    [
      2,
      dice.pick([
        "SIZE=61",
        "size=0",
        "SIZE=",
        "SIZE",
        "SIZE=1e3",
        "SIZE=99999999999999999999",
        "SIZE=-1",
      ]),
    ],
    [4, dice.pick(["BODY=8BITMIME", "body=7bit", "BODY=BINARYMIME", "BODY=", "BODY"])],
    [5, dice.pick(["SMTPUTF8", "SmtpUtf8", "SMTPUTF8=1"])],
    [
      2,
      dice.pick([
        "AUTH=<>",
        "AUTH=ann@local.example",
        "AUTH=ann",
        "REQUIRETLS",
        "requiretls=x",
        "RET=FULL",
        "RET=hdrs",
        "RET=x",
        "ENVID=a+2Bb",
        "ENVID=a+",
        "NOTIFY=NEVER",
        "__proto__=1",
        "constructor",
        "-x=1",
        "x==1",
        "XOORG=a",
      ]),
    ],
  ]);
}

const CONTENT = [
  "",
  "text",
  "text\r\n",
  "..\r\n",
  ".dot\r\n",
  ".",
  "a\r\n\r\nb\r\n",
  "y".repeat(40),
] as const;
const ENDS = [
  "\r\n.\r\n",
  "\r\n.\r\n",
  "\r\n.\r\n",
  ".\r\n",
  "\n.\n",
  "\r.\r",
  "\n.\r\n",
  "\r\n.\n",
  "\r\n.\r",
  "\r\r\n.\r\r\n",
  "\r\n\0.\r\n",
  "\r\n.\0\r\n",
  "\r\n..\r\n",
  "\r\n. \r\n",
  "",
] as const;

function content(dice: Dice): string {
  let text = "";
  for (let i = dice.below(4); i > 0; i--) text += dice.pick(CONTENT);
  if (dice.chance(6)) text += dice.pick(["\r", "\n", "\0", "\r\r\n", "\x80\xff"]);
  return text + dice.pick(ENDS);
}

function chunk(dice: Dice): string {
  const octets = dice.pick([
    "",
    "12345",
    "a\r\n",
    "\r\n.\r\n",
    "x".repeat(30),
    "x".repeat(70),
    "a\r",
    "\nb",
    "\n",
    "\0",
  ]);
  const announced = dice.weighted([
    [20, octets.length],
    [1, octets.length + 1],
    [1, Math.max(0, octets.length - 1)],
  ]);
  const verb = dice.weighted([
    [20, `BDAT ${announced}`],
    [1, `bdat 00${announced}`],
    [
      1,
      dice.pick([
        "BDAT",
        "BDAT x",
        "BDAT -1",
        "BDAT 1.0",
        "BDAT 9999999999999999",
        "BDAT  1",
        "BDAT 999999999999999",
      ]),
    ],
  ]);
  return line(dice, verb + dice.pick(["", " LAST", " LAST", " last", " FIRST"])) + octets;
}

function smallCommand(dice: Dice): string {
  return dice.pick([
    "RSET",
    "RSET x",
    "NOOP",
    "NOOP anything",
    "VRFY user",
    "VRFY caf\xc3\xa9",
    "VRFY",
    "HELP",
    "EXPN list",
    "AUTH PLAIN AGEAYg==",
    "XCLIENT ADDR=127.0.0.1",
    "PROXY TCP4 127.0.0.1 127.0.0.1 1 2",
    "QUIT now",
    "STARTTLS now",
    "DATA now",
    "",
    " NOOP",
    "NOOP\t",
    "FOO",
    "x".repeat(125),
    "\xff\xfe",
  ]);
}
