/**
 * A 250 is on the disk: under strace, the thread that writes a message to the database flushes it, and the
 * flush has ended before the message's 250 is written. So it is for a mailbox here and for the queue.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Talk } from "../e2e/talk.ts";
import { KIB, MIB } from "./support/messages.ts";
import { send } from "./support/sender.ts";
import { SilentServer } from "./support/silent-server.ts";
import { PASSWORD, startSite, USER, type Site } from "./support/site.ts";
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

/** Nothing but the commit writes rows here: the one attempt that may be under way is at a server that never says a word. */
describe("the flush before the 250 to a user whose recipients are abroad", () => {
  const silent = new SilentServer();
  let site: Site;
  before(async () => {
    await silent.listen();
    const routes = `routes={ "*" = "smtp://127.0.0.1:${silent.port}" }`;
    site = await startSite({ settings: ["queue.attempts=1", routes] });
    (await submit(site, "first@remote.example", "", KIB)).destroy();
    await silent.called;
  });
  after(async () => {
    silent.close(); // the attempt ends, so the server can
    await site.stop();
  });

  for (const bytes of [KIB, 300 * KIB]) {
    test(`is there for each of three messages of ${bytes / KIB} KiB`, async () => {
      const marks = Array.from({ length: 3 }, (_, i) => `mark-${bytes}-${i}.`);
      const talks: Talk[] = [];
      const calls = await traced(site, async () => {
        for (const mark of marks)
          talks.push(await submit(site, `to-${mark}x@remote.example`, mark, bytes));
      });
      for (const [i, talk] of talks.entries()) {
        const reply = calls.findLast((call) => isWriteTo(call, talk.port));
        talk.destroy();
        assert.ok(reply !== undefined, "the trace does not show the reply");
        assertFlushed(calls, marks[i] ?? "", reply);
        assertFlushed(calls, `to-${marks[i] ?? ""}`, reply);
      }
    });
  }
});

/** Hands a message in under TLS; the 250 to it is the last that is said on the connection. */
async function submit(site: Site, to: string, mark: string, bytes: number): Promise<Talk> {
  const talk = await Talk.toTls(site.ports.submissions);
  await talk.reply();
  const login = Buffer.from(`\0${USER}\0${PASSWORD}`).toString("base64");
  const content = markedMessage(mark, bytes).toString();
  for (const [line, code] of [
    ["EHLO client.example", "250"],
    [`AUTH PLAIN ${login}`, "235"],
    [`MAIL FROM:<${USER}>`, "250"],
    [`RCPT TO:<${to}>`, "250"],
    ["DATA", "354"],
    [`From: <${USER}>\r\n${content}.`, "250"],
  ] as const) {
    const reply = await talk.ask(line);
    assert.ok(reply.startsWith(code), reply);
  }
  return talk;
}

/** With -yy, strace shows both ends of a connection. */
function isWriteTo(call: Call, port: number): boolean {
  return (
    WRITES.test(call.name) && new RegExp(`^\\d+<TCP:\\[[^>]*->[^>]*:${port}\\]>`).test(call.args)
  );
}

/** The mark stands in each line, so that every page of the database with a part of the message has it. */
function markedMessage(mark: string, bytes: number): Buffer {
  const line = `${mark} `.repeat(5);
  const lines = Array.from({ length: Math.ceil(bytes / line.length) }, () => line);
  return Buffer.from(["Subject: flush", "", ...lines, ""].join("\r\n"));
}

const WRITES = /^(?:write|writev|sendto|sendmsg)$/;

/** The reply to the final dot; no other reply to this sender begins like it. */
function isAcceptance(call: Call): boolean {
  return WRITES.test(call.name) && /"250 2\.0\.0 /.test(call.args);
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

/** With -yy, strace shows the file of a descriptor. A message goes to the write-ahead log first. */
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
    "-yy",
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
