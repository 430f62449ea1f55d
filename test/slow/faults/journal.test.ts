/** The journal is as large as it may be: it forgets what came first, and mail goes on as if nothing was. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { openDirectory } from "../../../src/app/index.ts";
import { loadConfig } from "../../../src/config/index.ts";
import { ANY_PORTS, newSite, PASSWORD, portOf, USER } from "../../e2e/site.ts";
import { Talk } from "../../e2e/talk.ts";

const MEBIBYTE = 1_048_576;
const MINUTE_MS = 60_000;

/** A session with a large record, for it is refused nearly a hundred times; resolves to the reply to its message. */
async function wordySession(port: number): Promise<string> {
  const talk = await Talk.to(port);
  await talk.reply();
  for (let i = 0; i < 90; i++) assert.match(await talk.ask(`NONSENSE ${"x".repeat(190)}`), /^500/);
  const envelope = ["EHLO c.example", "MAIL FROM:<s@r.example>", `RCPT TO:<${USER}>`, "DATA"];
  for (const line of envelope) assert.match(await talk.ask(line), /^[23]/);
  const reply = await talk.ask("x\r\n.");
  talk.destroy();
  return reply;
}

function octetsIn(store: string): number {
  const database = new DatabaseSync(store, { readOnly: true });
  const sql = "SELECT value FROM property WHERE name = 'journal_octets'";
  const row = database.prepare(sql).get();
  database.close();
  return Number(row?.["value"]);
}

test("a full journal: every message is taken, the first sessions are forgotten, the last are explained", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const site = await newSite();
  const store = join(site.dir, "gatepost.db");
  const server = await site.serve([...ANY_PORTS, "limits.errors=1000", "journal.mebibytes=1"]);
  t.after(() => server.stop(0));
  const sessions: string[] = [];
  const session = async (): Promise<void> => {
    const reply = await wordySession(portOf(server, "smtp"));
    assert.match(reply, /^250/);
    sessions.push(/accepted as (\w+)-1/.exec(reply)?.[1] ?? "no session");
  };
  while (sessions.length === 0 || octetsIn(store) < 1.5 * MEBIBYTE) await session();
  t.mock.timers.tick(MINUTE_MS);
  for (let i = 0; i < 5; i++) await session(); // mail goes on meanwhile
  t.mock.timers.tick(MINUTE_MS);
  while (octetsIn(store) > MEBIBYTE) await setTimeout(10); // the runner's time limit is the test's

  const { journal, close } = await openDirectory(loadConfig(site.file));
  const found = await journal.find({ kind: "ip", ip: "127.0.0.1", limit: 10_000 });
  await close();
  const kept = new Set<string>(found.map((record) => record.session));
  assert.ok(kept.size > 5);
  assert.ok(!kept.has(sessions[0] ?? ""));
  assert.deepEqual(
    sessions.filter((one) => kept.has(one)),
    sessions.slice(-kept.size),
    "those that came last",
  );
  assert.equal(await messagesIn(portOf(server, "pop3")), sessions.length);
  site.remove();
});

async function messagesIn(port: number): Promise<number> {
  const talk = await Talk.to(port);
  await talk.reply();
  await talk.ask(`USER ${USER}`);
  await talk.ask(`PASS ${PASSWORD}`);
  const count = Number(/^\+OK (\d+)/.exec(await talk.ask("STAT"))?.[1]);
  talk.destroy();
  return count;
}
