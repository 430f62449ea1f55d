/** The checks of forwards' returns and of gateway domains: what is refused at RCPT, and what only at the end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatStatus, parseAddress, parseIp, status, type Address } from "../../src/mail/index.ts";
import {
  RETURN_OCTETS,
  stages,
  type Known,
  type RecipientSubject,
  type Verdict,
  type VerifyRecipient,
} from "../../src/policy/checks/index.ts";
import type { RecipientClass } from "../../src/policy/routing/index.ts";

function addressOf(text: string): Address {
  const address = parseAddress(text);
  assert.ok(typeof address !== "string");
  return address;
}

const ANN = addressOf("ann@inner.example");
const IP = parseIp("192.0.2.9");
assert.ok(IP !== undefined);

function subject(
  recipient: RecipientClass,
  change: Partial<RecipientSubject> = {},
): RecipientSubject {
  assert.ok(IP !== undefined);
  return {
    client: { ip: IP },
    reversePath: null,
    forwardPath: ANN,
    route: { recipient, mailboxes: [], abroad: [] },
    declaredOctets: 0,
    recipientsBefore: 0,
    returnBefore: false,
    ...change,
  };
}

function told(verdict: Verdict): string {
  if (!("status" in verdict)) return verdict.action;
  return `${verdict.check} ${verdict.action} ${formatStatus(verdict.status)}`;
}

async function judged(about: RecipientSubject, verifyRecipient?: VerifyRecipient): Promise<string> {
  const deps = verifyRecipient === undefined ? {} : { verifyRecipient };
  return told(await stages(deps).recipient(about));
}

test("a return takes a report: from the null sender, alone, and not a large one", async () => {
  const back = "forward's return";
  assert.equal(await judged(subject(back)), "continue");
  assert.equal(await judged(subject(back, { declaredOctets: RETURN_OCTETS })), "continue");
  assert.match(
    await judged(subject(back, { declaredOctets: RETURN_OCTETS + 1 })),
    /^return refuse 552 5\.3\.4 /,
  );
  assert.match(
    await judged(subject(back, { reversePath: ANN })),
    /^return refuse 550 5\.7\.1 .*null sender/,
  );
  assert.match(await judged(subject(back, { recipientsBefore: 1 })), /^return refuse 550 5\.7\.1 /);
});

test("nobody else comes into a transaction that has a return", async () => {
  for (const recipient of ["mailbox", "forward's return", "alias abroad"] as const)
    assert.match(
      await judged(subject(recipient, { returnBefore: true, recipientsBefore: 1 })),
      /^return refuse 550 5\.7\.1 .*alone/,
    );
  assert.equal(await judged(subject("mailbox", { recipientsBefore: 1 })), "continue");
});

test("what was not declared is seen at the end: a return's size counts, other messages' does not", async () => {
  const judge = async (returns: boolean, octets: number) =>
    told(await stages().message({ received: 0, returns, octets }));
  assert.equal(await judge(true, RETURN_OCTETS), "continue");
  assert.match(await judge(true, RETURN_OCTETS + 1), /^return size refuse 552 5\.3\.4 /);
  assert.equal(await judge(false, RETURN_OCTETS + 1), "continue");
});

test("a gateway's recipient is asked for, at once or later, and what cannot be found out is a deferral", async () => {
  const answers: readonly (readonly [Known, RegExp])[] = [
    ["known", /^continue$/],
    ["unknown", /^gateway refuse 550 5\.1\.1 /],
    [{ undecided: status(451, "4.4.1", "no answer", "x") }, /^gateway defer 451 4\.4\.1 no answer/],
    [{ undecided: status(554, "5.3.0", "go away", "x") }, /^gateway defer 451 4\.4\.1 go away/],
  ];
  for (const [known, expected] of answers) {
    assert.match(await judged(subject("gateway recipient"), () => known), expected);
    const later: VerifyRecipient = (address) => {
      assert.deepEqual(address, ANN);
      return Promise.resolve(known);
    };
    assert.match(await judged(subject("gateway recipient"), later), expected);
  }
});

test("where nobody can be asked, a gateway's recipient is unknown; and nobody else is asked about", async () => {
  assert.match(await judged(subject("gateway recipient")), /^gateway refuse 550 5\.1\.1 /);
  const fail: VerifyRecipient = () => assert.fail("asked");
  assert.equal(await judged(subject("mailbox"), fail), "continue");
  assert.equal(await judged(subject("alias abroad"), fail), "continue");
});
