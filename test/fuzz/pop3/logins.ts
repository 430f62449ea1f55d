/** Ways in which clients log in, nearly as they must: USER and PASS, PLAIN, LOGIN, SCRAM and EXTERNAL, given up or damaged anywhere. */
import { ScramClient } from "../../protocol/sasl/scram-client.ts";
import type { Dice } from "../dice.ts";
import { damaged, line } from "../lines.ts";
import { EXPORTER, PASSWORD, serverFirst } from "./scram.ts";

/** Who has a mailbox, unless other people are named. */
export const PEOPLE = ["ann@local.example", "bob@local.example", "ann@LOCAL.example"] as const;
export type People = readonly [string, ...string[]];

/** Lines of a login; octets as characters, line ends included. */
export function login(dice: Dice, people: People = PEOPLE): string {
  return dice.weighted([
    [40, () => userAndPass(dice, people)],
    [14, () => plain(dice, people)],
    [10, () => loginMechanism(dice, people)],
    [20, () => scram(dice)],
    [8, () => scram(dice, EXPORTER)],
    [1, () => external(dice, people)],
    [3, () => unknownMechanism(dice)],
  ])();
}

/** AUTH alone; `bound`: what a login can be bound to on this connection. */
export function saslLogin(dice: Dice, people: People = PEOPLE, bound?: Uint8Array): string {
  return dice.weighted([
    [20, () => plain(dice, people)],
    [12, () => loginMechanism(dice, people)],
    [20, () => scram(dice, bound)],
    [8, () => external(dice, people)],
    [3, () => unknownMechanism(dice)],
  ])();
}

function userAndPass(dice: Dice, people: People): string {
  const between = dice.chance(8)
    ? line(dice, dice.pick(["NOOP", "CAPA", "UTF8", "USER ann", "FOO", "PASS", "x".repeat(300)]))
    : "";
  const user = dice.chance(95) ? line(dice, `${verb(dice, "USER")} ${name(dice, people)}`) : "";
  return user + between + line(dice, `${verb(dice, "PASS")} ${password(dice)}`);
}

/** A keyword, in letters that fold to it or only seem to. */
export function verb(dice: Dice, keyword: string): string {
  return dice.weighted([
    [90, keyword],
    [6, keyword.toLowerCase()],
    [1, keyword.replace("S", "\xc5\xbf")], // U+017F, an "s" to a careless upper-casing
    [1, `${keyword} `],
    [1, `${keyword}\t`],
  ]);
}

function name(dice: Dice, people: People): string {
  return dice.weighted([
    [30, () => dice.pick(people)],
    [4, () => "ann"],
    [2, () => dice.pick(["j\xc3\xbcrgen@local.example", "\xc3", "\xed\xa0\x80"])],
    [2, () => dice.pick([" ann", "a b", "ann ", "\x1b[31m", "a\x7f", "a\tb"])],
    [1, () => "n".repeat(dice.pick([52, 53, 54, 55, 246, 247, 248, 249, 250]))],
    [1, () => PASSWORD],
  ])();
}

function password(dice: Dice): string {
  return dice.weighted([
    [30, PASSWORD],
    [4, "wrong"],
    [1, " two  words "],
    [1, "gr\xc3\xbcn"],
    [1, "a\tb"],
    [1, ""],
    [1, "p".repeat(dice.pick([53, 54, 248, 249]))],
  ]);
}

function plain(dice: Dice, people: People): string {
  const authcid = name(dice, people);
  const authzid = dice.weighted([
    [10, ""],
    [2, authcid],
    [2, "root"],
  ]);
  const message = dice.weighted([
    [20, `${authzid}\0${authcid}\0${password(dice)}`],
    [1, `${authzid}\0${authcid}\0`],
    [1, `\0\0${PASSWORD}`],
    [1, `${authcid}\0${PASSWORD}`],
    [1, `\0${authcid}\0${PASSWORD}\0`],
    [1, ""],
  ]);
  return exchange(dice, "PLAIN", [message]);
}

function loginMechanism(dice: Dice, people: People): string {
  const user = dice.chance(90) ? name(dice, people) : dice.pick(["", "a\0b"]);
  return exchange(dice, "LOGIN", [user, password(dice)]);
}

