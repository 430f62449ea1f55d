/**
 * The class "address parser disagreement": the check reads one domain, and whoever stores, routes or writes the address
 * reads another. There is one parser and one canonical form; what it takes means the same again when it is
 * written, and what two parsers could read in two ways is refused.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  displayDomain,
  formatForwardPath,
  journalKey,
  parseAddress,
  parsePath,
  type Address,
} from "../../src/mail/index.ts";
import { Dice } from "../fuzz/dice.ts";
import { pathText } from "../fuzz/smtp/generator.ts";
import { codes, lines, MemorySite } from "./support/memory-site.ts";

/** What parsers of other programs read as an address for local.example, of for somebody else. */
const REFUSED_PATHS: readonly (readonly [string, string])[] = [
  // A quoted local part that holds the attacker's domain (nodemailer GHSA-mm7p-fcc7-pg87).
  ['<"ann@foreign.example x"@local.example>', "550 5.7.1"],
  ['<"ann@foreign.example"@local.example>', "550 5.7.1"],
  ['<"ann@foreign.example\\" x"@local.example>', "550 5.7.1"],
  ['<"x"ann@local.example>', "501 5.1.3"],
  ['<ann"x"@local.example>', "501 5.1.3"],
  ['<"ann"."x"@local.example>', "501 5.1.3"],
  ['<"ann@local.example>', "501 5.1.3"],
  // Comments that glue or split a domain.
  ["<ann@local(x).example>", "501 5.1.3"],
  ["<ann@foreign.example(x)local.example>", "501 5.1.3"],
  ["<ann(x)@local.example>", "501 5.1.3"],
  ["<(x)ann@local.example>", "501 5.1.3"],
  ["(x)<ann@local.example>", "501 5.5.2"],
  // Two addresses where one belongs.
  ["<ann@local.example>,<v@foreign.example>", "501 5.5.4"],
  ["<ann@local.example,v@foreign.example>", "501 5.1.3"],
  ["<ann@local.example v@foreign.example>", "501 5.1.3"],
  ["<v@foreign.example@local.example>", "501 5.1.3"],
  ["<ann@local.example@>", "501 5.1.3"],
  ["<ann@local.example>@foreign.example>", "501 5.5.4"],
  ["<<ann@local.example>>", "501 5.1.3"],
  ["friends:<ann@local.example>;", "501 5.5.2"],
  ['"ann" <ann@local.example>', "501 5.5.2"],
  // Old ways of naming a route (OpenSMTPD#754), and encodings that somebody undoes.
  ["<v%foreign.example@local.example>", "550 5.7.1"],
  ["<foreign.example!v@local.example>", "550 5.7.1"],
  ["<@local.example:v@foreign.example>", "550 5.7.1"],
  ["<=?utf-8?q?v=40foreign.example=3e?=@local.example>", "550 5.1.1"],
  ["<ann&#64;foreign.example@local.example>", "501 5.1.3"],
  ["<ann%40foreign.example@local.example>", "550 5.7.1"],
  // Domains that some mapping turns into ours, or into another.
  ["<ann@local.example.>", "501 5.1.3"],
  ["<ann@.local.example>", "501 5.1.3"],
  ["<ann@local..example>", "501 5.1.3"],
  ["<ann@local.example:25>", "501 5.1.3"],
  ["<ann@local.example/foreign.example>", "501 5.1.3"],
  ["<ann@local.example#foreign.example>", "501 5.1.3"],
  ["<ann@local.example\\@foreign.example>", "501 5.1.3"],
  ["<ann@local_example>", "501 5.1.3"],
  ["<ann@[local.example]>", "501 5.1.3"],
  ["<ann@127.1>", "501 5.1.3"],
  ["<ann@[127.1]>", "501 5.1.3"],
  ["<ann@[::ffff:127.0.0.1]>", "501 5.1.3"],
  ["<ann@[IPv6:127.0.0.1]>", "501 5.1.3"],
  ["<ann@[IPv6:::127.0.0.01]>", "501 5.1.3"],
  ["<ann@local.example%eth0>", "501 5.1.3"],
];

/** The same with SMTPUTF8: code points that tables map, drop or take for something else. */
const REFUSED_INTERNATIONAL: readonly (readonly [string, string])[] = [
  ["<ann@local\u00ad.example>", "501 5.1.3"], // soft hyphen, dropped by UTS-46
  ["<ann@local\u200b.example>", "501 5.1.3"], // zero width space
  ["<ann@local\u200d.example>", "501 5.1.3"], // zero width joiner
  ["<ann@local\ufe0f.example>", "501 5.1.3"], // variation selector
  ["<ann@local\u3002example>", "501 5.1.3"], // ideographic full stop
  ["<ann@local\uff0eexample>", "501 5.1.3"], // fullwidth full stop
  ["<ann@\uff4cocal.example>", "501 5.1.3"], // fullwidth letter
  ["<ann\uff20local.example>", "501 5.1.3"], // fullwidth @: no @ at all
  ["<ann@loca\u0131.example>", "550 5.7.1"], // dotless i: a domain of its own
  ["<ann@local.example\u0000>", "521 5.5.2"],
  ["<ann@lo\u0441al.example>", "550 5.7.1"], // Cyrillic es
  ["<ann@xn--local-.example>", "501 5.1.3"],
  ["<ann@LOCAL.EXAMPLE\u0301>", "501 5.1.3"], // a combining accent on our name's end
  ["<a\u0301nn@local.example>", "550 5.1.1"], // not ann
  ["<ann\u0080@local.example>", "501 5.1.3"],
  ['<"ann\u009b"@local.example>', "501 5.1.3"],
];

