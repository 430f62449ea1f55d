/** The bar of identity: who is refused where, what is only observed, and who is reachable whatever the bar. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatStatus,
  IDENTITY_LEVELS,
  isAtLeast,
  parseDomain,
  type IdentityLevel,
} from "../../src/mail/index.ts";
import {
  ADMIT_ALL,
  messageAdmissionCheck,
  senderAdmissionCheck,
  type Admission,
  type AdmissionSubject,
  type Verdict,
} from "../../src/policy/checks/index.ts";

const BANK = parseDomain("bank.example");
assert.ok(BANK !== undefined);

type Identity = NonNullable<AdmissionSubject["identity"]>;

async function judged(
  check: ReturnType<typeof senderAdmissionCheck>,
  identity: Identity | undefined,
): Promise<Verdict> {
  return check.judge(await check.gather(identity === undefined ? {} : { identity }));
}

const atMail = (admission: Admission, identity?: Identity) =>
  judged(senderAdmissionCheck(admission), identity);
const atEnd = (admission: Admission, identity?: Identity) =>
  judged(messageAdmissionCheck(admission), identity);

const bar = (require: IdentityLevel): Admission => ({ ...ADMIT_ALL, require });

test("below the bar nobody is taken, at it and above everybody", async () => {
  for (const require of IDENTITY_LEVELS)
    for (const level of IDENTITY_LEVELS) {
      const { action } = await atEnd(bar(require), { level });
      assert.equal(
        action,
        isAtLeast(level, require) ? "continue" : "refuse",
        `${level}, ${require}`,
      );
    }
});

test("at MAIL only what a certificate shows is asked for: the rest is not known yet", async () => {
  for (const require of IDENTITY_LEVELS)
    for (const level of IDENTITY_LEVELS) {
      const verdict = await atMail(bar(require), { level });
      const early = isAtLeast(require, "certificate") && !isAtLeast(level, require);
      assert.equal(verdict.action, early ? "refuse" : "continue", `${level}, ${require}`);
      if (verdict.action !== "refuse") continue;
      const enough = require === "pinned" ? "are known here by" : "show a certificate of their own";
      assert.match(
        formatStatus(verdict.status),
        new RegExp(`^530 5\\.7\\.0 .*servers that ${enough}`),
      );
    }
});

test("each bar has its own words", async () => {
  const answers: [IdentityLevel, RegExp][] = [
    ["forward-confirmed", /^550 5\.7\.25 /],
    ["aligned", /^550 5\.7\.26 /],
    ["certificate", /^530 5\.7\.0 .*STARTTLS.*587/],
    ["pinned", /^550 5\.7\.1 /],
  ];
  for (const [require, answer] of answers) {
    const verdict = await atEnd(bar(require), { level: "none" });
    assert.ok(verdict.action === "refuse");
    assert.match(formatStatus(verdict.status), answer);
  }
});

test("what cannot be found out is put off, never refused for good and never taken", async () => {
  const unknown = "mx.example A: timeout";
  const verdict = await atEnd(bar("aligned"), { level: "none", unknown });
  assert.ok(verdict.action === "defer");
  assert.match(formatStatus(verdict.status), /^451 4\.7\.0 /);
  assert.equal((await atEnd(bar("aligned"), { level: "aligned", unknown })).action, "continue");
});

test("a domain has its own bar, higher or lower than that of all", async () => {
  const higher = { ...ADMIT_ALL, domains: new Map([[BANK, "aligned" as const]]) };
  assert.equal((await atEnd(higher, { level: "none", domain: BANK })).action, "refuse");
  assert.equal((await atEnd(higher, { level: "none" })).action, "continue");
  const lower = { ...bar("certificate"), domains: new Map([[BANK, "none" as const]]) };
  assert.equal((await atMail(lower, { level: "none", domain: BANK })).action, "continue");
  assert.equal((await atMail(lower, { level: "none" })).action, "refuse");
});

test("postmaster and abuse are reachable behind a bar that is not at MAIL", async () => {
  const verdict = await atEnd(bar("aligned"), { level: "none", rolesOnly: true });
  assert.equal(verdict.action, "continue");
});

test("what is observed refuses nobody, and says what it would have done", async () => {
  const observed = { ...ADMIT_ALL, observe: "aligned" as const };
  assert.deepEqual((await atEnd(observed, { level: "none" })).evidence, {
    level: "none",
    observed: "aligned",
    wouldRefuse: true,
  });
  assert.deepEqual((await atEnd(observed, { level: "pinned" })).evidence, {
    level: "pinned",
    observed: "aligned",
    wouldRefuse: false,
  });
});

test("our own users and trusted networks are asked nothing", async () => {
  for (const asked of [atMail, atEnd]) {
    const { action, evidence } = await asked(bar("pinned"));
    assert.equal(action, "continue");
    assert.deepEqual(evidence, {});
  }
});
