/** What holds for every client, every maildrop and every way in which octets arrive. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { latin1, octetsOf } from "../../../src/protocol/dialogue/index.ts";
import { EXAMPLE, ScramClient } from "../sasl/scram-client.ts";
import { LOGIN, lines, play, withLimits, type Played } from "./mailbox-desk.ts";

const CONTENTS = ["Subject: one\r\n\r\n.dot\r\nbody\r\n", "two\r\n", ""].map((text) =>
  octetsOf(text),
);

const word = fc.constantFrom(
  ..."USER PASS AUTH PLAIN LOGIN SCRAM-SHA-256 STAT LIST UIDL RETR TOP DELE RSET NOOP QUIT CAPA STLS UTF8 APOP 0 1 2 3 4 99 * = ann wrong".split(
    " ",
  ),
  "AGFubgBz",
  "é",
);
const commandLine = fc
  .array(word, { maxLength: 3 })
  .map((words) => octetsOf(latin1(Buffer.from(`${words.join(" ")}\r\n`))));
const login = fc.constantFrom(lines(...LOGIN), scram("secret"), scram("guess"));
const noise = fc.uint8Array({ maxLength: 20 });
const soup = fc.constantFrom("\r", "\n", "\r\n", "\0", ".", " ").map(octetsOf);

/** Lines of an AUTH exchange by a client that knows the server's next words. */
function scram(password: string): Uint8Array {
  const { salt, iterations, clientNonce, serverNonce } = EXAMPLE;
  const client = new ScramClient("ann", password);
  const challenge = `r=${clientNonce}${serverNonce},s=${salt.toString("base64")},i=${iterations}`;
  const said = [client.first, client.final(challenge)].map((text) => btoa(text));
  return lines(`AUTH SCRAM-SHA-256 ${said[0]}`, said[1] ?? "", "");
}

/** Mostly a conversation, now and then rubbish. */
const client = fc
  .array(
    fc.oneof(
      { weight: 20, arbitrary: commandLine },
      { weight: 4, arbitrary: login },
      { weight: 1, arbitrary: noise },
      { weight: 1, arbitrary: soup },
    ),
    { maxLength: 40 },
  )
  .map((parts) => Uint8Array.from(Buffer.concat(parts)));

const cuts = fc.array(fc.nat(400), { maxLength: 12 });

function cut(octets: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [
    0,
    ...at.filter((place) => place < octets.length).toSorted((a, b) => a - b),
    octets.length,
  ];
  return places.slice(1).map((place, i) => octets.subarray(places[i], place));
}

const seen = ({ output, closed, desk }: Played) => ({
  output,
  closed,
  asks: desk.asks,
  tells: desk.tells,
});

test("any octets: no exception, one end, and each reply is one of RFC 1939", () => {
  fc.assert(
    fc.property(client, (octets) => {
      const { output, desk } = play([octets], CONTENTS);
      assert.equal(desk.tells.filter(({ kind }) => kind === "ended").length, 1);
      assert.equal(desk.tells.at(-1)?.kind, "ended");
      assert.match(output, /^\+OK /);
      assert.ok(output.endsWith("\r\n"));
    }),
    { numRuns: 2000 },
  );
});

test("the way octets arrive, a late desk and a slow wire change nothing", () => {
  fc.assert(
    fc.property(client, cuts, fc.boolean(), fc.boolean(), (octets, at, late, slow) => {
      const settings = withLimits({ chunkOctets: 7 });
      const whole = play([octets], CONTENTS, { settings });
      const pieces = play(cut(octets, at), CONTENTS, { settings, late, slow });
      assert.deepEqual(seen(pieces), seen(whole));
    }),
    { numRuns: 2000 },
  );
});

test("only QUIT deletes, and just what is marked then", () => {
  const edit = fc.oneof(
    fc.nat(5).map((number) => `DELE ${number}`),
    fc.constantFrom("RSET", "STAT", "QUIT now"),
  );
  fc.assert(
    fc.property(fc.array(edit), fc.boolean(), (edits, quits) => {
      const said = lines(...LOGIN, ...edits, ...(quits ? ["QUIT"] : []));
      const { desk } = play([said], CONTENTS, { settings: withLimits({ errors: 1000 }) });
      const removed = desk.asks.flatMap((ask) => (ask.kind === "remove" ? [...ask.uids] : []));
      assert.deepEqual(new Set(removed), quits ? markedBy(edits) : new Set());
    }),
  );
});

function markedBy(edits: readonly string[]): Set<string> {
  const since = edits.slice(edits.lastIndexOf("RSET") + 1);
  const numbers = since.flatMap((edit) => /^DELE ([123])$/.exec(edit)?.[1] ?? []);
  return new Set(numbers.map((number) => `u${number}`));
}

test("STAT and LIST agree with each other whatever was marked", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }), (numbers) => {
      const said = lines(...LOGIN, ...numbers.map((number) => `DELE ${number}`), "LIST", "STAT");
      const { output } = play([said], CONTENTS, { settings: withLimits({ errors: 1000 }) });
      const listed = [...output.matchAll(/^[0-9]+ ([0-9]+)\r$/gm)].map(([, octets]) =>
        Number(octets),
      );
      const sum = listed.reduce((total, octets) => total + octets, 0);
      assert.ok(output.endsWith(`+OK ${listed.length} ${sum}\r\n`), output);
    }),
  );
});
