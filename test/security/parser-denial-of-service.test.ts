/**
 * The class "parser denial of service": a message, a header or an address that is cheap to send and dear to read. Work is
 * counted, not timed: twice the input may cost twice the work and a little, and memory stays within its bounds
 * whatever comes. Expressions, which the counters do not see, must come to an end on lines as long as a line may be.
 */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { Work } from "./support/work.ts";

const work = Work.begin();
after(() => work.end());
// Loaded now, so that their work is counted.
const { BEGUN, codes, lines, MemorySite } = await import("./support/memory-site.ts");

/** Octets that a socket delivers at once. */
const CHUNK = 65_536;

interface Delivered {
  readonly said: string;
  readonly work: number;
  /** Writes into the store. */
  readonly writes: number;
}

/** A message of this content, sent in pieces of so many octets. */
async function deliver(content: string, piece = CHUNK): Promise<Delivered> {
  const site = new MemorySite();
  const client = site.connect();
  await client.send(BEGUN);
  const pieces: string[] = [];
  for (let at = 0; at < content.length; at += piece) pieces.push(content.slice(at, at + piece));
  let said = "";
  const done = await work.of(async () => {
    said = await client.send(...pieces, "\r\n.\r\n");
  });
  return { said, work: done, writes: site.writes };
}

/** Twice the input, twice the work: `cost` of one and of two. */
function assertLinear(one: number, two: number, what: string): void {
  assert.ok(one > 0, "the work is counted");
  assert.ok(two <= 2.2 * one, `${what}: ${one} for one, ${two} for two`);
}

describe("a message costs what its octets cost, whatever is in it", () => {
  const CONTENTS: Readonly<Record<string, (octets: number) => string>> = {
    "boundaries of no part": (octets) => `X: y\r\n\r\n${"--a\r\n".repeat(octets / 5)}`,
    "parts in parts": (octets) =>
      `X: y\r\n\r\n${"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n".repeat(octets / 50)}`,
    "empty lines": (octets) => "\r\n".repeat(octets / 2),
    dots: (octets) => `X: y\r\n\r\n${"..\r\n".repeat(octets / 4)}`,
    "one endless line": (octets) => `X: y\r\n\r\n${"x".repeat(octets)}`,
    "header fields": (octets) => "a:\r\n".repeat(octets / 4),
    "Received fields": (octets) => "Received:\r\n".repeat(octets / 11),
    "nearly Received fields": (octets) => "Receive:\r\nReceived \t:\r\n".repeat(octets / 22),
    "false results": (octets) =>
      "Authentication-Results: mx.local.example; spf=pass\r\n".repeat(octets / 53),
    "comments in false results": (octets) => `Authentication-Results: ${"(".repeat(octets)}`,
    "a folded field": (octets) => `a: b\r\n${" c\r\n".repeat(octets / 4)}`,
    "one endless field": (octets) => `a: ${"x".repeat(octets)}`,
  };

  for (const [name, content] of Object.entries(CONTENTS))
    for (const piece of [CHUNK, 100])
      test(`${name}, in pieces of ${piece}`, async () => {
        const one = await deliver(content(40_000), piece);
        const two = await deliver(content(80_000), piece);
        assertLinear(one.work, two.work, name);
        assert.ok(two.work < 20 * 80_000, `${two.work} for 80,000 octets`);
      });

  test("a header section that comes octet by octet is not read again with each of them", async () => {
    const one = await deliver("a: b\r\n".repeat(500), 1);
    const two = await deliver("a: b\r\n".repeat(1000), 1);
    assertLinear(one.work, two.work, "octets");
  });
});

describe("limits hold however much comes", () => {
  test("25 MB of boundaries go into the store in the pieces they came in", async () => {
    const { said, writes } = await deliver(`X: y\r\n\r\n${"--a\r\n".repeat(5_000_000)}`);
    assert.match(said, /^250 /);
    assert.ok(writes <= 25_000_000 / CHUNK + 10, `${writes} writes`);
  });

  test("100,000 header fields are too long a header section, and nothing of them is kept", async () => {
    const { said, writes } = await deliver("a: b\r\n".repeat(100_000));
    assert.equal(codes(said)[0], "552 5.3.4");
    assert.equal(writes, 0);
  });

  test("100,000 empty header fields stay below the limit, and are taken", async () => {
    const { said } = await deliver(`${":\r\n".repeat(80_000)}\r\n`);
    assert.equal(codes(said)[0], "250 2.0.0");
  });

  test("more Received fields than hops are a loop", async () => {
    const { said } = await deliver("Received: x\r\n".repeat(20_000));
    assert.equal(codes(said)[0], "554 5.4.6");
  });
});