function external(dice: Dice, people: People): string {
  const identity = dice.weighted([
    [10, () => ""],
    [8, () => name(dice, people)],
    [1, () => `${name(dice, people)}\0`],
  ])();
  return exchange(dice, "EXTERNAL", [identity]);
}

function scram(dice: Dice, bound?: Uint8Array): string {
  const plus = bound !== undefined && dice.chance(50);
  const binding = plus && dice.chance(90) ? bound : undefined;
  const header = dice.weighted([
    [plus ? 200 : 0, "p=tls-exporter,,"],
    [plus ? 20 : 0, "p=tls-exporter,a=ann,"],
    [plus ? 5 : 0, "p=tls-unique,,"],
    [40, "n,,"],
    [6, "y,,"],
    [4, "n,a=ann,"],
    [1, "n,a=root,"],
    [1, "n,a=,"],
    [1, "p=tls-exporter,,"],
    [1, "n,x,"],
    [1, "N,,"],
  ]);
  const nonce = dice.weighted([
    [50, "fuzz"],
    [6, "f"],
    [1, ""],
    [1, "f z"],
    [1, "f\x7f"],
    [1, "f".repeat(256)],
    [1, "f".repeat(257)],
  ]);
  const known = dice.chance(90) ? PASSWORD : "guess";
  const user = dice.pick(["ann", "ann", "ann", "ann", "a,n=n", "\xc3\xbc", "a\0b"]);
  const client = new ScramClient(
    Buffer.from(user, "latin1").toString(),
    known,
    header,
    nonce,
    binding,
  );
  const begin = dice.chance(96) ? client.first : `y,,${client.first.slice(header.length)}`; // as if somebody had changed it
  const first = begin + extensions(dice);
  const final = client.final(serverFirst(nonce), extensions(dice));
  const messages = [first, final].map((text) => Buffer.from(text).toString("latin1"));
  const mechanism = plus ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256";
  return exchange(dice, mechanism, [...messages, dice.chance(95) ? "" : "x"]);
}

function extensions(dice: Dice): string {
  return dice.weighted([
    [60, ""],
    [4, ",x=y"],
    [2, ",x=y,Z=1=2"],
    [1, ",m=must"],
    [1, ",x="],
    [1, ",x=a\0b"],
    [1, ",x"],
    [1, ","],
  ]);
}

function unknownMechanism(dice: Dice): string {
  const said = dice.pick([
    "AUTH",
    "AUTH ",
    "AUTH GSSAPI",
    "AUTH CRAM-MD5 AAAA",
    "AUTH SCRAM-SHA-256-PLUS",
    "AUTH PLA\xc4\xb1N", // U+0131, an "i" to a careless upper-casing
    "AUTH PLAIN AAAA AAAA",
    "AUTH  PLAIN",
    "AUTH __proto__",
  ]);
  return line(dice, said);
}

/** AUTH and the messages after it, the first one perhaps in the same line. */
function exchange(dice: Dice, mechanism: string, messages: readonly string[]): string {
  const [first = "", ...rest] = messages.map((message) => response(dice, message));
  const auth = `${verb(dice, "AUTH")} ${dice.chance(90) ? mechanism : mechanism.toLowerCase()}`;
  const begin = dice.chance(50)
    ? line(dice, `${auth} ${first}`)
    : line(dice, auth) + line(dice, first);
  const said = begin + rest.map((text) => line(dice, text)).join("");
  return dice.chance(6) ? said.slice(0, dice.below(said.length)) : said;
}

/** A message as a line of an exchange: its base64, or something else. */
function response(dice: Dice, message: string): string {
  const base64 = Buffer.from(message, "latin1").toString("base64");
  return dice.weighted([
    [150, () => base64],
    [2, () => "*"],
    [1, () => "="],
    [1, () => base64.replace(/=+$/, "")],
    [1, () => `${base64}=`],
    [1, () => ` ${base64}`],
    [1, () => damaged(dice, base64)],
    [1, () => base64.padEnd(dice.pick([196, 200, 1996, 2000, 2100]), "A")],
    [1, () => message],
  ])();
}
