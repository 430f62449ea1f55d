/**
 * The class "end-of-data confusion": two servers that disagree about where a message ends, so that what one takes for
 * content is commands to the other. Only CR LF . CR LF ends DATA, only its count ends a chunk; all else that
 * looks like an end closes the connection, and nothing of it is stored.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { GatepostServer } from "../../src/app/index.ts";
import { newSite, PASSWORD, portOf, USER as MAILBOX, type Site } from "../e2e/site.ts";
import { Talk } from "../e2e/talk.ts";
import { BEGUN, codes, everyCut, lines, MemorySite, VICTIM } from "./support/memory-site.ts";

const LINE_ENDS = { CR: "\r", LF: "\n", CRLF: "\r\n", CRCRLF: "\r\r\n", NUL: "\0" } as const;
type LineEnd = keyof typeof LINE_ENDS;
const NAMES = Object.keys(LINE_ENDS) as LineEnd[]; // the keys just written down

/** What a smuggler puts behind the false end: another message, from an address of ours. */
const SMUGGLED = lines("MAIL FROM:<ann@local.example>", `RCPT TO:<${VICTIM}>`);

/** Every pair but the one true end. */
const CONFUSIONS = NAMES.flatMap((first) => NAMES.map((second) => [first, second] as const)).filter(
  ([first, second]) => first !== "CRLF" || second !== "CRLF",
);

function falseEnd(first: LineEnd, second: LineEnd): string {
  return `${LINE_ENDS[first]}.${LINE_ENDS[second]}`;
}

describe("in DATA, at every split", () => {
  for (const [first, second] of CONFUSIONS)
    test(`${first} . ${second} ends the connection and not the message`, async () => {
      for (const pieces of everyCut(`text${falseEnd(first, second)}${SMUGGLED}`)) {
        const site = new MemorySite();
        const client = site.connect();
        await client.send(BEGUN);
        const said = await client.send(...pieces);
        assert.match(said, /^521 5\.5\.2 (?:bare CR|bare LF|NUL) in message content \[\w+\]\r\n$/);
        assert.ok(client.closed);
        assert.equal(site.messages.length, 0);
        const senders = site.facts.flatMap(({ events }) => events.map(({ kind }) => kind));
        assert.deepEqual(senders, ["sender", "recipient", "refused"], "one sender was heard");
      }
    });

  test("CRLF . CRLF is the end: what follows is commands, and relaying is refused as ever", async () => {
    const content = "text\r\n..\r\n...\r\n. \r\n";
    for (const pieces of everyCut(`${content}.\r\n${SMUGGLED}`)) {
      const site = new MemorySite();
      const client = site.connect();
      await client.send(BEGUN);
      const said = await client.send(...pieces);
      assert.deepEqual(codes(said), ["250 2.0.0", "250 2.1.0", "550 5.7.1"]);
      assert.deepEqual(
        site.messages.map((message) => message.content),
        ["text\r\n.\r\n..\r\n \r\n"],
      );
    }
  });

  test("an end that stands first, with nothing before it, is the end of an empty message", async () => {
    const site = new MemorySite();
    const client = site.connect();
    const said = await client.send(BEGUN, ".\r\n");
    assert.equal(codes(said).at(-1), "250 2.0.0");
    assert.equal(site.messages[0]?.content, "");
  });
});

describe("in BDAT, at every split", () => {
  const begun = BEGUN.replace("DATA\r\n", "");

  for (const [first, second] of CONFUSIONS)
    test(`${first} . ${second} inside a chunk ends the connection`, async () => {
      const content = `text${falseEnd(first, second)}${SMUGGLED}`;
      const chunk = `BDAT ${content.length} LAST\r\n${content}`;
      for (const pieces of everyCut(chunk)) {
        const site = new MemorySite();
        const client = site.connect();
        await client.send(begun);
        const said = await client.send(...pieces);
        assert.match(said, /^521 5\.5\.2 /);
        assert.ok(client.closed);
        assert.equal(site.messages.length, 0);
      }
    });

  test("CRLF . CRLF inside a chunk is content, and the count alone ends it", async () => {
    const content = `text\r\n.\r\n${SMUGGLED}`;
    for (const pieces of everyCut(`BDAT ${content.length} LAST\r\n${content}`)) {
      const site = new MemorySite();
      const client = site.connect();
      await client.send(begun);
      assert.deepEqual(codes(await client.send(...pieces)), ["250 2.0.0"]);
      assert.deepEqual(
        site.messages.map((message) => message.content),
        [content],
      );
    }
  });

  test("a line end that two chunks share is one; a CR that the last chunk leaves alone is none", async () => {
    const site = new MemorySite();
    const client = site.connect();
    await client.send(begun, "BDAT 2\r\na\r", "BDAT 1 LAST\r\n\n");
    assert.equal(site.messages[0]?.content, "a\r\n");
    const other = site.connect();
    assert.match(await other.send(begun, "BDAT 2 LAST\r\na\r"), /521 5\.5\.2 bare CR/);
    assert.ok(other.closed);
    assert.equal(site.messages.length, 1);
  });

  test("a chunk whose count nobody can read ends the connection: nobody knows what follows", async () => {
    for (const count of ["", "x", "-1", "1e3", "9".repeat(16), "5 LAST x", "0x5", "5,5"]) {
      const site = new MemorySite();
      const client = site.connect();
      await client.send(begun);
      assert.match(await client.send(`BDAT ${count}\r\n${SMUGGLED}`), /^501 5\.5\.4 /, count);
      assert.ok(client.closed);
      assert.equal(site.messages.length, 0);
    }
  });
});

describe("over a socket", () => {
  let site: Site;
  let server: GatepostServer;

  before(async () => {
    site = await newSite();
    server = await site.serve();
  });
  after(async () => {
    await server.stop(1000);
    site.remove();
  });

  test("none of them leaves anything in a mailbox, and the true end leaves one message", async () => {
    for (const [first, second] of [...CONFUSIONS, ["CRLF", "CRLF"] as const]) {
      const talk = await Talk.to(portOf(server, "smtp"));
      await talk.reply();
      for (const line of ["EHLO x", "MAIL FROM:<>", `RCPT TO:<${MAILBOX}>`, "DATA"])
        await talk.ask(line);
      const reply = await talk.say(`text${falseEnd(first, second)}${SMUGGLED}`).reply();
      assert.match(reply, first === second && first === "CRLF" ? /^250 / : /^521 /);
      talk.destroy();
    }
    const talk = await Talk.to(portOf(server, "pop3"));
    await talk.reply();
    await talk.ask(`USER ${MAILBOX}`);
    assert.equal(await talk.ask(`PASS ${PASSWORD}`), "+OK 1 message\r\n");
    talk.destroy();
  });
});
