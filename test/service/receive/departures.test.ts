/** Mail that leaves: what the desk puts into the store for recipients elsewhere, and on whose strength. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReversePath } from "../../../src/mail/index.ts";
import type { Departure } from "../../../src/store/index.ts";
import { Bench } from "./desk-bench.ts";

const MESSAGE = "Subject: one\r\n\r\nbody\r\n";
const FORWARDED = "SRS0=x=y=foreign.example=sender@local.example";

class Office extends Bench {
  woken = 0;
  readonly senders: ReversePath[] = [];
  returnPath = FORWARDED;

  constructor() {
    super();
    this.directory
      .withAlias("away@local.example", "joe@far.example")
      .withAlias(
        "mixed@local.example",
        "user@local.example",
        "joe@far.example",
        "amy@other.example",
      );
    this.ways = {
      waysOut: {
        destination: ({ domain }) => `hop of ${domain}`,
        returnPath: (sender) => {
          this.senders.push(sender);
          return this.returnPath;
        },
        wake: () => void this.woken++,
      },
    };
  }

  trustEverybody(): this {
    this.ways = { ...this.ways, trustedNetwork: () => "192.0.2.0/28" };
    return this;
  }

  get departure(): Departure | undefined {
    return this.draft.commits.at(-1)?.departure;
  }

  /** "sender → recipient by basis holder via destination" of each row. */
  get rows(): string[] {
    const { departure } = this;
    return (departure?.recipients ?? []).map(
      ({ forwardPath, grant, destination, reversePath }) =>
        `${reversePath ?? departure?.reversePath} → ${forwardPath} by ${grant.basis} ${grant.holder} via ${destination}`,
    );
  }
}

test("mail for mailboxes here has no departure, and wakes nobody", async () => {
  const office = new Office();
  await office.desk().deliver(MESSAGE, "user@local.example");
  assert.equal(office.departure, undefined);
  assert.equal(office.woken, 0);
});

test("an alias that leads abroad: a copy into the mailbox, a row for each address, with a return path of ours", async () => {
  const office = new Office();
  assert.match(await office.desk().deliver(MESSAGE, "mixed@local.example"), /^250 /);
  assert.equal(office.draft.commits[0]?.mailboxes.length, 1);
  assert.deepEqual(office.rows, [
    `${FORWARDED} → joe@far.example by alias mixed@local.example via hop of far.example`,
    `${FORWARDED} → amy@other.example by alias mixed@local.example via hop of other.example`,
  ]);
  assert.equal(office.departure?.tell, "nobody", "the sender may be forged");
  assert.equal(office.woken, 1);
});

test("an address that two aliases lead to is sent to once", async () => {
  const office = new Office();
  await office.desk().deliver(MESSAGE, "away@local.example", "mixed@local.example");
  assert.deepEqual(office.rows, [
    `${FORWARDED} → joe@far.example by alias away@local.example via hop of far.example`,
    `${FORWARDED} → amy@other.example by alias mixed@local.example via hop of other.example`,
  ]);
});

test("the null path stays null", async () => {
  const office = new Office();
  office.returnPath = "";
  await office.desk().deliver(MESSAGE, "away@local.example");
  assert.match(office.rows[0] ?? "", /^ → joe@far\.example by alias/);
});

test("from a trusted network mail leaves in the network's name, under the sender's own path", async () => {
  const office = new Office().trustEverybody();
  assert.match(await office.desk().deliver(MESSAGE, "joe@far.example"), /^250 /);
  assert.deepEqual(office.rows, [
    "sender@foreign.example → joe@far.example by network 192.0.2.0/28 via hop of far.example",
  ]);
  assert.deepEqual(office.senders, [], "it is no forward");
});

test("one message may leave on two strengths, each row with its own return path", async () => {
  const office = new Office().trustEverybody();
  await office.desk().deliver(MESSAGE, "bob@far.example", "away@local.example");
  assert.deepEqual(office.rows, [
    "sender@foreign.example → bob@far.example by network 192.0.2.0/28 via hop of far.example",
    `${FORWARDED} → joe@far.example by alias away@local.example via hop of far.example`,
  ]);
});

test("Return-Path stays here: what is sent begins behind it", async () => {
  const office = new Office();
  await office.desk().deliver(MESSAGE, "away@local.example");
  const head = Buffer.from(office.draft.commits[0]?.head ?? []);
  const sent = head.subarray(office.departure?.keptOctets).toString();
  assert.match(sent, /^Received: from /);
});

test("whether there are octets above 127 is seen in what came, not believed of who sent it", async () => {
  for (const [content, body] of [
    [MESSAGE, "7BIT"],
    ["Subject: one\r\n\r\nb\xf6dy\r\n", "8BITMIME"],
    ["Subject: \xf6\r\n\r\nbody\r\n", "8BITMIME"],
  ] as const) {
    const office = new Office();
    await office.desk().deliver(content, "away@local.example");
    assert.equal(office.departure?.body, body, content);
  }
});

test("a departure that is not stored wakes nobody and is not answered 250", async () => {
  const office = new Office();
  office.commit = () => Promise.reject(new Error("disk full"));
  assert.match(await office.desk().deliver(MESSAGE, "away@local.example"), /^451 /);
  assert.equal(office.woken, 0);
});
