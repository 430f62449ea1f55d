/** Reports to senders elsewhere: only with what the row has kept of them, never about a report, so many in an hour; and all of it counted. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { formatAddress, status, type SenderEvidence } from "../../../src/mail/index.ts";
import type { Departure } from "../../../src/store/index.ts";
import { all, domainOf, grantFor, HOUR, known, MINUTE, NEVER, OK, queueHouse } from "./house.ts";
import type { QueueHouse } from "./house.ts";

const SAM = "sam@strange.example";
const FORWARD = "SRS0=x=y=strange.example=sam@example.org";
const PROVED = { sender: SAM, spf: "strange.example" };
/** What an alias sends on for him. */
const FORWARDED = { tell: "proved sender", reversePath: FORWARD } as const;
const NO_SUCH = status(550, "5.1.1", "no such mailbox here", "policy/relay");

/** Nobody takes what goes to example.net; each report that goes to a stranger is taken. */
async function house(t: TestContext, perHour = 20): Promise<QueueHouse> {
  const made = await queueHouse(t, { stranger_reports_per_hour: perHour });
  made.policy = {
    ...made.policy,
    strangerRoute: ({ address }) => ({
      mailboxes: [],
      abroad: [
        {
          forwardPath: formatAddress(address),
          destination: "strange.example",
          grant: { ...grantFor(domainOf("strange.example")), basis: "own-notification" },
        },
      ],
    }),
  };
  made.answer = (parcel) => all(parcel.destination === "strange.example" ? OK : NEVER)(parcel);
  made.open();
  return made;
}

async function failing(
  made: QueueHouse,
  evidence: SenderEvidence | undefined,
  parts: Partial<Departure> = FORWARDED,
  content?: string,
): Promise<void> {
  const shown = evidence === undefined ? {} : { evidence };
  await made.send(["bob@example.net"], { ...parts, ...shown }, content);
  await made.work();
}

/** To whom reports have left. */
function told(made: QueueHouse): readonly string[] {
  return made.parcels
    .filter(({ destination }) => destination === "strange.example")
    .flatMap(({ recipients }) => recipients.map(({ forwardPath }) => forwardPath));
}

async function counts(made: QueueHouse): Promise<readonly string[]> {
  const { reports, untold } = await made.store.reportCounts.since(0);
  return [
    ...reports.map((one) => `${one.proof} ${one.abroad ? "abroad" : "here"} ${one.reports}`),
    ...untold.map(({ reason, recipients }) => `${reason} ${recipients}`),
  ];
}

test("a verified sender is told of what was sent on for him, at his own address", async (t) => {
  const made = await house(t);
  await failing(made, PROVED);
  assert.deepEqual(told(made), [SAM]);
  assert.equal(made.parcels.at(-1)?.reversePath, "");
  await failing(made, {
    sender: SAM,
    dmarc: { author: "strange.example", sender: "strange.example" },
  });
  assert.deepEqual(await counts(made), ["dmarc abroad 1", "spf abroad 1"]);
  const { reports, backscatter } = known(made.runner).figures();
  assert.deepEqual([reports["proved sender"], backscatter], [2, 0]);
});

const UNSHOWN: readonly (readonly [string, SenderEvidence | undefined])[] = [
  ["nothing was kept", undefined],
  ["SPF was asked about another domain", { sender: SAM, spf: "client.example" }],
  [
    "DMARC is another author's",
    { sender: SAM, dmarc: { author: "a.example", sender: "a.example" } },
  ],
  ["it is the trusted network's", { sender: SAM, network: "192.0.2.0/24" }],
];
for (const [what, evidence] of UNSHOWN)
  test(`a row that says he may be told is not believed where ${what}`, async (t) => {
    const made = await house(t);
    await failing(made, evidence);
    assert.deepEqual(told(made), []);
    assert.deepEqual(await counts(made), ["unverified 1"]);
    await made.pass(2 * MINUTE, 1000);
    const [notice = ""] = await made.mail(made.postmaster);
    assert.match(notice, /not reported: nothing that was kept shows/);
  });

test("what was seen of him tells nobody where it was decided that nobody is told", async (t) => {
  const made = await house(t);
  await failing(made, PROVED, { ...FORWARDED, tell: "nobody" });
  assert.deepEqual(told(made), []);
  assert.deepEqual(await counts(made), ["unverified 1"]);
});

test("never about a report or an answer, and a report that comes back is counted as such", async (t) => {
  const made = await house(t);
  await failing(made, PROVED, FORWARDED, "Auto-Submitted: auto-replied\r\n\r\n");
  assert.deepEqual(told(made), []);
  made.answer = all(NEVER);
  await failing(made, PROVED);
  assert.deepEqual(told(made), [SAM], "it was tried, and that is all");
  assert.deepEqual(await counts(made), ["spf abroad 1", "report 1", "returned 1"]);
});

test("a domain gets so many in an hour, then the postmaster does", async (t) => {
  const made = await house(t, 2);
  for (let i = 0; i < 4; i++) await failing(made, PROVED);
  assert.equal(told(made).length, 2);
  assert.deepEqual(await counts(made), ["spf abroad 2", "too many 2"]);
  await made.pass(3 * HOUR, MINUTE);
  await failing(made, PROVED);
  assert.equal(told(made).length, 3);
});

test("an unknown recipient is only reported: nobody is dialled for him, and the report names him", async (t) => {
  const made = await house(t, 1);
  const reports: string[] = [];
  made.answer = async (parcel) => {
    reports.push(Buffer.from(known(await parcel.read(0, 100_000))).toString());
    return all(OK)(parcel);
  };
  for (const name of ["nobody", "else"]) {
    const one = {
      forwardPath: `${name}@example.org`,
      settled: NO_SUCH,
      destination: "report on x",
    };
    await made.send([one], { reversePath: SAM, tell: "proved sender", evidence: PROVED });
    await made.work();
  }
  assert.deepEqual(told(made), [SAM, SAM], "their number is bounded where they are taken");
  assert.deepEqual(made.attempts(), [[SAM], [SAM]]);
  assert.match(
    reports[0] ?? "",
    /Final-Recipient: rfc822; nobody@example\.org\r\nAction: failed\r\nStatus: 5\.1\.1/,
  );
});