describe("a command costs what its octets cost", () => {
  const ADDRESSES: Readonly<Record<string, (octets: number) => string>> = {
    brackets: (octets) => "<".repeat(octets),
    quotes: (octets) => `<${'"'.repeat(octets)}`,
    backslashes: (octets) => `<"${"\\".repeat(octets)}`,
    "escaped quotes": (octets) => `<"${'\\"'.repeat(octets / 2)}@x>`,
    dots: (octets) => `<${".".repeat(octets)}@x>`,
    "dots and letters": (octets) => `<${"a.".repeat(octets / 2)}@x>`,
    letters: (octets) => `<${"a".repeat(octets)}`,
    at: (octets) => `<${"@".repeat(octets)}>`,
    route: (octets) => `<${"@a,".repeat(octets / 3)}@a:b@c>`,
    "route without end": (octets) => `<${"@a,".repeat(octets / 3)}>`,
    literal: (octets) => `<a@[IPv6:${":".repeat(octets)}]>`,
    labels: (octets) => `<a@${"a.".repeat(octets / 2)}b>`,
    hyphens: (octets) => `<a@${"-".repeat(octets)}>`,
    punycode: (octets) => `<a@xn--${"a".repeat(octets)}>`,
    "international labels": (octets) => `<a@${"\u00fc.".repeat(octets / 3)}> SMTPUTF8`,
    "combining characters": (octets) => `<a${"\u0301".repeat(octets / 2)}@b> SMTPUTF8`,
    parameters: (octets) => `<a@b.example>${" A=b".repeat(octets / 4)}`,
    "other parameters": (octets) =>
      `<a@b.example>${Array.from({ length: octets / 10 }, (_, i) => ` P${i}=b`).join("")}`,
    "a parameter": (octets) => `<a@b.example> SIZE=${"1".repeat(octets)}`,
    "equals signs": (octets) => `<a@b.example> ${"=".repeat(octets)}`,
    blanks: (octets) => `${" ".repeat(octets)}<a@b.example>`,
    "blanks behind": (octets) => `<a@b.example>${" ".repeat(octets)}`,
    "octets that are no UTF-8": (octets) => "\u0080".repeat(octets / 2),
  };

  for (const [name, address] of Object.entries(ADDRESSES))
    test(name, async () => {
      for (const command of ["MAIL FROM:", "RCPT TO:"]) {
        const cost = async (octets: number): Promise<number> => {
          const client = new MemorySite({ commandLineOctets: 100_000 }).connect();
          await client.send(lines("EHLO x"));
          if (command === "RCPT TO:") await client.send(lines("MAIL FROM:<> SMTPUTF8"));
          const line = Buffer.from(`${command}${address(octets)}\r\n`);
          return work.of(() => client.send(line));
        };
        assertLinear(await cost(20_000), await cost(40_000), `${command} ${name}`);
      }
    });

  test("a line that does not end is dropped as it comes", async () => {
    const cost = (octets: number): Promise<number> => {
      const client = new MemorySite().connect();
      const pieces = Array.from({ length: octets / 1000 }, () => "x".repeat(1000));
      return work.of(() => client.send(...pieces));
    };
    assertLinear(await cost(200_000), await cost(400_000), "an endless line");
  });

  test("a pipeline costs the sum of its commands", async () => {
    const cost = (recipients: number): Promise<number> => {
      const client = new MemorySite({ recipients: 1_000_000 }).connect();
      const all =
        lines("EHLO x", "MAIL FROM:<>") + "RCPT TO:<ann@local.example>\r\n".repeat(recipients);
      return work.of(() => client.send(all));
    };
    assertLinear(await cost(500), await cost(1000), "recipients");
  });
});

test("a session of refusals is written down in bounded space", async () => {
  const site = new MemorySite({ errors: 1_000_000 });
  const client = site.connect();
  await client.send(lines("EHLO x", "MAIL FROM:<>"));
  for (let i = 0; i < 50; i++)
    await client.send(
      `RCPT TO:<${"u".repeat(60)}@foreign.example>\r\nFOO ${"x".repeat(4000)}\r\n`.repeat(20),
    );
  client.hangUp();
  const [note] = site.notes;
  assert.ok(note !== undefined && note.json.length < 50_000, `${note?.json.length} characters`);
  assert.ok(site.facts[0]?.eventsLeftOut !== undefined);
});
