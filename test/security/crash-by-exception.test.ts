/**
 * The class "crash by exception": one throw at the wrong moment and the whole server is gone, with everybody's sessions. Here
 * each call that a session makes of the house around it goes wrong once, its first, its second, its third time: the
 * session may end or be put off, the server goes on, and what was answered 250 is stored.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { openPop3, type Pop3Parts } from "../../src/app/pop3.ts";
import { openSmtp, type SmtpParts } from "../../src/app/smtp.ts";
import { NetServer, type OpenDialogue } from "../../src/net/index.ts";
import { silentLog, systemClock, systemRandom } from "../../src/runtime/index.ts";
import { MaildropLeases } from "../../src/service/maildrop/index.ts";
import type { Maildrops } from "../../src/store/index.ts";
import { Talk } from "../e2e/talk.ts";
import { Breaker, type Fault } from "./support/breaking.ts";
import { MemorySite, USER } from "./support/memory-site.ts";

/** What escaped every boundary: in production it would have ended the process. */
const escaped: unknown[] = [];
const note = (error: unknown): void => void escaped.push(error);
before(() => process.on("uncaughtException", note).on("unhandledRejection", note));
after(() => process.off("uncaughtException", note).off("unhandledRejection", note));

/** A port of which each connection is opened anew. */
class Port {
  readonly net = new NetServer(
    () => ({ connections: 100, connectionsPerAddress: 100, connectionsPerNetwork: 100 }),
    silentLog,
  );
  open: OpenDialogue = () => assert.fail("no session is opened yet");
  port = 0;

  async listen(t: TestContext): Promise<this> {
    t.after(() => this.net.stop(0));
    const listener = { name: "test", setting: "listen.test", address: "127.0.0.1", port: 0 };
    const service = {
      open: (...args: Parameters<OpenDialogue>) => this.open(...args),
      busy: () => "421 4.7.0 busy\r\n",
      environment: () => ({
        clock: systemClock,
        log: silentLog,
        secureContext: undefined,
        handshakeMs: 60_000,
        crowdedMs: 60_000,
        sessionMs: 60_000,
      }),
    };
    const options = { ...listener, implicitTls: false, proxyFrom: [] };
    this.port = (await this.net.listen(options, service)).port;
    return this;
  }

  /** Says the lines one after the other, as long as there is somebody; resolves to all replies. */
  async converse(lines: readonly string[]): Promise<string[]> {
    const talk = await Talk.to(this.port);
    const replies = [await talk.reply()];
    for (const line of lines) {
      const reply = await talk.ask(line);
      replies.push(reply);
      if (reply === "closed") break;
      if (line.startsWith("RETR") && reply.startsWith("+OK")) await talk.until("\r\n.\r\n");
    }
    talk.destroy();
    while (this.net.connections > 0) await new Promise((resolve) => setImmediate(resolve));
    return replies.filter((reply) => reply !== "closed");
  }
}

/** Every call of the faulty kind until a run does not come to it any more. */
async function eachCall(
  method: string,
  how: Fault["how"],
  run: (breaker: Breaker) => Promise<void>,
): Promise<void> {
  for (let call = 1; ; call++) {
    const breaker = new Breaker({ method, call, how });
    await run(breaker);
    assert.deepEqual(escaped.splice(0), [], `${method}, call ${call}: nothing escapes`);
    if (!breaker.hasBroken) return assert.ok(call > 1, `${method} was never called`);
  }
}

describe("SMTP", () => {
  const SESSION = [
    "EHLO client.example",
    "MAIL FROM:<a@remote.example>",
    `RCPT TO:<${USER}>`,
    "RCPT TO:<victim@foreign.example>",
    "DATA",
    "Subject: one\r\n\r\ntext\r\n.",
    "MAIL FROM:<>",
    `RCPT TO:<${USER}>`,
    "BDAT 3\r\na",
    "RSET",
    "MAIL FROM:<>",
    `RCPT TO:<${USER}>`,
    "BDAT 5 LAST\r\nbcd",
    "FOO",
    "QUIT",
  ];

  function broken(site: MemorySite, breaker: Breaker): SmtpParts {
    const { receive } = site.parts;
    const draft = (made: unknown): unknown => breaker.wrap("draft", made as object); // drafts are all it makes
    return {
      ...site.parts,
      random: breaker.wrap("random", systemRandom),
      receive: {
        ...receive,
        clock: breaker.wrap("clock", receive.clock),
        routing: breaker.wrap("routing", receive.routing),
        stages: breaker.wrap("stages", receive.stages),
        messages: breaker.wrap("messages", receive.messages, draft),
        journal: breaker.wrap("journal", receive.journal),
        greetingDelay: breaker.wrapped("greetingDelay", (done: () => void) =>
          receive.greetingDelay(done),
        ),
        directoryProved: breaker.wrapped("directoryProved", () => receive.directoryProved()),
      },
    };
  }

  const FAULTS: readonly (readonly [string, Fault["how"]])[] = [
    ["random.octets", "throws"],
    ["clock.now", "throws"],
    ["clock.elapsed", "throws"],
    ["routing.route", "throws"],
    ["stages.recipient", "throws"],
    ["stages.recipient", "rejects"],
    ["stages.message", "throws"],
    ["stages.message", "rejects"],
    ["messages.openMessage", "throws"],
    ["draft.write", "throws"],
    ["draft.commit", "throws"],
    ["draft.commit", "rejects"],
    ["draft.abandon", "throws"],
    ["journal.note", "throws"],
    ["greetingDelay", "throws"],
    ["directoryProved", "throws"],
    ["directoryProved", "rejects"],
  ];

  for (const [method, how] of FAULTS)
    test(`${method} ${how}`, async (t) => {
      const site = new MemorySite();
      const port = await new Port().listen(t);
      await eachCall(method, how, async (breaker) => {
        site.messages.length = 0;
        const parts = broken(site, breaker);
        port.open = (peer, wire) => openSmtp(parts, peer, false, wire);
        const replies = await port.converse(SESSION);
        for (const reply of replies) assert.match(reply, /^[2-5][0-9]{2}[ -]/);
        assertAccounted(site, replies);
        port.open = (peer, wire) => openSmtp(site.parts, peer, false, wire);
        const next = await port.converse(SESSION);
        assert.equal(next.length, SESSION.length + 1, "the next session is as if nothing had been");
        assert.equal(site.bodies.total, 0, "room for bodies is given back");
      });
    });

  /** What was answered 250 is stored; what was stored and not answered is at most one, its connection broke. */
  function assertAccounted({ messages }: MemorySite, replies: readonly string[]): void {
    const answered = replies.flatMap((reply) => /^250 .* accepted as (\S+)/.exec(reply)?.[1] ?? []);
    const stored = messages.map(({ id }) => String(id));
    for (const id of answered)
      assert.ok(stored.includes(id), `${id} was answered 250 and is not there`);
    assert.ok(stored.length - answered.length <= 1);
  }
});

