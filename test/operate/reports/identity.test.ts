/** Who wrote to us, and what each bar would have refused: figures and their table of 80 columns. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain, type Domain, type IdentityLevel } from "../../../src/mail/index.ts";
import { seenDomains, summed } from "../../../src/operate/reports/identity.ts";
import { identityText } from "../../../src/operate/reports/identity-text.ts";
import type { IdentityCount } from "../../../src/store/index.ts";

function domain(text: string): Domain {
  const read = parseDomain(text);
  assert.ok(read !== undefined, text);
  return read;
}

function count(of: string | undefined, level: IdentityLevel, messages: number): IdentityCount {
  return { domain: of === undefined || of === "" ? of : domain(of), level, messages };
}

const COUNTS = [
  count("", "none", 3),
  count("bank.example", "aligned", 1200),
  count("bank.example", "none", 5),
  count("peer.example", "pinned", 7),
  count(undefined, "forward-confirmed", 1),
];

test("a message is refused by each bar above its level", () => {
  const domains = seenDomains(COUNTS);
  assert.deepEqual(
    domains.map((one) => one.domain),
    ["bank.example", "peer.example", "", null],
  );
  const [bank] = domains;
  assert.deepEqual(bank, {
    domain: "bank.example",
    messages: 1205,
    highest: "aligned",
    lowest: "none",
    refused: { none: 0, "forward-confirmed": 5, aligned: 5, certificate: 1205, pinned: 1205 },
  });
  assert.equal(summed(COUNTS).refused.certificate, 1209);
  assert.equal(summed(COUNTS).refused.pinned, 1209);
  assert.equal(summed(COUNTS).messages, 1216);
});

test("the table is 80 columns wide, whatever a domain is called", () => {
  const long = count(`${"a".repeat(60)}.example`, "none", 1);
  const counts = [...COUNTS, long];
  const lines = identityText(seenDomains(counts), summed(counts), 30);
  for (const line of lines) assert.ok(line.length <= 80, line);
  assert.match(lines.join("\n"), /^bank\.example {15}1,205 {11}5 {11}5 {7}1,205 {7}1,205\n/m);
  assert.match(
    lines.join("\n"),
    /^ +forward-\nfrom +messages +confirmed +aligned +certificate +pinned$/m,
  );
  assert.match(lines.join("\n"), /^peer\.example +7 +- +- +- +-$/m);
  assert.match(lines.join("\n"), /^<> \(reports, no sender\) /m);
  const many = Array.from({ length: 50 }, (_, i) => count(`d${i}.example`, "none", 1));
  assert.match(
    identityText(seenDomains(many), summed(many), 30).join("\n"),
    /^and 10 more domains; --json has them all$/m,
  );
  assert.deepEqual(identityText([], summed([]), 1), [
    "Nobody who has not logged in has written to this server today (UTC).",
  ]);
});
