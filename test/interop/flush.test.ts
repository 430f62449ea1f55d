/**
 * A 250 is on the disk: under strace, the thread that writes a message to the database flushes it, and the
 * flush has ended before the message's 250 is written.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { KIB, MIB } from "./support/messages.ts";
import { send } from "./support/sender.ts";
import { startSite, type Site } from "./support/site.ts";
import { callsIn, type Call } from "./support/strace.ts";

/** Octets of a write that strace shows: the largest page that SQLite knows. */
const SHOWN = 65_536;
const CALLS = "fsync,fdatasync,write,writev,pwrite64,pwritev,sendto,sendmsg";

describe("the flush before the 250", () => {
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.stop());

  for (const bytes of [KIB, 300 * KIB, 2 * MIB]) {
    test(`is there for each of five messages of ${bytes / KIB} KiB`, async () => {
      const marks = Array.from({ length: 5 }, (_, i) => `mark-${bytes}-${i}.`);
      const calls = await traced(site, async () => {
        for (const mark of marks) await send(site, markedMessage(mark, bytes));
      });
      const replies = calls.filter(isAcceptance);
      assert.equal(replies.length, marks.length, "the trace does not show the five replies");
      for (const [i, reply] of replies.entries()) assertFlushed(calls, marks[i] ?? "", reply);
    });
  }
});

/** The mark stands in each line, so that every page of the database with a part of the message has it. */
function markedMessage(mark: string, bytes: number): Buffer {
  const line = `${mark} `.repeat(5);
  const lines = Array.from({ length: Math.ceil(bytes / line.length) }, () => line);
  return Buffer.from(["Subject: flush", "", ...lines, ""].join("\r\n"));
}

/** The reply to the final dot; no other reply to this sender begins like it. */
function isAcceptance(call: Call): boolean {
  return /^(?:write|writev|sendto|sendmsg)$/.test(call.name) && /"250 2\.0\.0 /.test(call.args);
}

/**
 * Later writes are left aside: a page with two messages is written again with the second. So is a flush by
 * another thread, which may be a checkpoint's, before the transaction was whole.
 */
function assertFlushed(calls: readonly Call[], mark: string, reply: Call): void {
  const earlier = calls.filter((call) => call.began < reply.began);
  const last = earlier.findLast((call) => writesDatabase(call) && call.args.includes(mark));
  assert.ok(last !== undefined, `${mark} is not written to the database before its 250`);
  const flush = earlier.find(
    (call) => flushesDatabase(call) && call.thread === last.thread && call.began > last.ended,
  );
  assert.ok(flush !== undefined, `${mark} is not flushed before its 250`);
  assert.ok(
    flush.ended < reply.began,
    `${mark}: its 250 does not wait for the flush: ${flush.text}`,
  );
}

/** With -y, strace shows the file of a descriptor. A message goes to the write-ahead log first. */
const LOG = /^\d+<[^>]*gatepost\.db-wal>/;

function writesDatabase(call: Call): boolean {
  return /^p?write/.test(call.name) && LOG.test(call.args);
}

function flushesDatabase(call: Call): boolean {
  return /^f(?:data)?sync$/.test(call.name) && LOG.test(call.args) && call.result === 0;
}

/** The system calls that the server makes while the work is done. */
async function traced(site: Site, work: () => Promise<void>): Promise<Call[]> {
  const file = join(site.directory, "strace.out");
  const options = [
    "-f",
    "-y",
    "-ttt",
    "-T",
    "-s",
    String(SHOWN),
    "-e",
    `trace=${CALLS}`,
    "-o",
    file,
  ];
  const strace = spawn("strace", [...options, "-p", String(site.pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(strace, "close");
  await once(strace.stderr, "data"); // "Process … attached"
  await work();
  strace.kill("SIGINT");
  await ended;
  return callsIn(readFileSync(file, "latin1"));
}
