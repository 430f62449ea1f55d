/** Messages as people's programs write them, as careless scripts do, and as somebody does who wants to be taken for another. */
import type { Dice } from "../dice.ts";
import { damaged } from "../lines.ts";

/** Content as the framing lets it through: no bare CR or LF, no NUL. */
export function makeMessage(dice: Dice): string {
  const fields = Array.from({ length: 1 + dice.below(6) }, () => field(dice));
  const body = dice.chance(70) ? "\r\nFrom: in the text\r\nBcc: too\r\n" : "";
  const message = fields.join("") + body;
  return (dice.chance(40) ? damaged(dice, message) : message)
    .replaceAll("\0", "")
    .replaceAll(/\r(?!\n)|(?<!\r)\n/g, "");
}

function field(dice: Dice): string {
  const named = dice.weighted([
    [40, "From"],
    [10, "FROM"],
    [8, "Sender"],
    [4, "Resent-From"],
    [10, "Bcc"],
    [4, "Resent-Bcc"],
    [4, "Date"],
    [4, "Message-ID"],
    [4, "Return-Path"],
    [8, "Subject"],
    [2, ""],
    [2, " folded"],
  ]);
  const colon = dice.weighted([
    [90, ":"],
    [5, " :"],
    [5, ""],
  ]);
  return `${named}${colon}${list(dice)}\r\n`;
}

function list(dice: Dice): string {
  const members = Array.from({ length: 1 + (dice.chance(30) ? dice.below(3) : 0) }, () =>
    member(dice),
  );
  const joined = members.join(dice.pick([", ", ",", ",\r\n\t", " "]));
  const grouped = dice.chance(10) ? `team: ${joined};` : joined;
  return blank(dice) + grouped + blank(dice);
}

function member(dice: Dice): string {
  const at = address(dice);
  return dice.weighted<() => string>([
    [30, () => at],
    [40, () => `${name(dice)}${blank(dice)}<${at}>`],
    [10, () => `<${at}>`],
    [10, () => `${at} (${name(dice)})`],
    [5, () => `<@a.example:${at}>`],
    [5, () => `${name(dice)} ${at}`],
  ])();
}

function address(dice: Dice): string {
  const local = dice.pick(["ann", "bob", '"ann b"', '"a>b"', "ann+x", "=?x?q?bob?=", "ü"]);
  const domain = dice.pick(["own.example", "bank.example", "ü.example", "[192.0.2.1]"]);
  return `${local}@${domain}`;
}

function name(dice: Dice): string {
  return dice.pick([
    "Ann",
    "Ann B. Cee",
    '"Cee, Ann"',
    '"ann@bank.example"',
    '"<bob@bank.example>"',
    "(<) x (@)",
    "(a (b) c) Ann",
    '"a\\"b"',
    "=?utf-8?q?=3Cbob=40bank.example=3E?=",
    "=?utf-8?b?QW5u?=",
    "Ünn",
    "<",
    "(",
    '"',
    "\\",
    ":",
    ";",
  ]);
}

function blank(dice: Dice): string {
  return dice.pick(["", " ", "\t", " (x) ", "\r\n ", "\r\n \r\n ", "  "]);
}
