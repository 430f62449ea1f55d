/** Reports of non-delivery: what is backscatter, and a table of 80 columns. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { reportedFailures } from "../../../src/operate/reports/backscatter.ts";
import { backscatterText } from "../../../src/operate/reports/backscatter-text.ts";
import { backscatterReport } from "../../../src/operate/reports/index.ts";
import {
  REPORT_PROOFS,
  UNTOLD_REASONS,
  type ReportCount,
  type UntoldCount,
} from "../../../src/store/index.ts";

const REPORTS: readonly ReportCount[] = [
  { proof: "login", abroad: false, reports: 1200 },
  { proof: "spf", abroad: true, reports: 7 },
  { proof: "none", abroad: false, reports: 3 },
];
const BACKSCATTER: ReportCount = { proof: "none", abroad: true, reports: 2 };
const UNTOLD: readonly UntoldCount[] = [
  { reason: "returned", recipients: 1 },
  { reason: "unverified", recipients: 40 },
];

test("backscatter is what left for an address that nothing verifies, and nothing else", () => {
  assert.equal(reportedFailures(REPORTS, []).backscatter, 0);
  assert.equal(reportedFailures([...REPORTS, BACKSCATTER], []).backscatter, 2);
});

test("the text has it first, whom reports went to, and why others were told nothing", () => {
  const text = backscatterText(reportedFailures(REPORTS, UNTOLD), 30).join("\n");
  assert.match(text, /^Backscatter in the last 30 days: 0\n\n/);
  assert.match(text, /^our own users, by their login +1,200 +-$/m);
  assert.match(text, /^outside senders, by SPF +- +7$/m);
  assert.match(
    text,
    /^No sender was told of 41 recipients that failed, because\n +40 {2}the sender/m,
  );
  const none = backscatterText(reportedFailures([], []), 1).join("\n");
  assert.match(none, /^Backscatter today \(UTC\): 0\n[^]*\n\nThere was no failure/);
  const bad = backscatterText(reportedFailures([BACKSCATTER], []), 30).join("\n");
  assert.match(bad, /^Backscatter in the last 30 days: 2\nA report went to an address/);
});

test("no line is wider than 80 columns, whatever is counted", () => {
  const reports = REPORT_PROOFS.flatMap((proof) =>
    [true, false].map((abroad) => ({ proof, abroad, reports: 1e6 })),
  );
  const untold = UNTOLD_REASONS.map((reason) => ({ reason, recipients: 1e6 }));
  for (const line of backscatterText(reportedFailures(reports, untold), 30))
    assert.ok(line.length <= 80, line);
});

test("scripts get the same as JSON, of the days asked for", async () => {
  const asked: number[] = [];
  const reportCounts = {
    since: async (day: number) => {
      asked.push(day);
      return { reports: REPORTS, untold: UNTOLD };
    },
    prune: () => Promise.resolve(),
  };
  const query = { days: 2, now: 20_000 * 86_400_000 + 1 };
  const json = JSON.parse(await backscatterReport({ reportCounts }, query, true)) as object;
  assert.deepEqual(asked, [19_999]);
  assert.deepEqual(json, {
    days: 2,
    backscatter: 0,
    reports: {
      login: { here: 1200, abroad: 0 },
      network: { here: 0, abroad: 0 },
      peer: { here: 0, abroad: 0 },
      spf: { here: 0, abroad: 7 },
      dmarc: { here: 0, abroad: 0 },
      none: { here: 3, abroad: 0 },
    },
    untold: [
      { reason: "unverified", recipients: 40 },
      { reason: "returned", recipients: 1 },
    ],
  });
});
