/** A host is attended to, in a real store: what its tests make of the lists, what is done twice where it was interrupted, what a person did that stands. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp, type Ip } from "../../../src/mail/index.ts";
import { removeEntry, releaseBrakes } from "../../../src/operate/listing/index.ts";
import { RETRY_MS } from "../../../src/operate/suspects/index.ts";
import { NotTested } from "../../../src/operate/tester/index.ts";
import type { HostScript } from "../tester/scripted-host.ts";
import { CLOSED, HOST, HOUR_MS, KEEPS, TestedSite } from "./tested-site.ts";

const person = { subject: HOST, why: "he wrote to us", by: "ann", origin: "person" } as const;

test("who relays is listed once, also where the server is killed between list and host", async (t) => {
  const site = await TestedSite.open(t);
  await site.report();
  await site.dies();
  assert.ok(site.entry() !== undefined);
  assert.equal(site.suspect().testing, "test1");
  assert.equal(await site.attend(), true);
  assert.deepEqual(await site.history(), ["add by gatepost"]);
  const { standing, testing, last, due } = site.suspect();
  assert.deepEqual([standing, testing, last?.id], ["proved", undefined, "test1"]);
  assert.equal(due, (last?.at ?? 0) + 24 * HOUR_MS);
  assert.equal(await site.attend(), false);
  site.later(24 * HOUR_MS);
  await site.attend();
  assert.deepEqual(await site.history(), ["add by gatepost", "renew by gatepost"]);
  assert.equal(site.entry()?.times, 1);
});

test("who is closed is off the list, also where the server is killed between list and host", async (t) => {
  const site = await TestedSite.open(t);
  await site.report();
  await site.attend();
  site.script = CLOSED;
  await site.ask();
  await site.dies();
  assert.equal(site.entry(), undefined);
  assert.equal(await site.attend(), true);
  assert.deepEqual(await site.history(), ["add by gatepost", "remove by gatepost"]);
  const { standing, due, inARow } = site.suspect();
  assert.deepEqual([standing, due, inARow], ["clean", undefined, 1]);
});

test("whom a person took off while he was tested stays off, until he is reported again", async (t) => {
  const site = await TestedSite.open(t);
  await site.report();
  await site.dies();
  await removeEntry(site.site, person);
  await site.attend();
  assert.deepEqual(await site.history(), ["add by gatepost", "remove by ann"]);
  assert.equal(site.suspect().standing, "dismissed");
  site.later(HOUR_MS * 24);
  await site.report();
  await site.attend();
  assert.deepEqual([site.suspect().standing, site.entry()?.times], ["proved", 2]);
});

test("a stranger has nobody tested whom a person took off; a report does", async (t) => {
  const site = await TestedSite.open(t);
  await site.report();
  await site.attend();
  await removeEntry(site.site, person);
  for (const standing of ["proved", "dismissed"] as const) {
    assert.equal(site.suspect().standing, standing);
    for (const asker of ["anybody", "owner"] as const) {
      const why = await site.ask(asker);
      assert.match(typeof why === "string" ? why : "", /left alone until it is reported again/);
    }
    site.later(24 * HOUR_MS);
    await site.attend();
  }
  assert.notEqual(typeof (await site.ask("operator")), "string");
});

test("who is protected by now is not tested, and left alone", async (t) => {
  const site = await TestedSite.open(t);
  await site.report();
  site.protects = HOST;
  await site.attend();
  assert.deepEqual([site.suspect().standing, site.suspect().due], ["dismissed", undefined]);
  assert.match(site.suspect().why, /is not tested: it is protected/);
  assert.deepEqual(await site.tests.list({ limit: 9 }), []);
});

test("whom a person took off is dismissed when his turn comes, without a test", async (t) => {
  const site = await TestedSite.open(t);
  await site.report();
  await site.attend();
  await removeEntry(site.site, person);
  site.later(24 * HOUR_MS);
  await site.attend();
  assert.equal(site.suspect().standing, "dismissed");
  assert.equal((await site.tests.list({ limit: 9 })).length, 1);
});

test("an entry that a person made for something else is neither taken over nor taken off", async (t) => {
  const site = await TestedSite.open(t);
  await site.lists("note");
  await site.report();
  await site.attend();
  assert.deepEqual([site.suspect().standing, site.entry()?.evidence.kind], ["proved", "note"]);
  site.script = CLOSED;
  site.later(24 * HOUR_MS);
  await site.attend();
  assert.deepEqual([site.suspect().standing, site.entry()?.evidence.kind], ["clean", "note"]);
  assert.deepEqual(await site.history(), ["add by ann"]);
});

test("who is held by the brake is tried again without a test, and listed when it is released", async (t) => {
  const site = await TestedSite.open(t);
  const other = parseIp("5.6.7.9") as Ip; // it is one
  site.burst = 1;
  for (const host of [other, HOST]) {
    await site.report(host);
    await site.attend(host);
  }
  const { held, due } = site.suspect();
  assert.match(held ?? "", /listing\.burst allows 1/);
  assert.equal(due, site.now + RETRY_MS);
  site.later(RETRY_MS);
  await site.attend();
  assert.equal(site.entry(), undefined);
  site.burst = 9;
  await releaseBrakes(site.site, site.site.settings.zone, { by: "ann", why: "seen" });
  site.later(HOUR_MS);
  await site.attend();
  assert.equal(site.entry()?.evidence.kind, "test");
  assert.equal(site.suspect().held, undefined);
  assert.equal(site.suspect().due, (site.suspect().last?.at ?? 0) + 24 * HOUR_MS);
  assert.equal((await site.tests.list({ limit: 9 })).length, 2);
});

test("who was listed before is tested again before he leaves, and stays where that one finds him open", async (t) => {
  const site = await TestedSite.open(t);
  await site.report();
  await site.attend();
  for (const script of [CLOSED, site.script, CLOSED]) {
    site.script = script;
    await site.ask();
    await site.attend();
  }
  const { standing, cleanSince, due } = site.suspect();
  assert.deepEqual([standing, site.entry()?.times], ["clean", 2]);
  assert.equal(due, (cleanSince ?? 0) + 24 * HOUR_MS);
  site.later(24 * HOUR_MS);
  await site.attend();
  assert.equal(site.entry(), undefined);
});

test("what it took is judged when its time is over, by what came back", async (t) => {
  const site = await TestedSite.open(t);
  site.script = KEEPS;
  await site.report();
  await site.attend();
  assert.equal(site.suspect().standing, "pending");
  site.later(5 * 24 * HOUR_MS);
  await site.attend();
  assert.deepEqual([site.suspect().standing, site.entry()], ["clean", undefined]);
  assert.equal((await site.tests.list({ limit: 9 })).length, 1);
});

test("a message of an earlier test lists too, unless a later one has found it closed", async (t) => {
  const blocks: HostScript = { answer: () => "554 5.7.1 not you" };
  for (const [later, standing] of [
    [KEEPS, "proved"],
    [blocks, "proved"],
    [CLOSED, "clean"],
  ] as const) {
    const site = await TestedSite.open(t);
    site.script = KEEPS;
    await site.report();
    await site.attend();
    site.later(HOUR_MS);
    site.script = later;
    await site.ask();
    await site.attend();
    assert.equal(site.suspect().last?.id, "test2");
    await site.comesBack("test1");
    assert.equal(site.suspect().standing, standing);
    const evidence = site.entry()?.evidence;
    assert.equal(evidence?.kind === "test" ? evidence.test : undefined, standing === "proved" ? "test1" : undefined); // prettier-ignore
  }
});

test("a test that is interrupted is gone on with within a day, and begun anew after that", async (t) => {
  const site = await TestedSite.open(t);
  site.script = CLOSED;
  await site.report();
  for (const [wait, id] of [
    [0, "test1"],
    [HOUR_MS, "test1"],
    [25 * HOUR_MS, "test2"],
  ] as const) {
    // prettier-ignore
    site.later(wait);
    site.interruptedAfter = 100;
    await site.attend();
    assert.deepEqual([site.suspect().standing, site.suspect().testing], ["reported", id]);
  }
  site.interruptedAfter = Infinity;
  await site.attend();
  assert.deepEqual([site.suspect().standing, site.suspect().last?.id], ["clean", "test2"]);
});

test("who asks while a test is under way gets one that begins after that", async (t) => {
  const site = await TestedSite.open(t);
  site.script = CLOSED;
  await site.report();
  site.interruptedAfter = 100;
  await site.attend();
  site.later(1000);
  await site.ask();
  site.interruptedAfter = Infinity;
  await site.attend();
  assert.deepEqual([site.suspect().last?.id, site.suspect().asked?.by], ["test1", "bob"]);
  await site.attend();
  assert.deepEqual([site.suspect().last?.id, site.suspect().asked], ["test2", undefined]);
});

test("who does not want to be tested is marked and stays; where it cannot be now, it is later", async (t) => {
  const site = await TestedSite.open(t);
  await site.report();
  await site.attend();
  site.refusal = new NotTested("opted out", "he says no");
  await site.ask();
  await site.attend();
  const marked = site.suspect();
  assert.deepEqual([marked.standing, marked.why, marked.asked], ["blocks", "he says no", undefined]); // prettier-ignore
  assert.ok(site.entry() !== undefined && marked.last?.id === "test1");
  for (const reason of ["cap reached", "DNS does not answer"] as const) {
    site.refusal = new NotTested(reason, `${reason}, so later`);
    await site.ask();
    await site.attend();
    const { standing, why, due, asked } = site.suspect();
    assert.deepEqual([standing, why, asked], ["blocks", `${reason}, so later`, undefined]);
    assert.equal(due, site.now + HOUR_MS);
  }
  assert.equal(site.lines.filter((line) => line.startsWith("suspect not tested")).length, 3);
});

test("of whom the DNS says nothing is not waited for longer than a day", async (t) => {
  const site = await TestedSite.open(t);
  site.refusal = new NotTested("DNS does not answer", "timeout");
  await site.report();
  for (let hours = 0; hours < 24; hours++) {
    assert.ok(await site.attend());
    assert.equal(site.cause?.unheard, undefined);
    site.later(HOUR_MS);
  }
  site.refusal = undefined;
  await site.attend();
  assert.equal(site.cause?.unheard, true);
  assert.ok(site.entry() !== undefined);
  assert.equal(site.suspect().unheardSince, undefined);
});
