/** One mail that may bring a report: octets, and what holds whatever they are. */
import assert from "node:assert/strict";
import { parseIp, SAMPLE_HEAD_LIMIT } from "../../../src/mail/index.ts";
import { readReportMail } from "../../../src/service/reports/read-mail.ts";
import type { Reading, Wanted } from "../../../src/service/reports/reading.ts";
import { relayedHost } from "../../../src/service/reports/relayed-host.ts";
import { SAMPLES } from "../../../src/service/reports/sample-parts.ts";
import {
  ABUSE,
  feedback,
  forwarded,
  forwardedEncoded,
  sample,
} from "../../service/reports/relay-mails.ts";
import { APPENDIX_B, gzipMail, jsonMail } from "../../service/reports/samples.ts";
import { domainOf } from "../../support/memory-directory.ts";
import { Dice } from "../dice.ts";
import { damagedFile } from "../list-file/damage.ts";
import type { Scenario } from "../scenario.ts";

const WANTED: readonly Wanted[] = [
  { about: "relay", hostname: domainOf("mx.local.example") },
  { about: "tls" },
];

const HOSTS = [
  "9.8.7.6",
  "2a01:4f8::7",
  "::ffff:9.8.7.6",
  "10.0.0.1",
  "9.8.7",
  "relay.example",
] as const;

/** What a sample may carry itself. */
const INNER = forwarded().replaceAll("=_b1", "=_b2");

/** Rounds of damage. */
const DAMAGE = 4;

export function makeReportMail(seed: number): Scenario {
  const dice = new Dice(seed);
  const settings = dice.chance(80) ? 0 : 1;
  let octets: Uint8Array = Buffer.from(settings === 0 ? relayMail(dice) : tlsMail(dice), "latin1");
  for (let i = dice.below(DAMAGE); i > 0; i--) octets = damagedFile(octets, dice);
  return { protocol: "report-mail", settings, mood: dice.next(), happenings: [octets] };
}

function relayMail(dice: Dice): string {
  const shown = (): string => sample(dice.pick(HOSTS), dice.chance(20) ? INNER : "text");
  return dice.pick([
    () => forwarded(...Array.from({ length: dice.pick([0, 1, 3, SAMPLES, SAMPLES + 1]) }, shown)),
    () => forwardedEncoded(shown()),
    () => feedback([...ABUSE, `Source-IP: ${dice.pick(HOSTS)}`]),
    () => feedback(ABUSE.slice(dice.below(ABUSE.length)), shown()),
    () => forwarded(forwarded(shown())),
    () => tlsMail(dice),
  ])();
}

function tlsMail(dice: Dice): string {
  return dice.chance(50) ? gzipMail(APPENDIX_B) : jsonMail(APPENDIX_B);
}

/** Rejects when anything is not as it must be. */
export async function tryReportMail({ settings, happenings }: Scenario): Promise<void> {
  const octets = happenings.flatMap((one) => (typeof one === "string" ? [] : [...one]));
  const wanted = WANTED[settings % WANTED.length] ?? { about: "tls" };
  const reading = await readReportMail(Uint8Array.from(octets), wanted);
  isSound(reading, wanted);
}

function isSound(reading: Reading, { about }: Wanted): void {
  if (reading.kind === "unreadable") return isKnown(reading.why);
  assert.equal(reading.kind, about);
  if (reading.kind === "tls") return assert.ok(reading.reports.length > 0);
  const { samples } = reading;
  assert.ok(samples.length > 0 && samples.length <= SAMPLES);
  for (const one of samples) {
    assert.match(one.sample.sha256, /^[0-9a-f]{64}$/);
    assert.ok(one.sample.head.length <= SAMPLE_HEAD_LIMIT);
    for (const ip of [...one.own, ...one.chain, one.source])
      assert.equal(ip === undefined ? undefined : parseIp(ip), ip, "canonical");
    const host = relayedHost(one, (ip) => ip.startsWith("10."));
    assert.ok(host === undefined || !host.startsWith("10."));
  }
}

/** The library of parts says no by an exception, in two cases; ours is never broken. */
function isKnown(why: string): void {
  if (why.startsWith("the reader broke: ")) assert.match(why, /nesting depth|header size/i);
}
