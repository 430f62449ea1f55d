/** The wall clock jumps by a day, ahead and back: no session ends, nothing is forgotten or held in store too long, and every message has a uid of its own. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { openDirectory } from "../../../src/app/index.ts";
import { loadConfig } from "../../../src/config/index.ts";
import type { SessionFacts } from "../../../src/mail/index.ts";
import { newSite, PASSWORD, portOf, USER } from "../../e2e/site.ts";
import { deliver, Talk } from "../../e2e/talk.ts";

const DAY_MS = 86_400_000;

/** Time in which the server looks at each connection at least once, milliseconds. */
const SWEEP_MS = 1100;

/** Sets the wall clock of this process, in which the server runs too. */
function wallClock(t: TestContext): (ms: number) => void {
  const real = Date.now;
  let ahead = 0;
  t.mock.method(Date, "now", () => real.call(Date) + ahead);
  return (ms) => (ahead = ms);
}

async function logIn(port: number): Promise<Talk> {
  const talk = await Talk.to(port);
  await talk.reply();
  await talk.ask(`USER ${USER}`);
  assert.match(await talk.ask(`PASS ${PASSWORD}`), /^\+OK/);
  return talk;
}

async function uids(talk: Talk): Promise<string[]> {
  const listing = await talk.say("UIDL\r\n").until("\r\n.\r\n");
  return [...listing.matchAll(/^\d+ (\S+)\r$/gm)].map(([, uid = ""]) => uid);
}

test("nothing is lost, nothing expires", async (t) => {
  const setClock = wallClock(t);
  const site = await newSite();
  const server = await site.serve();
  t.after(() => server.stop(0));
  const [smtp, pop3] = [portOf(server, "smtp"), portOf(server, "pop3")];
  const sender = await Talk.to(smtp);
  await sender.reply();
  const envelope = ["EHLO c.example", "MAIL FROM:<s@r.example>", `RCPT TO:<${USER}>`, "DATA"];
  for (const line of envelope) assert.match(await sender.ask(line), /^[23]/);
  const idle = await Talk.to(smtp);
  await idle.reply();
  assert.match(await deliver(smtp, USER, "Subject: first\r\n\r\nx"), /^250/);
  const reader = await logIn(pop3);
  const sessions: string[] = [];
  for (const ahead of [DAY_MS, -DAY_MS, 0]) {
    setClock(ahead);
    await setTimeout(SWEEP_MS);
    const reply = await deliver(smtp, USER, `Subject: at ${ahead}\r\n\r\nx`);
    assert.match(reply, /^250/);
    sessions.push(/accepted as (\w+)-1/.exec(reply)?.[1] ?? "no session");
    assert.match(await idle.ask("NOOP"), /^250/);
    assert.match(await reader.ask("NOOP"), /^\+OK/);
    sender.say(`line at ${ahead}\r\n`);
  }
  assert.match(await sender.ask("."), /^250/);
  sender.destroy();
  idle.destroy();

  assert.match(await reader.ask("DELE 1"), /^\+OK/);
  assert.match(await reader.ask("QUIT"), /^\+OK/, "the mailbox was its own all the time");
  const next = await logIn(pop3);
  const left = await uids(next);
  assert.equal(left.length, 4);
  assert.equal(new Set(left).size, 4);
  const numbers = left.map((uid) => Number(uid.split(".")[1]));
  assert.deepEqual(numbers, [2, 3, 4, 5], "in the order in which they came");
  next.destroy();
  await assertExplained(site.file, sessions);
  site.remove();
});

/** Each session is in the journal, when it was by the clock of that moment, and lasted as long as it did. */
async function assertExplained(file: string, sessions: readonly string[]): Promise<void> {
  const { journal, close } = await openDirectory(loadConfig(file));
  const records = await journal.find({ kind: "ip", ip: "127.0.0.1", limit: 100 });
  for (const session of sessions) assert.ok(records.some((record) => record.session === session));
  for (const { json } of records) {
    const { at, endedAt = at } = JSON.parse(json) as SessionFacts; // the recorder wrote it
    assert.ok(endedAt >= at && endedAt - at < DAY_MS / 2);
  }
  await close();
}
