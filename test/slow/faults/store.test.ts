/** A store that another program holds, or that is damaged: never a false 250, and words about what to do. */
import assert from "node:assert/strict";
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { newSite } from "../../e2e/site.ts";
import { useAnyPorts } from "../crash/loop.ts";
import { deliverToken, tokensInMailbox, Victim } from "../crash/victim.ts";

test("another program holds the lock: mail is deferred with a line in the log, and taken when it lets go", async (t) => {
  const site = await newSite();
  useAnyPorts(site.file);
  const victim = await Victim.start(site.file);
  t.after(() => victim.kill());
  const other = new DatabaseSync(join(site.dir, "gatepost.db"));
  other.exec("BEGIN IMMEDIATE");
  assert.equal(await deliverToken(victim.ports.smtp, "locked-out", 500), false);
  await victim.logged(/another program holds the store's lock/);
  other.exec("ROLLBACK");
  other.close();
  assert.equal(await deliverToken(victim.ports.smtp, "let-in", 500), true);
  const stored = await tokensInMailbox(victim.ports.pop3);
  assert.deepEqual([stored?.get("locked-out"), stored?.get("let-in")], [undefined, 1]);
  assert.equal(await victim.end("SIGTERM"), 0);
  site.remove();
});

/** Octets of a page, as the store chooses them. */
const PAGE = 8192;

test("a page is damaged: what is still answered 250 is there, everything else is refused in words", async (t) => {
  const site = await newSite();
  useAnyPorts(site.file);
  const file = join(site.dir, "gatepost.db");
  const before = await Victim.start(site.file);
  for (let i = 0; i < 20; i++) assert.ok(await deliverToken(before.ports.smtp, `old${i}`, 4096));
  assert.equal(await before.end("SIGTERM"), 0);
  const pages = statSync(file).size / PAGE;
  for (let page = 2; page < pages; page += 3) await damaged(t, site.file, file, page);
  site.remove();
});

/** With one page of the file overwritten: a server that starts either takes mail truly or defers it. */
async function damaged(t: TestContext, config: string, file: string, page: number): Promise<void> {
  const descriptor = openSync(file, "r+");
  const junk = Buffer.alloc(PAGE, 0xa5);
  writeSync(descriptor, junk, 0, PAGE, page * PAGE);
  closeSync(descriptor);
  let victim: Victim;
  try {
    victim = await Victim.start(config);
  } catch (error) {
    assert.match(String(error), /damaged|malformed|cannot|no store/); // refused at the start, in words
    return;
  }
  t.after(() => victim.kill());
  const token = `new${page}`;
  const answered = await deliverToken(victim.ports.smtp, token, 4096);
  const stored = answered ? await tokensInMailbox(victim.ports.pop3) : undefined;
  if (!answered) await victim.logged(/./);
  if (stored !== undefined)
    assert.equal(stored.get(token), 1, `page ${page}: answered 250 and not there`);
  await victim.kill();
}
