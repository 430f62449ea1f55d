/** Mail for the address where relays are reported: of whom it is taken, as whose it waits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Results } from "../../../src/service/authentication/index.ts";
import { Origin } from "../../../src/service/receive/index.ts";
import { Bench, credentials } from "./desk-bench.ts";

const TO = "relays@local.example";
const MAIL = "From: <joe@mail.big.example>\r\nSubject: relay\r\n\r\nbody\r\n";

const PASSED: Partial<Results> = {
  dmarc: "pass",
  author: "mail.big.example",
  organizations: { author: "big.example", sender: "big.example" },
};

/** What is found out of a stranger's message. */
function office(found: Partial<Results> | undefined): Bench {
  const bench = new Bench();
  const results: Results = {
    spf: "fail",
    spfDomain: "",
    dkim: [],
    dmarc: "none",
    arc: "none",
    sealers: [],
    iprev: "pass",
    text: "",
    ...found,
  };
  const check = { begin() {}, body() {}, finish: () => Promise.resolve(results) };
  if (found !== undefined) bench.ways = { origins: { open: () => new Origin(check, undefined) } };
  return bench;
}

test("of a verified stranger it waits as his organization's", async () => {
  const bench = office(PASSED);
  let came = 0;
  bench.ways = { ...bench.ways, reportCame: () => void came++ };
  assert.match(await bench.desk().deliver(MAIL, TO), /^250 /);
  const [{ mailboxes, report } = assert.fail()] = bench.draft.commits;
  assert.deepEqual(mailboxes, []);
  assert.ok(report?.about === "relay");
  assert.deepEqual([report.reporter, came], ["big.example", 1]);
});

test("of one whose organization nobody knows as his domain's", async () => {
  const bench = office({ dmarc: "pass", author: "mail.big.example" });
  assert.match(await bench.desk().deliver(MAIL, TO), /^250 /);
  const report = bench.draft.commits[0]?.report;
  assert.ok(report?.about === "relay");
  assert.equal(report.reporter, "mail.big.example");
});

test("of a login it waits as his", async () => {
  const bench = office(undefined);
  const desk = bench.desk();
  await desk.ask(credentials("secret"));
  await desk.sender("user@local.example");
  assert.equal(await desk.recipient(TO), "proceed");
  assert.equal(await desk.content(), "proceed");
  const mail = MAIL.replace("joe@mail.big.example", "user@local.example");
  desk.body(mail);
  assert.match(await desk.end(mail.length), /^250 /);
  const report = bench.draft.commits[0]?.report;
  assert.ok(report?.about === "relay");
  assert.equal(report.reporter, "user@local.example");
});

test("of nobody else it is taken, also not beside other recipients", async () => {
  const refused = /^550 5\.7\.1 hosts are reported by users of this server/;
  for (const found of [undefined, {}, { dmarc: "fail", author: "big.example" }] as const) {
    assert.match(await office(found).desk().deliver(MAIL, TO), refused);
    const bench = office(found);
    assert.match(await bench.desk().deliver(MAIL, "tls-reports@local.example", TO), refused);
    assert.match(await bench.desk().deliver(MAIL, "user@local.example", TO), refused);
    assert.deepEqual(
      bench.drafts.flatMap(({ commits }) => commits),
      [],
    );
  }
  const trusted = office(undefined);
  trusted.ways = { trustedNetwork: () => "192.0.2.0/24" };
  assert.match(await trusted.desk().deliver(MAIL, TO), refused, "a network is nobody");
  assert.match(await office({ dmarc: "temperror" }).desk().deliver(MAIL, TO), /^451 4\.4\.3 /);
});

test("a mail for both addresses is about a relay; other mail is not asked whose it is", async () => {
  const both = office(PASSED);
  const desk = both.desk();
  assert.match(
    await desk.deliver(MAIL, "tls-reports@local.example", TO, "tls-reports@local.example"),
    /^250 /,
  );
  assert.equal(both.draft.commits[0]?.report?.about, "relay");
  const tls = office({});
  assert.match(await tls.desk().deliver(MAIL, "tls-reports@local.example"), /^250 /);
  assert.equal(tls.draft.commits[0]?.report?.about, "tls");
});

test("what no check has refused and is nobody's is put off", async () => {
  const bench = office({ dmarc: "fail", author: "big.example" });
  const { stages } = bench;
  bench.stages = {
    ...stages,
    message: (subject) => {
      const { reportsRelay: _, ...others } = subject;
      return stages.message(others);
    },
  };
  assert.match(await bench.desk().deliver(MAIL, TO), /^451 4\.3\.0 /);
  assert.match(String(bench.errors[0]?.["problem"]), /a report of a host by nobody/);
});

test("what is too large to be read goes to the postmaster, with a line in the log", async () => {
  const bench = office(PASSED);
  const desk = bench.desk();
  await desk.begin(TO);
  desk.body(MAIL);
  assert.match(await desk.end(1_048_577), /^250 /);
  const [{ mailboxes, report } = assert.fail()] = bench.draft.commits;
  assert.deepEqual(mailboxes, [bench.mailboxOf("admin@local.example")?.id]);
  assert.equal(report, undefined);
  assert.deepEqual(
    bench.warnings.map(({ event, why }) => [event, why]),
    [["relay report left to the postmaster", "more than 1048576 octets"]],
  );
});