describe("what two parsers could read in two ways is no recipient here", () => {
  for (const [path, code] of REFUSED_PATHS)
    test(path, async () => assert.deepEqual(await answerTo(path, ""), code));
  for (const [path, code] of REFUSED_INTERNATIONAL)
    test(JSON.stringify(path), async () =>
      assert.deepEqual(await answerTo(path, " SMTPUTF8"), code),
    );
});

/** The reply to RCPT; whatever it is, nothing was accepted. */
async function answerTo(path: string, parameters: string): Promise<string | undefined> {
  const site = new MemorySite();
  const client = site.connect();
  await client.send(lines("EHLO client.example", `MAIL FROM:<>${parameters}`));
  const said = await client.send(Buffer.from(`RCPT TO:${path}\r\n`));
  if (!client.closed) assert.deepEqual(codes(await client.send("DATA\r\n")), ["503 5.5.1"]);
  return codes(said)[0];
}

describe("one form for policy, store and wire", () => {
  const CANONICAL: readonly (readonly [string, string])[] = [
    ['<"ann"@LOCAL.Example>', "<ann@local.example>"],
    ["<Ann@local.example>", "<Ann@local.example>"],
    ['<"a\\nn"@local.example>', "<ann@local.example>"],
    ["<ann+tag@local.example>", "<ann+tag@local.example>"],
  ];

  for (const [said, canonical] of CANONICAL)
    test(`${said} is ${canonical}: at the check, in the mailbox, in the trace field, in the journal`, async () => {
      const site = new MemorySite();
      const client = site.connect();
      await client.send(lines("EHLO client.example", "MAIL FROM:<>", `RCPT TO:${said}`, "DATA"));
      await client.send("text\r\n.\r\n");
      const [message] = site.messages;
      const ann = site.directory.mailboxAt("ann@local.example");
      assert.deepEqual(message?.mailboxes, [ann]);
      assert.ok(message?.headText.includes(`for ${canonical};`), message?.headText);
      assert.deepEqual(message?.record.addresses, [canonical.slice(1, -1).toLowerCase()]);
    });

  test("two spellings of one recipient are one copy", async () => {
    const site = new MemorySite();
    const client = site.connect();
    const spellings = ["<ann@local.example>", '<"ann"@local.example>', "<ANN+x@LOCAL.EXAMPLE>"];
    await client.send(lines("EHLO x", "MAIL FROM:<>", ...spellings.map((one) => `RCPT TO:${one}`)));
    await client.send("DATA\r\ntext\r\n.\r\n");
    assert.equal(site.messages[0]?.mailboxes.length, 1);
  });
});

describe("whatever a client says", () => {
  test("what was read is read again from what is written, and means the same", () => {
    let addresses = 0;
    for (let seed = 0; seed < 20_000; seed++) {
      const text = Buffer.from(pathText(new Dice(seed)), "latin1").toString("utf8");
      if (/[\0-\x1f\x7f]/.test(text)) continue; // such a line is refused before it is read
      const read = parsePath(text, 0, true);
      if (read.kind !== "address") continue;
      addresses++;
      assertSame(read.address);
    }
    assert.ok(addresses > 5000);
  });

  test("the domain that policy judged is the one that is written, and only ours is accepted", async () => {
    const site = new MemorySite({ recipients: 1_000_000, errors: 1_000_000, transactions: 2 });
    const client = site.connect();
    await client.send(lines("EHLO client.example", "MAIL FROM:<> SMTPUTF8"));
    const accepted: string[] = [];
    for (let seed = 0; seed < 5000; seed++) {
      const path = pathText(new Dice(seed));
      if (/[\0\r\n]/.test(path)) continue;
      const said = await client.send(`RCPT TO:${path}\r\n`);
      if (said.startsWith("250")) accepted.push(path);
    }
    assert.ok(accepted.length > 100);
    for (const path of accepted)
      assert.match(
        path,
        /^<(?:[^@]+@local\.example|postmaster)>$/i,
        "no second @, no other domain",
      );
  });
});

/** Read, written and read again is the same; so are its journal key and its shown domain. */
function assertSame(address: Address): void {
  const wire = formatForwardPath(address);
  const again = parsePath(wire, 0, true);
  assert.deepEqual(again, { kind: "address", address, routed: false, end: wire.length });
  assert.deepEqual(parseAddress(wire.slice(1, -1)), address);
  const { host } = address;
  if (host.kind !== "domain") return;
  assert.ok(wire.endsWith(`@${host.domain}>`), wire);
  assert.ok(journalKey(address).endsWith(`@${host.domain}`));
  const shown = parseAddress(`x@${displayDomain(host.domain)}`);
  assert.ok(typeof shown !== "string");
  assert.deepEqual(shown.host, host, "the name that people see is the same domain");
}
