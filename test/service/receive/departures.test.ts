/** Mail that leaves: what the desk puts into the store for recipients elsewhere, and on whose strength. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReversePath } from "../../../src/mail/index.ts";
import type { Departure } from "../../../src/store/index.ts";
import { NO_WAYS_OUT } from "../../support/no-ways-out.ts";
import { Bench, credentials, factsOf, recipientAsk, reversePathOf } from "./desk-bench.ts";

const MESSAGE = "Subject: one\r\n\r\nbody\r\n";
const FORWARDED = "SRS0=x=y=foreign.example=sender@local.example";

class Office extends Bench {
  woken = 0;
  readonly senders: ReversePath[] = [];
  readonly forwards: string[] = [];
  returnPath = FORWARDED;

  constructor() {
    super();
    this.directory
      .withAlias("away@local.example", "joe@far.example")
      .withAlias("in@local.example", "iris@inner.example")
      .withAlias(
        "mixed@local.example",
        "user@local.example",
        "joe@far.example",
        "amy@other.example",
      );
    this.ways = {
      waysOut: {
        destination: ({ domain }) => `hop of ${domain}`,
        isGatewayDomain: (domain) => domain === "inner.example",
        returnPath: (sender, alias) => {
          this.senders.push(sender);
          this.forwards.push(alias);
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
    return (departure?.recipients ?? []).map((row) =>
      "settled" in row
        ? `${row.forwardPath} is settled: ${row.settled.text}`
        : `${row.reversePath ?? departure?.reversePath} → ${row.forwardPath} by ${row.grant.basis} ${row.grant.holder} via ${row.destination}`,
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
  assert.deepEqual(office.forwards, ["mixed@local.example", "mixed@local.example"]);
  assert.equal(office.departure?.tell, "nobody", "the sender may be forged");
  assert.equal(office.woken, 1);
});

test("an alias into a gateway domain forwards nothing: the sender's own path, and no seal", async () => {
  const office = new Office();
  const sealers: (readonly string[])[] = [];
  office.ways = {
    ...office.ways,
    origins: {
      open: (domains) => {
        sealers.push(domains);
        return undefined;
      },
    },
  };
  await office.desk().deliver(MESSAGE, "in@local.example");
  assert.deepEqual(office.rows, [
    "sender@foreign.example → iris@inner.example by alias in@local.example via hop of inner.example",
  ]);
  await office.desk().deliver(MESSAGE, "in@local.example", "away@local.example");
  assert.deepEqual(sealers, [[], ["local.example"]]);
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

test("SMTPUTF8 is asked of the next hop where the header section needs it, not where the client could have", async () => {
  for (const [content, declared, needed] of [
    ["Subject: \xc3\xb6\r\n\r\nbody\r\n", true, true],
    ["Subject: one\r\n\r\nb\xc3\xb6dy\r\n", true, false],
    ["Subject: \xf6\r\n\r\nbody\r\n", false, false],
  ] as const) {
    const office = new Office();
    const desk = office.desk();
    await desk.sender("sender@foreign.example", { smtputf8: declared });
    await desk.recipient("away@local.example");
    await desk.content();
    desk.body(content);
    assert.match(await desk.end(content.length), /^250 /);
    assert.equal(office.departure?.smtputf8, needed, content);
  }
});

test("a departure that is not stored wakes nobody and is not answered 250", async () => {
  const office = new Office();
  office.commit = () => Promise.reject(new Error("disk full"));
  assert.match(await office.desk().deliver(MESSAGE, "away@local.example"), /^451 /);
  assert.equal(office.woken, 0);
});

// ---- Logins ----

const ANN = "user@local.example";

async function loggedIn(office: Office) {
  const desk = office.desk({ listener: "submission" });
  assert.equal(await desk.ask(credentials("secret")), "authenticated");
  return desk;
}

test("a login sends abroad in its own name, hears of failures, and is counted with the message", async () => {
  const office = new Office();
  const desk = await loggedIn(office);
  assert.equal(await desk.sender(ANN), "proceed");
  assert.match(await desk.recipient("nobody@local.example"), /^550 /);
  assert.equal(await desk.recipient("joe@far.example"), "proceed");
  assert.equal(await desk.recipient("other@local.example"), "proceed");
  assert.equal(await desk.content(), "proceed");
  const content = `From: <${ANN}>\r\nBcc: other@local.example\r\n\r\nbody\r\n`;
  desk.body(content);
  assert.match(await desk.end(content.length), /^250 /);
  assert.deepEqual(office.rows, [
    `${ANN} → joe@far.example by login ${ANN} via hop of far.example`,
  ]);
  assert.equal(office.departure?.tell, "own user");
  assert.equal(office.departure?.login, ANN);
  assert.equal(office.draft.content, `From: <${ANN}>\r\n\r\nbody\r\n`, "no blind copies");
  const head = Buffer.from(office.draft.commits[0]?.head ?? []).toString();
  assert.match(head, /\r\nDate: .*\r\nMessage-ID: <.*@mx\.local\.example>\r\n$/);
  const { recipients, recipientsRefused } = office.draft.commits[0]?.sending ?? assert.fail();
  assert.deepEqual([recipients, recipientsRefused], [2, 1]);
});

test("what a login asks for about reports goes with the recipient; an alias ends it", async () => {
  const office = new Office();
  const desk = await loggedIn(office);
  await desk.ask({
    kind: "sender",
    reversePath: reversePathOf(ANN),
    parameters: { smtputf8: false },
    dsn: { ret: "FULL", envid: "e1" },
  });
  for (const path of ["bob@far.example", "away@local.example"])
    await desk.ask({ ...recipientAsk(path), dsn: { notify: ["NEVER"] } });
  await desk.content();
  desk.body(`From: <${ANN}>\r\n\r\n`);
  await desk.end(10);
  assert.deepEqual([office.departure?.ret, office.departure?.envid], ["FULL", "e1"]);
  assert.deepEqual(
    office.departure?.recipients.map(({ forwardPath, notify }) => [forwardPath, notify]),
    [
      ["bob@far.example", ["NEVER"]],
      ["joe@far.example", undefined],
    ],
  );
});

test("somebody else's address is refused at MAIL, in the header at the end, and the journal says why", async () => {
  const office = new Office();
  const desk = await loggedIn(office);
  assert.match(
    await desk.sender("other@local.example"),
    /^550 5\.7\.1 user@local\.example may not/,
  );
  assert.equal(await desk.sender(ANN), "proceed");
  assert.equal(await desk.recipient("joe@far.example"), "proceed");
  await desk.content();
  desk.body("From: <other@local.example>\r\n\r\n");
  assert.match(await desk.end(10), /^550 5\.7\.1 .* \(header field From\)/);
  desk.ended();
  const events = office.notes.map(factsOf)[0]?.events ?? [];
  const checks = events.flatMap((event) =>
    "decision" in event && event.decision !== undefined ? [event.decision.check] : [],
  );
  assert.deepEqual(checks.slice(0, 1), ["own sender"]);
  assert.deepEqual(checks.slice(-1), ["own authors"]);
});

test("a limit that is reached is told to whoever looks after it, at RCPT and when the store counts", async () => {
  const office = new Office();
  const told: string[] = [];
  const { sending } = NO_WAYS_OUT;
  office.ways = {
    ...office.ways,
    sending: { ...sending, reached: async ({ words }) => void told.push(words) },
  };
  office.commit = () =>
    Promise.resolve({
      kind: "refused",
      why: "sending limit",
      mailbox: office.directory.mailboxAt(ANN),
    });
  const desk = await loggedIn(office);
  await desk.sender(ANN);
  await desk.recipient("joe@far.example");
  await desk.content();
  desk.body(`From: <${ANN}>\r\n\r\n`);
  assert.match(await desk.end(10), /^450 4\.7\.1 sending limit/);
  assert.deepEqual(told, ["sending limit reached, try again later"]);
  office.sent = [{ until: 0, messages: 1e9, recipients: 1e9 }];
  assert.match(await desk.sender(ANN), /^450 4\.7\.1 sending limit of /);
  assert.equal(told.length, 2);
});

test("where the keys of its domain cannot be read a login's message is 451, at its end", async () => {
  const office = new Office();
  const open = (): never => {
    throw new Error("the directory does not answer");
  };
  office.ways = { ...office.ways, signing: { open } };
  const desk = await loggedIn(office);
  await desk.sender(ANN);
  await desk.recipient("joe@far.example");
  await desk.content();
  desk.body(`From: <${ANN}>\r\n\r\nbody\r\n`);
  assert.match(await desk.end(10), /^451 4\.3\.0 /);
  assert.equal(office.errors[0]?.["problem"], "the directory does not answer");
});

test("a stranger's message is not completed, counted or asked for its authors", async () => {
  const office = new Office();
  await office.desk().deliver("Bcc: x@y.example\r\n\r\n", "user@local.example");
  const [acceptance] = office.draft.commits;
  assert.equal(office.draft.content, "Bcc: x@y.example\r\n\r\n");
  assert.equal(acceptance?.sending, undefined);
  assert.doesNotMatch(Buffer.from(acceptance?.head ?? []).toString(), /^Message-ID:/m);
});

test("a device in a trusted network has its message completed; who is told is who has a mailbox here", async () => {
  for (const [sender, tell] of [
    [ANN, "own user"],
    ["scanner@foreign.example", "nobody"],
    ["nobody@local.example", "nobody"],
  ] as const) {
    const office = new Office().trustEverybody();
    const desk = office.desk();
    await desk.sender(sender);
    await desk.recipient("joe@far.example");
    await desk.content();
    desk.body("Subject: scan\r\n\r\n");
    assert.match(await desk.end(10), /^250 /);
    assert.match(Buffer.from(office.draft.commits[0]?.head ?? []).toString(), /^Message-ID:/m);
    assert.equal(office.departure?.tell, tell, sender);
  }
});
