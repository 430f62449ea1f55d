/** BIND's own reader takes the zone files that `gatepost list export` writes. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ListEntry, ZoneKind } from "../../src/operate/listing/index.ts";
import { exported } from "../operate/listing/exported.ts";
import { DAY, NOW, subject, zoneOf } from "../operate/listing/site.ts";
import { run } from "./support/programs.ts";
import { temporaryDirectory } from "./support/site.ts";

function entryOf(text: string, kind: ZoneKind, more: Partial<ListEntry> = {}): ListEntry {
  return {
    subject: subject(text, kind),
    reason: 'say "no"; a \\ and ü for $ (more)',
    evidence: { kind: "note", text: "seen" },
    by: "ann",
    since: NOW - DAY,
    until: NOW + DAY,
    times: 1,
    ...more,
  };
}

const ADDRESSES = [
  entryOf("5.6.7.8", "addresses", { code: "127.0.0.3" }),
  entryOf("5.6.8.0/24", "addresses"),
  entryOf("5.6.9.0/30", "addresses", { reason: "x".repeat(250) }),
  entryOf("2a00:1::/48", "addresses"),
  entryOf("2a00:1:0:0:8000::/66", "addresses", { code: "127.0.0.3" }),
];
const NAMES = [
  entryOf("evil.example", "names"),
  entryOf("*.evil.example", "names"),
  entryOf("a.b.evil.example", "names", { reason: "" }),
  entryOf("_x@y$z.example", "names"),
];

const CASES = [
  ["addresses", ADDRESSES, /^8\.7\.6\.5\.relays\.bl\.example\.org\.\s+2100 IN A\s+127\.0\.0\.3$/m],
  ["names", NAMES, /^b\.evil\.example\.names\.bl\.example\.org\.\s+2100 IN A\s+127\.0\.0\.2$/m],
] as const;

for (const [kind, entries, expected] of CASES)
  test(`named-checkzone reads a list of ${kind}`, async () => {
    const zone = zoneOf(kind);
    const file = join(temporaryDirectory(), "zone");
    writeFileSync(file, await exported("bind", zone, entries));
    // -k: a name of a list need not be a host's.
    const args = ["-i", "local", "-k", "ignore", "-m", "warn", "-r", "fail", "-D", zone.zone, file];
    const { code, said, stdout, stderr } = await run("named-checkzone", args);
    assert.equal(code, 0, said);
    assert.doesNotMatch(stderr, /ignoring|out-of-zone|bad|error|warning/i);
    const text = stdout.toString();
    assert.match(text, expected);
    assert.match(text, /TXT\s+"say \\"no\\"; a \\\\ and \\195\\188 for /);
  });
