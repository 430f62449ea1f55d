/**
 * The class "prototype pollution and magic keys" (Haraka CVE-2026-34752: a header named `__proto__` killed the worker): words
 * that mean something to the language are, from a stranger, words like any other. Each is used as a header, a user, a
 * domain, a tag, a parameter, a login, a question to the journal and a setting.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openDirectory, type GatepostServer } from "../../src/app/index.ts";
import { ConfigError, loadConfig } from "../../src/config/index.ts";
import { explain } from "../../src/operate/journal/index.ts";
import { deliver, Talk } from "../e2e/talk.ts";
import { newSite, portOf, type Site } from "../e2e/site.ts";
import { BEGUN, codes, lines, MemorySite } from "./support/memory-site.ts";

const WORDS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "__defineGetter__",
  "then",
  "toJSON",
  "length",
] as const;

/** What a domain may be called of those. */
const LABELS = WORDS.filter((word) => !word.includes("_")).map((word) => word.toLowerCase());

/** The language itself is as it was. */
function assertClean(): void {
  assert.deepEqual(Object.keys(Object.prototype), []);
  for (const key in {}) assert.fail(`${key} is in every object`);
  assert.equal(Reflect.get({}, "polluted"), undefined);
  assert.equal(typeof {}.toString, "function");
}

const untouched = Object.getOwnPropertyNames(Object.prototype).toSorted();
after(() => assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).toSorted(), untouched));

describe("in a message", () => {
  for (const word of WORDS)
    test(`a header field named ${word}`, async () => {
      const site = new MemorySite();
      const header = `${word}: polluted\r\n${word}[polluted]: yes\r\nReceived: ${word}\r\n`;
      const client = site.connect();
      await client.send(BEGUN);
      const said = await client.send(`${header.repeat(3)}\r\n{"${word}":{"polluted":1}}\r\n.\r\n`);
      assert.deepEqual(codes(said), ["250 2.0.0"]);
      assert.match(site.messages[0]?.content ?? "", new RegExp(`^${word}: polluted`));
      assertClean();
    });
});

describe("in a command", () => {
  for (const word of WORDS)
    test(`${word} as a name, a local part, a tag, a parameter, a verb`, async () => {
      const site = new MemorySite();
      const client = site.connect();
      const said = await client.send(
        lines(
          `EHLO ${word}`,
          `MAIL FROM:<${word}@remote.example>`,
          `RCPT TO:<${word}@local.example>`,
          `RCPT TO:<ann+${word}@local.example>`,
          `RCPT TO:<${word}>`,
          "RSET",
          `MAIL FROM:<a@b.example> ${word}=1`,
          `MAIL FROM:<a@b.example> BODY=${word}`,
          word,
          `${word} x`,
          `VRFY ${word}`,
        ),
      );
      const parameter = word.includes("_") ? "501 5.5.4" : "555 5.5.4";
      assert.deepEqual(codes(said), [
        "250",
        "250 2.1.0",
        "550 5.1.1",
        "250 2.1.5",
        "501 5.1.3",
        "250 2.0.0",
        parameter,
        "555 5.5.4",
        "500 5.5.1",
        "500 5.5.1",
        "252 2.5.0",
      ]);
      client.hangUp();
      assert.equal(site.facts[0]?.helo, word);
      assertClean();
    });

  test("as a domain", async () => {
    for (const label of LABELS) {
      const client = new MemorySite().connect();
      await client.send(lines("EHLO x", `MAIL FROM:<a@${label}>`));
      const said = await client.send(
        lines(`RCPT TO:<a@${label}>`, `RCPT TO:<a@${label}.example>`, `RCPT TO:<a@__proto__>`),
      );
      assert.deepEqual(codes(said), ["550 5.7.1", "550 5.7.1", "501 5.1.3"], label);
    }
    assertClean();
  });
});

describe("over sockets, with such names in the directory", () => {
  let site: Site;
  let server: GatepostServer;

  before(async () => {
    site = await newSite();
    server = await site.serve();
    const { administration, close } = await openDirectory(loadConfig(site.file));
    for (const label of LABELS)
      assert.deepEqual(await administration.domains.add(`${label}.example`), { kind: "done" });
    await close();
  });
  after(async () => {
    await server.stop(1000);
    site.remove();
  });

  test("a mailbox of such a name is there when it was made, and opens for its owner only", async () => {
    for (const word of ["__proto__", "constructor", "toString"] as const) {
      const address = `${word}@local.example`;
      assert.match(await deliver(portOf(server, "smtp"), address, "x"), /^550 5\.1\.1/);
      const { administration, close } = await openDirectory(loadConfig(site.file));
      assert.deepEqual(await administration.mailboxes.add(address, "secret"), { kind: "done" });
      await close();
      assert.match(await deliver(portOf(server, "smtp"), address, "x"), /^250/);
      assert.match(await logIn(address, "secret"), /^\+OK 1 message/);
    }
    // Few wrong ones: guessing is slowed down.
    assert.match(await logIn("__proto__@local.example", "__proto__"), /^-ERR \[AUTH\]/);
    assert.match(await logIn("__proto__", "__proto__"), /^-ERR \[AUTH\]/);
    assertClean();
  });

  test("a domain of such a name takes mail for its postmaster, as any other", async () => {
    for (const label of LABELS)
      assert.match(
        await deliver(portOf(server, "smtp"), `postmaster@${label}.example`, "x"),
        /^250/,
      );
  });

  test("as a question to the journal", async () => {
    const { journal, close } = await openDirectory(loadConfig(site.file));
    for (const word of WORDS) {
      assert.match(await explain(journal, word, false), /is no session, message/);
      const address = await explain(journal, `${word.toLowerCase()}@nowhere.example`, true);
      assert.deepEqual(JSON.parse(address), {
        subject: `${word.toLowerCase()}@nowhere.example`,
        sessions: [],
        attempts: [],
      });
    }
    assert.match(
      await explain(journal, "__proto__@local.example", false),
      /sessions? of __proto__/,
    );
    await close();
  });

  async function logIn(user: string, password: string): Promise<string> {
    const talk = await Talk.to(portOf(server, "pop3"));
    await talk.reply();
    await talk.ask(`USER ${user}`);
    const reply = await talk.ask(`PASS ${password}`);
    talk.destroy();
    return reply;
  }
});

describe("in the configuration", () => {
  test("as a setting it is one that there is not", async () => {
    const site = await newSite();
    for (const word of WORDS)
      for (const key of [word, `limits.${word}`, `${word}.polluted`, `limits.${word}.polluted`])
        assert.throws(() => loadConfig(site.file, [`${key}=1`]), ConfigError, key);
    assertClean();
    site.remove();
  });
});
