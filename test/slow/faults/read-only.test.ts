/** A disk that stops taking writes under a running server: mail is deferred in words, reading goes on, and it is over when it is over. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { newSite, PASSWORD, USER, type Site } from "../../e2e/site.ts";
import { Talk } from "../../e2e/talk.ts";
import { useAnyPorts } from "../crash/loop.ts";
import { deliverToken, tokensInMailbox, Victim } from "../crash/victim.ts";
import { NOT_FLUSHED, READ_ONLY, whileFailing } from "./failing-calls.ts";

/** In one piece, and in parts. */
const SIZES = [500, 600_000];

/** A running server with two messages in its mailbox. */
async function running(t: TestContext): Promise<{ site: Site; victim: Victim }> {
  const site = await newSite();
  useAnyPorts(site.file);
  const victim = await Victim.start(site.file);
  t.after(() => victim.kill());
  for (const octets of SIZES)
    assert.ok(await deliverToken(victim.ports.smtp, `before-${octets}`, octets));
  return { site, victim };
}

/** A session that has been greeted and goes on however often it is refused. */
class Sender {
  readonly #talk: Talk;

  private constructor(talk: Talk) {
    this.#talk = talk;
  }

  static async to(port: number): Promise<Sender> {
    const talk = await Talk.to(port);
    await talk.reply();
    await talk.ask("EHLO c.example");
    return new Sender(talk);
  }

  /** The reply to the message's end. */
  async deliver(token: string, octets: number): Promise<string> {
    const envelope = ["MAIL FROM:<s@remote.example>", `RCPT TO:<${USER}>`, "DATA"];
    for (const line of envelope) assert.match(await this.#talk.ask(line), /^[23]/);
    const body = `${"x".repeat(70)}\r\n`.repeat(Math.ceil(octets / 72));
    return this.#talk.ask(`Subject: ${token}\r\n\r\n${body}.`);
  }
}

/** Logs in, deletes everything and quits; resolves to the last reply. */
async function deleteAll(port: number): Promise<string> {
  const talk = await Talk.to(port);
  await talk.reply();
  for (const line of [`USER ${USER}`, `PASS ${PASSWORD}`, "DELE 1", "DELE 2"])
    assert.match(await talk.ask(line), /^\+OK/);
  const goodbye = await talk.ask("QUIT");
  talk.destroy();
  return goodbye;
}

async function tokens(victim: Victim): Promise<string[]> {
  const found = await tokensInMailbox(victim.ports.pop3);
  return [...(found ?? [])].flatMap(([token, times]) => Array<string>(times).fill(token));
}

test("its file system becomes read-only: 451 and a line in the log; reading goes on; writable again, it goes on by itself", async (t) => {
  const { site, victim } = await running(t);
  const before = SIZES.map((octets) => `before-${octets}`);
  const sender = await Sender.to(victim.ports.smtp);
  await whileFailing(victim.pid, READ_ONLY, async () => {
    for (const octets of SIZES)
      assert.match(await sender.deliver(`during-${octets}`, octets), /^451 4\.3\.0 /);
    await victim.logged(/look at .*whether its file system has become read-only/);
    assert.deepEqual(await tokens(victim), before);
    assert.match(await deleteAll(victim.ports.pop3), /^-ERR/);
  });
  for (const octets of SIZES)
    assert.match(await sender.deliver(`after-${octets}`, octets), /^250 2\.0\.0 /);
  const expected = [...before, ...SIZES.map((octets) => `after-${octets}`)];
  assert.deepEqual(await tokens(victim), expected);
  assert.equal(await victim.end("SIGTERM"), 0);
  const next = await Victim.start(site.file);
  assert.deepEqual(await tokens(next), expected);
  await next.kill();
  site.remove();
});

test("it does not flush: no 250 meanwhile; afterwards what is answered survives kill -9", async (t) => {
  const { site, victim } = await running(t);
  const sender = await Sender.to(victim.ports.smtp);
  await whileFailing(victim.pid, NOT_FLUSHED, async () => {
    for (const octets of SIZES)
      assert.match(await sender.deliver(`during-${octets}`, octets), /^451 4\.3\.0 /);
    await victim.logged(/look at the system's log/);
  });
  for (const octets of SIZES)
    assert.match(await sender.deliver(`after-${octets}`, octets), /^250 2\.0\.0 /);
  await victim.kill();
  const next = await Victim.start(site.file);
  const stored = await tokens(next);
  for (const when of ["before", "after"])
    for (const octets of SIZES)
      assert.equal(stored.filter((token) => token === `${when}-${octets}`).length, 1);
  await next.kill();
  site.remove();
});