describe("POP3", () => {
  const CONTENT = Buffer.from("Subject: one\r\n\r\ntext\r\n");
  const SESSION = ["USER ann@local.example", "PASS secret", "STAT", "RETR 1", "DELE 1", "QUIT"];
  const FAULTS: readonly (readonly [string, Fault["how"]])[] = [
    ["random.octets", "throws"],
    ["clock.now", "throws"],
    ["clock.elapsed", "throws"],
    ["accounts.authenticate", "throws"],
    ["accounts.authenticate", "rejects"],
    ["maildrops.list", "throws"],
    ["maildrops.list", "rejects"],
    ["maildrops.read", "throws"],
    ["maildrops.read", "rejects"],
    ["maildrops.remove", "throws"],
    ["maildrops.remove", "rejects"],
  ];

  /** One mailbox with one message, until it is removed. */
  class OneMessage implements Maildrops {
    removed = false;
    list = () => Promise.resolve(this.removed ? [] : [{ uid: "1", octets: CONTENT.length }]);
    read = (_mailbox: unknown, _uid: string, offset: number, limit: number) =>
      CONTENT.subarray(offset, offset + limit);
    remove = () => Promise.resolve(void (this.removed = true));
  }

  function parts(maildrops: Maildrops, leases: MaildropLeases, breaker: Breaker): Pop3Parts {
    const site = new MemorySite();
    const id = site.directory.mailboxAt(USER);
    const mailbox = site.directory.mailboxById(id);
    assert.ok(mailbox !== undefined);
    return {
      hostname: "mx.local.example",
      random: breaker.wrap("random", systemRandom),
      settings: POP3_SETTINGS,
      limits: POP3_LIMITS,
      maildrop: {
        accounts: breaker.wrap("accounts", {
          authenticate: () => Promise.resolve({ kind: "ok", mailbox }),
          openScram: () => ({ kind: "wrong" }),
        }),
        maildrops: breaker.wrap("maildrops", maildrops),
        leases,
        clock: breaker.wrap("clock", systemClock),
        log: silentLog,
        onEnd: () => {},
      },
    };
  }

  for (const [method, how] of FAULTS)
    test(`${method} ${how}`, async (t) => {
      const timer = { after: () => () => {} };
      const leases = new MaildropLeases(timer, 5000);
      const port = await new Port().listen(t);
      await eachCall(method, how, async (breaker) => {
        const maildrops = new OneMessage();
        port.open = (peer, wire) => openPop3(parts(maildrops, leases, breaker), peer, false, wire);
        const replies = await port.converse(SESSION);
        for (const reply of replies) assert.match(reply, /^[+-]/);
        const promised = replies.some((reply) => reply.startsWith("+OK 1 message deleted"));
        assert.ok(!promised || maildrops.removed, "what was said to be deleted is");
        const whole = parts(maildrops, leases, new Breaker({ method: "", call: 1, how }));
        port.open = (peer, wire) => openPop3(whole, peer, false, wire);
        const next = await port.converse(SESSION.slice(0, 2));
        assert.match(
          next.at(-1) ?? "",
          maildrops.removed ? /^\+OK 0 / : /^\+OK 1 /,
          "the mailbox is free",
        );
      });
    });
});

const POP3_SETTINGS: Pop3Parts["settings"] = {
  plain_text_login: true,
  auth_login: false,
  international_messages: "sent",
};

const POP3_LIMITS: Pop3Parts["limits"] = {
  errors: 20,
  commandLineOctets: 255,
  saslLineOctets: 12_288,
  chunkOctets: 4096,
  loginTimeMs: 180_000,
  idleTimeMs: 600_000,
  crowdedTimeMs: 10_000,
};

test("a log without room on its disk neither ends a program nor keeps it from ending", async () => {
  const program = join(import.meta.dirname, "support", "logs-to-a-full-disk.ts");
  const full = openSync("/dev/full", "w");
  const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", full] });
  let said = "";
  child.stdout?.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  assert.deepEqual([code, said], [0, "alive\n"]);
});
