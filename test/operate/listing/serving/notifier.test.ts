/** Secondaries are told of changes: until they answer, ever more seldom, of the latest change only. */
import assert from "node:assert/strict";
import { decode } from "dns-packet";
import { beforeEach, describe, test } from "node:test";
import type { NameServer } from "../../../../src/net/index.ts";
import type { PublishedZone } from "../../../../src/operate/listing/answering/index.ts";
import { Notifier } from "../../../../src/operate/listing/serving/index.ts";
import {
  FIRST_PAUSE_MS,
  LONGEST_PAUSE_MS,
} from "../../../../src/operate/listing/serving/notifier.ts";
import { systemRandom } from "../../../../src/runtime/index.ts";
import { MemoryLog } from "../../../net/echo.ts";
import { ManualTimer } from "../../../support/manual-timer.ts";

const TO: NameServer = { host: "192.0.2.53", port: 53 };
const OTHER: NameServer = { host: "2001:db8::53", port: 53 };

const zone = (serial: number, origin = "bl.example") => ({ origin, serial }) as PublishedZone; // no more of it is looked at

/** Not an answer to the message. */
const STRAY = -1;

/** RFC 1996 §4.7: the same with QR, and a code. */
function answerTo(question: Uint8Array, code: number): Uint8Array {
  const answer = Uint8Array.from(question);
  answer[2] = (answer[2] ?? 0) | 0x80;
  if (code === STRAY) answer[0] = (answer[0] ?? 0) ^ 1;
  else answer[3] = code;
  return answer;
}

describe("secondaries", () => {
  /** Who was told what, and has not answered yet. */
  let told: {
    readonly to: string;
    readonly zone: string;
    answer(code: number | undefined): void;
  }[];
  let log: MemoryLog;
  let timer: ManualTimer;
  let notifier: Notifier;

  beforeEach(() => {
    told = [];
    log = new MemoryLog();
    timer = new ManualTimer();
    notifier = new Notifier({
      timer,
      log,
      random: systemRandom,
      carrier: {
        datagram: (server, question, _limit, take) =>
          new Promise((resolve) => {
            told.push({
              to: server.host,
              zone: decode(Buffer.from(question)).questions?.[0]?.name ?? "",
              answer: (code) =>
                resolve(
                  code === undefined ? "timeout" : (take(answerTo(question, code)) ?? "strays"),
                ),
            });
          }),
        close() {},
      },
    });
  });

  const texts = (): string[] => told.map((one) => `${one.to}: ${one.zone}`);
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test("each is told once of each change", async () => {
    notifier.announce([{ zone: zone(1), secondaries: [TO, OTHER] }]);
    assert.deepEqual(texts(), ["192.0.2.53: bl.example", "2001:db8::53: bl.example"]);
    for (const one of told) one.answer(0);
    await settle();
    notifier.announce([{ zone: zone(1), secondaries: [TO, OTHER] }]);
    assert.equal(told.length, 2);
    notifier.announce([{ zone: zone(2), secondaries: [TO, OTHER] }]);
    assert.equal(told.length, 4);
    assert.equal(timer.pending, 0);
  });

  test("who does not answer is told again, ever more seldom, and the operator once", async () => {
    notifier.announce([{ zone: zone(1), secondaries: [TO] }]);
    let pause = FIRST_PAUSE_MS;
    for (let tries = 1; tries <= 12; tries++) {
      assert.equal(told.length, tries);
      told.at(-1)?.answer(tries % 2 === 0 ? STRAY : undefined);
      await settle();
      timer.advance(pause - 1);
      assert.equal(told.length, tries, `not before ${pause} ms`);
      timer.advance(1);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
    assert.deepEqual(log.events("warn"), ["secondary does not answer"]);
    told.at(-1)?.answer(0);
    await settle();
    assert.equal(timer.pending, 0);
    assert.deepEqual(log.events("info"), ["secondary told"]);
  });

  test("a later change takes the place of one that was not heard", async () => {
    notifier.announce([{ zone: zone(1), secondaries: [TO] }]);
    notifier.announce([{ zone: zone(2), secondaries: [TO] }]);
    told[0]?.answer(undefined);
    await settle();
    assert.equal(timer.pending, 0);
    told[1]?.answer(undefined);
    await settle();
    timer.advance(FIRST_PAUSE_MS);
    assert.deepEqual(texts().slice(2), ["192.0.2.53: bl.example"]);
  });

  test("who refuses is not asked again, and the operator learns what to do", async () => {
    notifier.announce([{ zone: zone(1), secondaries: [TO] }]);
    told[0]?.answer(5);
    await settle();
    assert.equal(timer.pending, 0);
    assert.deepEqual(log.events("warn"), ["secondary refuses to be told"]);
  });

  test("who is no secondary any more, and whose zone is gone, is told nothing; nor anybody after the end", async () => {
    const other = zone(1, "two.example");
    notifier.announce([
      { zone: zone(1), secondaries: [TO] },
      { zone: other, secondaries: [OTHER] },
    ]);
    for (const one of told) one.answer(undefined);
    await settle();
    assert.equal(timer.pending, 2);
    notifier.announce([{ zone: other, secondaries: [OTHER] }]);
    assert.equal(timer.pending, 1);
    notifier.stop();
    assert.equal(timer.pending, 0);
  });
});
