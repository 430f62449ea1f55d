/**
 * The class "CR and LF injection": what a stranger wrote ends a line of ours, so that its rest becomes a reply, a header
 * field, a line of the log or of a page, or moves the cursor of whoever reads it. Every field that a client can fill
 * is filled with such characters; each place where we write it again must stay one line of plain text.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { GatepostServer, openDirectory } from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { explain } from "../../src/operate/journal/index.ts";
import { statusLine } from "../../src/protocol/smtp/index.ts";
import { openLog } from "../../src/runtime/index.ts";
import { ANY_PORTS, newSite, portOf, USER as MAILBOX, type Site } from "../e2e/site.ts";
import { Talk } from "../e2e/talk.ts";
import { lines, MemorySite, USER } from "./support/memory-site.ts";

/** As UTF-8, or as the octets they are where they are none. */
const HOSTILE: ReadonlyMap<string, Buffer> = new Map([
  ["CR LF", Buffer.from("\r\n")],
  ["CR", Buffer.from("\r")],
  ["LF", Buffer.from("\n")],
  ["NUL", Buffer.from("\0")],
  ["U+010D U+010A, which an octet cuts to CR LF", Buffer.from("\u010d\u010a")],
  ["the octets 8D 8A, which seven bits cut to CR LF", Buffer.of(0x8d, 0x8a)],
  ["an escape sequence of terminals", Buffer.from("\x1b[31m\x1b]0;x\x07")],
  ["CSI as one character", Buffer.from("\u009b31m")],
  ["CSI as one octet", Buffer.of(0x9b)],
  ["NEL", Buffer.from("\u0085")],
  ["line and paragraph separator", Buffer.from("\u2028\u2029")],
  ["writing from right to left", Buffer.from("\u202egnp\u2066")],
  ["backspace, tab and delete", Buffer.from("\b\t\x7f")],
  ["percent and JSON", Buffer.from('%0d%0a%s"\\u000a')],
]);

/** What follows the hostile character: an answer, a field, a command, a record, as somebody might want it. */
const BAIT = "250 2.0.0 accepted Bcc: x QUIT";

/** Every place of a client's words, with "#" where the hostile octets stand. */
const FIELDS: readonly string[] = [
  "EHLO cli#ent.example",
  "HELO [#]",
  "MAIL FROM:<a#b@remote.example> SMTPUTF8",
  'MAIL FROM:<"a#b"@remote.example> SMTPUTF8',
  "MAIL FROM:<a@rem#ote.example> SMTPUTF8",
  "MAIL FROM:<a@remote.example> SIZE=1# SMTPUTF8",
  "MAIL FROM:<a@remote.example> #=1",
  "RCPT TO:<a#b@local.example>",
  "RCPT TO:<ann+#@local.example>",
  'RCPT TO:<"ann#"@local.example>',
  "RCPT TO:<a@for#eign.example>",
  "VRFY #",
  "NOOP #",
  "AUTH PLAIN #",
  "FOO#",
  "#",
];

/** No octet or character that ends a line or is obeyed by a terminal. */
const CONTROL = /[\0-\x1f\x7f-\x9f]/;
const LAYOUT = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

function assertOneLineEach(text: string, what: string): string[] {
  assert.ok(text === "" || text.endsWith("\n"), what);
  const each = text.split("\n").slice(0, -1);
  for (const line of each) assert.doesNotMatch(line, CONTROL, what);
  return each;
}

/** What a client sends: the field with the hostile octets in it, and the bait behind them. */
function said(field: string, hostile: Buffer): Buffer {
  const [front = "", behind = ""] = field.split("#");
  const bait = Buffer.from(field.includes("<") ? "x" : BAIT);
  return Buffer.concat([Buffer.from(front), hostile, bait, Buffer.from(`${behind}\r\n`)]);
}

describe("in SMTP", () => {
  for (const [name, hostile] of HOSTILE)
    test(name, async () => {
      for (const field of FIELDS) {
        const site = new MemorySite();
        const client = site.connect();
        await client.send(lines("EHLO client.example", "MAIL FROM:<> SMTPUTF8"));
        if (field.startsWith("MAIL")) await client.send("RSET\r\n");
        const what = `${field} with ${name}`;
        assertReplies(await client.send(said(field, hostile)), what);
        assertReplies(await client.send(lines("RSET", "EHLO client.example")), what);
        await client.send(said(field, hostile).subarray(0, -2), "\r\n");
        client.hangUp();
        await assertWrittenDown(site, what);
      }
    });
});

function assertReplies(text: string, what: string): void {
  for (const reply of text.split("\r\n").slice(0, -1))
    assert.match(reply, /^[2-5][0-9]{2}[ -][ -~]+$/, what);
  assert.ok(text === "" || text.endsWith("\r\n"), what);
}

