/** What is found out about a message, by who brings it: a stranger's is refused or put off, a pinned peer's is marked for the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { IDENTITY_LEVELS, type IdentityLevel } from "../../src/mail/index.ts";
import { stages, type OriginActions, type OriginFacts } from "../../src/policy/checks/index.ts";

/** Whatever can be refused or put off is. */
const STRICT: OriginActions = {
  spf: "refuse",
  dkim: "refuse",
  dmarc: "honour",
  iprev: "refuse",
  dnsFailure: "defer",
  trustedSealers: [],
};

const GOOD: OriginFacts = {
  spf: "pass",
  spfDomain: "author.example",
  dkim: ["pass"],
  dmarc: "none",
  author: "author.example",
  sealers: [],
  iprev: "pass",
};

const RESULTS: readonly (readonly [
  found: Partial<OriginFacts>,
  action: "refuse" | "defer" | "mark",
  mark: string,
])[] = [
  [{ spf: "fail" }, "refuse", "spf=fail"],
  [{ spf: "softfail" }, "mark", "spf=softfail"],
  [{ spf: "temperror" }, "defer", "spf=temperror"],
  [{ dkim: ["fail", "neutral"] }, "refuse", "dkim=fail"],
  [{ dkim: ["policy"] }, "refuse", "dkim=policy"],
  [{ dkim: ["fail", "temperror"] }, "defer", "dkim=temperror"],
  [{ dmarc: "fail", policy: "reject" }, "refuse", "dmarc=fail (p=reject)"],
  [{ dmarc: "fail", policy: "quarantine" }, "mark", "dmarc=fail (p=quarantine)"],
  [{ dmarc: "temperror", policy: "reject" }, "defer", "dmarc=temperror"],
  [{ dmarc: "temperror" }, "defer", "dmarc=temperror"],
  [{ dmarc: "permerror", unread: "it is long" }, "refuse", "dmarc=permerror"],
  [{ iprev: "fail" }, "refuse", "iprev=fail"],
  [{ iprev: "permerror" }, "refuse", "iprev=permerror"],
  [{ iprev: "temperror" }, "defer", "iprev=temperror"],
];

async function judged(
  found: Partial<OriginFacts>,
  level?: IdentityLevel,
  origin: OriginActions = STRICT,
) {
  return stages({ origin }).message({
    received: 0,
    returns: false,
    octets: 1000,
    origin: { ...GOOD, ...found },
    ...(level !== undefined && { identity: { level } }),
  });
}

for (const [found, action, mark] of RESULTS)
  test(`${mark}: ${action}, and for a pinned peer a mark`, async () => {
    for (const level of [undefined, ...IDENTITY_LEVELS]) {
      const verdict = await judged(found, level);
      assert.equal(verdict.action, level === "pinned" ? "mark" : action, `level ${level}`);
      if (verdict.action === "mark") assert.deepEqual(verdict.marks, [mark], `level ${level}`);
    }
  });

for (const [found, action, mark] of RESULTS)
  if (action === "defer")
    test(`${mark}: a mark, where it is not put off; never a pass`, async () => {
      for (const one of ["mark", "refuse"] as const) {
        const dmarc = one === "mark" ? "mark" : "honour";
        const actions = { ...STRICT, spf: one, dkim: one, iprev: one, dmarc } as const;
        const verdict = await judged(found, "none", { ...actions, dnsFailure: "unknown" });
        assert.ok(verdict.action === "mark", one);
        assert.deepEqual(verdict.marks, [mark]);
      }
    });

test("a pinned peer is told by each mark, and the journal why it was one", async () => {
  const all: Partial<OriginFacts> = {
    spf: "fail",
    dkim: ["fail"],
    dmarc: "fail",
    policy: "reject",
    iprev: "fail",
  };
  const verdict = await judged(all, "pinned");
  assert.ok(verdict.action === "mark");
  const marks = ["dmarc=fail (p=reject)", "spf=fail", "dkim=fail", "iprev=fail"];
  assert.deepEqual(verdict.marks, marks);
  assert.equal(verdict.evidence["pinned"], true);
});

test("whose mail is good has no mark, and the journal nothing to excuse", async () => {
  const { action, evidence } = await judged({}, "certificate");
  assert.equal(action, "continue");
  assert.ok(!("pinned" in evidence));
});
