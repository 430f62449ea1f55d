/** One case of the DNS: a question and a message that comes back; and what holds whatever comes. */
import assert from "node:assert/strict";
import {
  labelsOf,
  parseName,
  readAnswer,
  TYPE_NUMBERS,
  type Question,
  type Reading,
  type RecordType,
} from "../../../src/protocol/dns/index.ts";
import { asking } from "../../protocol/dns/message.ts";
import { Dice } from "../dice.ts";
import type { Scenario } from "../scenario.ts";
import { makeAnswer } from "./generator.ts";
import { questionOf, SETTINGS } from "./subject.ts";

export function makeDns(seed: number): Scenario {
  const dice = new Dice(seed);
  const asked = { settings: dice.below(SETTINGS), mood: dice.next() };
  return { protocol: "dns", ...asked, happenings: [makeAnswer(dice, questionOf(asked))] };
}

/** Throws when anything is not as it must be. */
export function tryDns(scenario: Scenario): void {
  for (const octets of scenario.happenings) readingOf(scenario, octets);
}

/** What a case's message means, after everything that can be held against it. */
export function readingOf(
  scenario: Scenario,
  message: Scenario["happenings"][number],
): Reading<RecordType> {
  assert.ok(typeof message !== "string");
  const question = questionOf(scenario);
  const before = Uint8Array.from(message);
  const reading = readAnswer(message, question, question.type);
  assert.deepEqual(message, before, "the message is left as it was");
  assert.deepEqual(readAnswer(message, question, question.type), reading, "the same each time");
  if (reading.kind === "stray") return reading;

  assert.equal(message[0], question.id >> 8, "its id");
  assert.equal(message[1], question.id & 255, "its id");
  assert.equal((message[2] ?? 0) & 0xf8, 0x80, "an answer to a question");
  if (reading.kind === "instead" && reading.by === "plain") {
    assert.ok(question.manner.edns, "plainer than plain");
    return reading;
  }
  holdsQuestion(message, question, reading);
  if (reading.kind === "instead") assert.equal(question.manner.transport, "udp");
  else if (reading.kind !== "failed") isSound(message, question, reading);
  return reading;
}

/** The question stands in it, octet by octet; in the same case, where it says anything about the name. */
function holdsQuestion(
  message: Uint8Array,
  question: Question,
  { kind }: Reading<RecordType>,
): void {
  assert.deepEqual([message[4], message[5]], [0, 1], "one question");
  const wanted = Uint8Array.from(asking(question.spelling, TYPE_NUMBERS[question.type]));
  const there = message.subarray(12, 12 + wanted.length);
  const mayFold = kind === "instead" || question.manner.transport === "tcp";
  const read = (octets: Uint8Array): string =>
    mayFold ? folded(octets) : Buffer.from(octets).toString("latin1");
  assert.equal(read(there), read(wanted), "its question");
}

type Told = Exclude<Reading<RecordType>, { kind: "stray" | "instead" | "failed" }>;

function isSound(message: Uint8Array, question: Question, reading: Told): void {
  const { manner, trusted } = question;
  const rcode = (message[3] ?? 0) & 15;
  assert.equal((message[2] ?? 0) & 2, 0, "whole");
  assert.ok(message.length <= (manner.transport === "tcp" ? 65_535 : manner.edns ? 1232 : 512));
  assert.equal(rcode, reading.kind === "no-such-name" ? 3 : 0);
  assert.ok(
    Number.isInteger(reading.ttl) && reading.ttl >= 0 && reading.ttl < 2 ** 31,
    `${reading.ttl}`,
  );
  if (reading.authentic) assert.ok(trusted && ((message[3] ?? 0) & 0x20) !== 0);
  if (reading.kind === "alias") isName(message, reading.target);
  if (reading.kind !== "found") return;
  isName(message, reading.name);
  assert.ok(reading.records.length > 0);
  for (const data of reading.records) stands(message, question.type, data);
}

/** In its one form, and each label of it came as a label. */
function isName(message: Uint8Array, text: string): void {
  const name = parseName(text);
  assert.equal(name, text);
  if (name === undefined) return;
  const there = folded(message);
  for (const label of labelsOf(name))
    assert.ok(there.includes(String.fromCharCode(label.length) + label), `the label ${label} came`);
}

function folded(octets: Uint8Array): string {
  const text = Buffer.from(octets).toString("latin1");
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** A value is made of octets of the message, and its names are names. */
function stands(message: Uint8Array, type: RecordType, data: unknown): void {
  const {
    exchange,
    primary,
    target,
    data: octets,
  } = {
    exchange: ".",
    primary: ".",
    target: ".",
    data: data,
    ...(typeof data === "object" ? data : {}),
  };
  isName(message, exchange);
  isName(message, primary);
  isName(message, target);
  if (type === "PTR" || type === "NS" || type === "CNAME") isName(message, String(data));
  if (type === "A") {
    const address = String(data).split(".").map(Number);
    assert.ok(Buffer.from(message).includes(Uint8Array.from(address)), "an address that came");
  }
  if (type === "TLSA" && octets instanceof Uint8Array)
    assert.ok(Buffer.from(message).includes(octets), "a certificate that came");
}