/** Log, journal and explain have it in plain lines. */
async function assertWrittenDown(site: MemorySite, what: string): Promise<void> {
  for (const line of assertOneLineEach(site.logged, what))
    assert.doesNotThrow(() => JSON.parse(line));
  for (const { json, addresses } of site.notes) {
    assert.doesNotMatch(json, CONTROL, what);
    for (const address of addresses) assert.doesNotMatch(address, CONTROL, what);
  }
  const journal = {
    find: () => Promise.resolve(site.notes.map((note) => ({ ...note, count: 1, lastAt: note.at }))),
  };
  const session = String(site.facts[0]?.session);
  const page = await explain(journal, session, false);
  assertOneLineEach(`${page}\n`, what);
  assert.doesNotMatch(page, LAYOUT, what);
  const many = await explain(journal, "192.0.2.9", false);
  assertOneLineEach(`${many}\n`, what);
  assert.doesNotMatch(await explain(journal, session, true), /[\0-\x09\x0b-\x1f\x7f-\x9f]/, what);
}

describe("in the trace fields of a message", () => {
  const head =
    /^Return-Path: <[^\0-\x1f\x7f]*>\r\nReceived: from [!-~]+ \(\[192\.0\.2\.9\]\)\r\n\tby [!-~]+ with [A-Z0-9]+\r\n\tid [a-z0-9-]+(?:\r\n\tfor <[^\0-\x1f\x7f]+>)?;\r\n\t[ -~]+\r\n$/;

  for (const [name, hostile] of HOSTILE)
    test(name, async () => {
      const words = [
        ["EHLO a#b.example", "MAIL FROM:<a@remote.example>", `RCPT TO:<${USER}>`],
        ["EHLO x", "MAIL FROM:<a#b@remote.example> SMTPUTF8", `RCPT TO:<${USER}>`],
        ["EHLO x", 'MAIL FROM:<"a#b"@remote.example> SMTPUTF8', `RCPT TO:<${USER}>`],
        ["EHLO x", "MAIL FROM:<> SMTPUTF8", "RCPT TO:<ann+#@local.example>"],
        ["EHLO x", "MAIL FROM:<> SMTPUTF8", 'RCPT TO:<"ann+#"@local.example>'],
      ];
      for (const fields of words) {
        const site = new MemorySite();
        const client = site.connect();
        for (const field of fields) {
          const [front = "", behind] = field.split("#");
          const octets = behind === undefined ? [] : [hostile, Buffer.from(behind)];
          await client.send(Buffer.concat([Buffer.from(front), ...octets, Buffer.from("\r\n")]));
        }
        await client.send("DATA\r\ntext\r\n.\r\n");
        for (const { headText } of site.messages) {
          assert.match(headText, head, `${fields.join(", ")} with ${name}`);
          assert.doesNotMatch(headText, /[\u007f-\u009f]/);
        }
      }
    });

  test("and where nothing is hostile there is such a message", async () => {
    const site = new MemorySite();
    await site
      .connect()
      .send(lines("EHLO x", "MAIL FROM:<>", "RCPT TO:<ann+x@local.example>", "DATA", "text", "."));
    assert.match(site.messages[0]?.headText ?? "", head);
  });
});

test("a status is one line of ASCII, whatever words are given to it", () => {
  for (const [name, hostile] of HOSTILE) {
    const text = `no${hostile.toString("utf8")}250 yes`;
    const line = statusLine({ code: 550, enhanced: "5.7.1", text, source: "x" }, "k7q2m9x4tb3d");
    const octets = Buffer.from(line, "latin1").toString("latin1");
    assert.match(octets, /^550 5\.7\.1 no[ -~]+\r\n$/, name);
  }
});

describe("over sockets, down to the store", () => {
  let site: Site;
  let logged = "";

  before(async () => {
    site = await newSite();
    const log = openLog("info", { write: (line) => void (logged += line) });
    const server = await GatepostServer.start(loadConfig(site.file, ANY_PORTS), log);
    for (const hostile of HOSTILE.values()) {
      await talkOnce(portOf(server, "smtp"), FIELDS, hostile);
      await talkOnce(portOf(server, "pop3"), POP3_FIELDS, hostile);
    }
    await server.stop(1000);
  });
  after(() => site.remove());

  const POP3_FIELDS = ["USER a#b@local.example", "USER #", `USER ${MAILBOX}#`, "#", "RETR #"];

  test("the log is a line of JSON for each event", () => {
    const each = assertOneLineEach(logged, "the log");
    assert.ok(each.length > 2 * HOSTILE.size);
    for (const line of each) assert.equal(typeof JSON.parse(line), "object");
  });

  test("explain is plain text, for the host and for each of its sessions", async () => {
    const { journal, close } = await openDirectory(loadConfig(site.file));
    const records = await journal.find({ kind: "ip", ip: "127.0.0.1", limit: 1000 });
    assert.ok(records.length > 10);
    for (const subject of ["127.0.0.1", ...records.map(({ session }) => session)]) {
      const page = await explain(journal, subject, false);
      assertOneLineEach(`${page}\n`, subject);
      assert.doesNotMatch(page, LAYOUT);
    }
    await close();
  });
});

/** One session that says all of it, as far as it is let. */
async function talkOnce(port: number, fields: readonly string[], hostile: Buffer): Promise<void> {
  for (const field of fields) {
    const talk = await Talk.to(port);
    const greeting = await talk.reply();
    if (greeting.startsWith("220")) await talk.ask("EHLO client.example");
    talk.say(said(field, hostile).toString("latin1"));
    assert.match(await talk.reply(), /^(?:[2-5][0-9]{2}[ -]|\+OK|-ERR)[ -~]*\r\n/);
    talk.destroy();
  }
}
