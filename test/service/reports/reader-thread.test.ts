/** Whatever a mail does to the thread that reads it, there is an answer, and the next mail is read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ReaderThread } from "../../../src/service/reports/index.ts";
import { GOOGLE, gzipMail } from "./samples.ts";

const REPORT = gzipMail(GOOGLE);
const TLS = { about: "tls" } as const;

function octets(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text));
}

test("mail is read one after the other, and after a rest too", async (t) => {
  const reader = new ReaderThread();
  t.after(() => reader.rest());
  for (const expected of ["tls", "tls", "unreadable", "tls"]) {
    const mail = expected === "tls" ? REPORT : "Subject: none\r\n\r\n";
    assert.equal((await reader.read(octets(mail), TLS)).kind, expected);
  }
  await reader.rest();
  assert.equal((await reader.read(octets(REPORT), TLS)).kind, "tls");
});

test("what takes too long is given up", async (t) => {
  const reader = new ReaderThread(new URL("./hanging-thread.ts", import.meta.url), 200);
  t.after(() => reader.rest());
  for (let round = 0; round < 2; round++)
    assert.deepEqual(await reader.read(octets(REPORT), TLS), {
      kind: "unreadable",
      why: "reading it took more than 200 ms",
    });
});

test("what takes too much memory ends the thread and nothing else", async (t) => {
  const reader = new ReaderThread(new URL("./greedy-thread.ts", import.meta.url), 60_000);
  t.after(() => reader.rest());
  for (let round = 0; round < 2; round++) {
    const reading = await reader.read(octets(REPORT), TLS);
    assert.ok(reading.kind === "unreadable");
    assert.match(reading.why, /^the reader broke: /);
  }
});

test("a thread that cannot begin is an answer too", async (t) => {
  const reader = new ReaderThread(new URL("./no-such-thread.ts", import.meta.url));
  t.after(() => reader.rest());
  const reading = await reader.read(octets(REPORT), TLS);
  assert.ok(reading.kind === "unreadable");
  assert.match(reading.why, /^the reader broke: /);
});
