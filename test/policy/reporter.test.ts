/** Who may report a host: who has logged in, and whose author's domain vouches for it; nobody else, and what the DNS does not say is put off. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatStatus } from "../../src/mail/index.ts";
import { reporterCheck, type ReporterFacts } from "../../src/policy/checks/reporter.ts";

function judged(facts: ReporterFacts): string {
  const verdict = reporterCheck.judge(facts);
  return "status" in verdict ? formatStatus(verdict.status) : verdict.action;
}

const REPORT = { reportsRelay: true } as const;

test("of other mail nothing is asked", async () => {
  assert.deepEqual(await reporterCheck.gather({ origin: { dmarc: "fail" } }), {});
  assert.equal(judged({}), "continue");
});

test("a login and an author whom DMARC lets pass may report; what is kept says who it was", async () => {
  const origin = { dmarc: "pass", author: "big.example" } as const;
  const facts = await reporterCheck.gather({ ...REPORT, origin });
  assert.deepEqual(facts, { ...REPORT, dmarc: "pass", author: "big.example" });
  assert.equal(judged(facts), "continue");
  assert.equal(judged({ ...REPORT, login: "ann@local.example" }), "continue");
});

test("nobody else may, and is told who may", () => {
  const said =
    /^550 5\.7\.1 hosts are reported by users of this server who have logged in, or from a domain/;
  for (const dmarc of ["none", "fail", "permerror"] as const)
    assert.match(judged({ ...REPORT, dmarc, author: "big.example" }), said, dmarc);
  assert.match(judged(REPORT), said, "nobody asked whose it is");
  assert.match(judged({ ...REPORT, dmarc: "pass" }), said, "a pass of nobody");
});

test("what the DNS does not say is put off", () => {
  assert.match(judged({ ...REPORT, dmarc: "temperror", author: "big.example" }), /^451 4\.4\.3 /);
});
