/** Who is tested because of a report or a request, and who is not. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { guardRules } from "../../../src/operate/listing/index.ts";
import {
  reportSuspect,
  requestTest,
  type SuspectSite,
} from "../../../src/operate/suspects/index.ts";
import type { Report } from "../../../src/operate/suspects/report.ts";
import { suspectsSchema } from "../../../src/operate/suspects/settings.ts";
import { openSqliteStore } from "../../../src/store/sqlite/index.ts";
import { newPath } from "../../store/sqlite/place.ts";
import { list, NOW, openLists, reason, settings, SHA, subject, type TestSite } from "../listing/site.ts"; // prettier-ignore

const ZONE = "relays.bl.example.org";
const HOST = "5.6.7.8";

async function openSuspects(t: TestContext, more: object = {}): Promise<SuspectSite & TestSite> {
  const lists = await openLists(t);
  const store = await openSqliteStore({ path: newPath(t), exclusive: false });
  t.after(() => store.close());
  const own = [{ subject: subject("5.6.7.9"), whose: "an address of this server" }];
  return Object.assign(lists, {
    suspects: store.suspects,
    hostRules: guardRules(settings(), own),
    testing: suspectsSchema.parse({ zone: ZONE, ...more }),
  });
}

function report(more: Partial<Report> = {}): Report {
  return { host: HOST, origin: "mail", by: "example.org", cause: { kind: "sample", sha256: SHA }, ...more }; // prettier-ignore
}

test("a host that is reported is tested at once, and its report is kept", async (t) => {
  const site = await openSuspects(t);
  const suspect = await reportSuspect(site, report({ host: "::ffff:5.6.7.8" }));
  assert.ok(typeof suspect !== "string", suspect as string);
  assert.deepEqual([suspect.ip, suspect.standing, suspect.due], [HOST, "reported", NOW]);
  assert.deepEqual(site.suspects.due(NOW, 9).map(({ ip }) => ip), [HOST]); // prettier-ignore
  const [kept] = await site.suspects.reports(HOST, 9);
  assert.deepEqual(kept, { at: NOW, origin: "mail", by: "example.org", cause: `{"kind":"sample","sha256":"${SHA}"}` }); // prettier-ignore
});

test("what may not be listed is not tested", async (t) => {
  const site = await openSuspects(t);
  for (const [host, why] of [
    ["5.6.7.9", /^5\.6\.7\.9 is not tested: it is protected: an address of this server$/],
    ["192.168.0.1", /^192\.168\.0\.1 is not tested: .*never listed/],
    ["5.6.7.0/24", /^"5\.6\.7\.0\/24" is no host; expected one address/],
    ["mx.example.org", /is no host/],
    ["", /is no host/],
  ] as const) {
    assert.match(reason(await reportSuspect(site, report({ host }))), why);
    assert.match(reason(await requestTest(site, { host, asker: "operator", by: "ann" })), why);
  }
  assert.deepEqual(await site.suspects.list({ limit: 9 }), []);
  const nobody = { ...site, testing: undefined };
  assert.match(reason(await reportSuspect(nobody, report())), /suspects\.zone/);
  assert.match(reason(await requestTest(nobody, { host: HOST, asker: "operator", by: "ann" })), /suspects\.zone/); // prettier-ignore
});

test("a reporter reports so many hosts a day, and a person at the machine more", async (t) => {
  const site = await openSuspects(t, { reports_per_day: 2 });
  const hosts = ["5.6.7.1", "5.6.7.2", "5.6.7.3"];
  const [, , third] = [
    await reportSuspect(site, report({ host: "5.6.7.1" })),
    await reportSuspect(site, report({ host: "5.6.7.2" })),
    await reportSuspect(site, report({ host: "5.6.7.3" })),
  ];
  assert.match(reason(third), /^example\.org has reported 2 hosts in the last day/);
  assert.ok(typeof (await reportSuspect(site, report({ host: "5.6.7.3", by: "example.net" }))) !== "string"); // prettier-ignore
  for (const host of hosts)
    assert.ok(typeof (await reportSuspect(site, report({ host, origin: "command", by: "ann" }))) !== "string"); // prettier-ignore
  site.at += 86_400_001;
  assert.ok(typeof (await reportSuspect(site, report())) !== "string");
});

test("where too many wait no new host is taken but from a person at the machine", async (t) => {
  const site = await openSuspects(t);
  await reportSuspect(site, report({ host: "5.6.7.1" }));
  site.suspects.countDue = (_, limit) => limit;
  assert.match(reason(await reportSuspect(site, report())), /^10000 hosts wait for their tests/);
  assert.match(
    reason(await reportSuspect(site, report({ origin: "trap" }))),
    /wait for their tests/,
  );
  for (const more of [{ host: "5.6.7.1" }, { origin: "command" }] as const)
    assert.notEqual(typeof (await reportSuspect(site, report(more))), "string");
});

test("nobody is tested without a cause, whoever asks", async (t) => {
  const site = await openSuspects(t);
  const ask = (asker: "anybody" | "operator" | "owner") => requestTest(site, { host: HOST, asker, by: "somebody" }); // prettier-ignore
  for (const asker of ["anybody", "owner"] as const)
    assert.equal(reason(await ask(asker)), `${HOST} is not listed, and nobody has reported it`);
  assert.match(
    reason(await ask("operator")),
    /nobody has reported it: `gatepost list report` does/,
  );
  assert.deepEqual(await site.suspects.list({ limit: 9 }), []);
  await reportSuspect(site, report());
  const asked = await ask("operator");
  assert.ok(typeof asked !== "string");
  assert.deepEqual(asked.asked, { by: "somebody", at: NOW, owner: true });
  // Whoever asks next to an owner takes nothing from him.
  for (const asker of ["owner", "anybody"] as const) {
    const again = await ask(asker);
    assert.ok(typeof again !== "string");
    assert.equal(again.asked?.owner, true);
  }
});

test("who is listed for something else than a test is let off by none", async (t) => {
  const site = await openSuspects(t);
  await list(site, HOST);
  assert.match(reason(await requestTest(site, { host: HOST, asker: "owner", by: "x" })), /not listed for a test/); // prettier-ignore
  await list(site, HOST, { evidence: { kind: "test", test: "t", sha256: SHA } });
  const asked = await requestTest(site, { host: HOST, asker: "anybody", by: "x" });
  assert.ok(typeof asked !== "string");
  assert.equal(asked.asked?.owner, false);
});

test("an owner comes before all whom strangers have tested, these before who only waits, each in his order", async (t) => {
  const site = await openSuspects(t);
  const hosts = ["5.6.9.9", "5.6.7.8", "5.6.7.7", "5.6.7.6", "5.6.7.5"] as const;
  for (const host of hosts) await reportSuspect(site, report({ host }));
  const ask = async (host: string, asker: "anybody" | "owner"): Promise<void> => {
    site.at += 1000;
    assert.notEqual(typeof (await requestTest(site, { host, asker, by: "x" })), "string");
  };
  await ask("5.6.7.8", "anybody");
  await ask("5.6.7.7", "anybody");
  await ask("5.6.9.9", "owner");
  await ask("5.6.7.5", "owner");
  await ask("5.6.7.8", "anybody");
  const order = site.suspects.due(site.at, 9).map(({ ip }) => ip);
  assert.deepEqual(order, ["5.6.9.9", "5.6.7.5", "5.6.7.8", "5.6.7.7", "5.6.7.6"]);
});
