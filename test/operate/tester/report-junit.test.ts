/** JUnit's XML: a failure is a relay, an error what was not proven, and there is neither exactly where the verdict is closed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { CATALOGUE, prove } from "../../../src/operate/relaytest/index.ts";
import {
  junitReport,
  proofFindings,
  testFindings,
  untestedFindings,
  type Findings,
} from "../../../src/operate/tester/index.ts";
import { smallSite } from "../relaytest/small-site.ts";
import { findingsOf } from "./made-findings.ts";
import { HERE, type HostScript } from "./scripted-host.ts";
import { OPTIONS, tested } from "./tested.ts";

const TAKES_ALL = (command: string): string | undefined =>
  command.startsWith("RCPT") ? "250 2.1.5 good" : undefined;

/** What the root says, and what there is of each kind. */
function read(all: readonly Findings[]) {
  const xml = junitReport(all, 0);
  const root = /<testsuites ([^>]*)>/.exec(xml)?.[1] ?? "";
  const said = Object.fromEntries(
    [...root.matchAll(/(tests|failures|errors|skipped)="(\d+)"/g)].map(([, name = "", count]) => [
      name,
      Number(count),
    ]),
  );
  const count = (pattern: RegExp): number => xml.match(pattern)?.length ?? 0;
  assert.deepEqual(said, {
    tests: count(/<testcase /g),
    failures: count(/<failure /g),
    errors: count(/<error /g),
    skipped: count(/<skipped /g),
  });
  return { xml, failures: said["failures"] ?? 0, errors: said["errors"] ?? 0 };
}

async function findingsFor(script: HostScript, more: Partial<typeof OPTIONS> = {}) {
  return testFindings((await tested(script, more)).result);
}

test("closed: all pass, and what cannot be tried is skipped with its reason", async () => {
  const { xml, failures, errors } = read([await findingsFor({ offers: ["STARTTLS"] })]);
  assert.deepEqual([failures, errors], [0, 0]);
  assert.match(xml, /<testsuite name="mx\.local\.example 127\.0\.0\.1:25" /);
  for (const name of ["R30 by EHLO", "R30 by HELO", "R30 by EHLO in TLS", "can be tested"])
    assert.ok(
      xml.includes(`<testcase classname="mx_local_example 127_0_0_1:25" name="${name}"/>`),
      name,
    );
  assert.match(xml, /<skipped message="it needs a part of the server/);
});

test("relayed is a failure, with the way that the message took", async () => {
  const script = { answer: TAKES_ALL, relays: () => true };
  const { xml, failures } = read([await findingsFor(script)]);
  assert.ok(failures > 0);
  assert.match(xml, /<failure type="relayed" message="there is no relay control at all\. R01 from/);
  assert.match(xml, /came back from 127\.0\.0\.1 at [\s\S]*?Received: from tester/);
  assert.match(xml, /S: 250 2\.1\.5 good/);
});

test("neither proved nor disproved is an error, of its own type", async () => {
  const { xml, failures, errors } = read([await findingsFor({ answer: TAKES_ALL })]);
  assert.equal(failures, 0);
  assert.ok(errors > 0);
  assert.match(xml, /<error type="accepted"/);
});

test("put off is a pass that says so", async () => {
  const later = await findingsFor({
    answer: (command) => (/^RCPT TO:.*tester/i.test(command) ? "450 4.7.1 later" : undefined),
  });
  const { xml, failures, errors } = read([later]);
  assert.equal(later.verdict, "closed");
  assert.deepEqual([failures, errors], [0, 0]);
  assert.match(xml, /<system-out>[^<]*: weak \(450 4\.7\.1 later\)/);
});

test("where nobody listens is an error alone, and skipped beside one that talks", async () => {
  const alone = await findingsFor({ unreachable: true });
  assert.deepEqual(read([alone]).errors, 1);
  const talks = await findingsFor({});
  const both = { ...talks, places: [...talks.places, ...alone.places] };
  const { xml, errors } = read([both]);
  assert.equal(errors, 0);
  assert.match(xml, /<skipped message="nobody answers \(connection refused\)"/);
});

const SCRIPTS: readonly HostScript[] = [
  {},
  { unreachable: true },
  { answer: TAKES_ALL },
  { answer: TAKES_ALL, relays: () => true },
  { answer: TAKES_ALL, bounces: true },
  { answer: (command) => (command === "greeting" ? "554 5.7.1 go away" : undefined) },
  { answer: (command) => (command === "greeting" ? "hello?" : undefined) },
  { answer: (command) => (command.startsWith("RCPT") ? "450 4.2.0 greylisted" : undefined) },
  { answer: (command) => (command.startsWith("RCPT") ? "554 Client host blocked" : undefined) },
  { answer: (_, { number }) => (number > 3 ? "DROP" : undefined) },
  { answer: (command) => (command === "DATA" ? "SILENCE" : undefined) },
];

test("no failure and no error exactly where the verdict is closed", async () => {
  for (const script of SCRIPTS) {
    const findings = await findingsFor(script);
    const { failures, errors } = read([findings]);
    assert.equal(failures + errors === 0, findings.verdict === "closed", findings.headline);
    assert.equal(failures > 0, findings.verdict === "open", findings.headline);
  }
  const endpoints = [...OPTIONS.endpoints, { ip: HERE, port: 587, implicitTls: false }];
  let asked = 0;
  const interrupted = await findingsFor({}, { endpoints, stopped: () => asked++ > 50 });
  const { xml, errors } = read([interrupted]);
  assert.equal(errors, 2);
  assert.match(xml, /name="is tested as a whole">\s*<error message="[^"]*127\.0\.0\.1:587/);
  assert.equal(read([untestedFindings("x", "it may not be tested")]).errors, 1);
});

test("the site's own proof: a suite a listener, a case a vector", async () => {
  const held = proofFindings("mx.example.org", await prove(CATALOGUE, smallSite()));
  const { xml, failures, errors } = read([held]);
  assert.deepEqual([failures, errors], [0, 0]);
  assert.match(xml, /<testsuite name="mx\.example\.org [^"]+" [^>]*tests="\d{3}"/);
  const decision = { kind: "relay" } as const;
  const open = await prove([], {
    listeners: [],
    decisions: [{ client: "a stranger", recipient: "foreign domain", decision }],
  });
  assert.equal(read([proofFindings("mx.example.org", open)]).failures, 1);
});

test("whatever is said, only what XML can have is in it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const xml = junitReport([findingsOf(text)], 0);
      assert.doesNotMatch(
        xml,
        /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]|&(?!(?:amp|lt|gt|quot);)/u,
      );
      assert.doesNotMatch(
        xml.replaceAll(/<\/?[a-z-]+(?: [a-z]+="[^"<>]*")*\/?>|<\?xml[^>]*>/g, ""),
        /[<>]/,
      );
    }),
    { numRuns: 200 },
  );
});
