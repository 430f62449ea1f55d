/** Hosts that were reported as open relays: changed by who has seen the last change, found when their time comes, forgotten when nothing is left to do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  SUSPECT_REPORTS,
  type SuspectFacts,
  type SuspectReport,
  type Suspects,
} from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { openSite } from "./site.ts";

const HOST = "192.0.2.7";

function facts(more: Partial<SuspectFacts> = {}): SuspectFacts {
  return { standing: "reported", facts: "{}", at: 1000, ...more };
}

function reported(more: Partial<SuspectReport> = {}): SuspectReport {
  return { at: 1000, origin: "mail", by: "example.org", cause: "{}", ...more };
}

/** As if nobody else did. */
async function put(suspects: Suspects, ip: string, after: SuspectFacts, report?: SuspectReport) {
  const seen = suspects.find(ip)?.version ?? 0;
  const edit = { ip, seen, after, ...(report !== undefined && { report }) };
  assert.equal(await suspects.apply(edit), true);
}

function addresses(all: readonly { readonly ip: string }[]): readonly string[] {
  return all.map(({ ip }) => ip);
}

export function suspectCases(engine: Engine): void {
  test("a suspect and its report are found as they were kept, also by a command beside the server", async (t) => {
    const { site, store } = await openSite(t, engine, "server");
    const { suspects } = store;
    assert.equal(suspects.find(HOST), undefined);
    const after = facts({ due: 2000, facts: '{"why":"x"}' });
    await put(suspects, HOST, after, reported());
    const command = await site.open("command");
    for (const one of [suspects, command.suspects]) {
      const { version, ...found } = one.find(HOST) ?? assert.fail("it is there");
      assert.deepEqual(found, { ip: HOST, ...after });
      assert.ok(version > 0);
      assert.deepEqual(await one.reports(HOST, 10), [reported()]);
    }
    await site.close(command);
    await site.close(store);
    const again = (await site.open("server")).suspects;
    assert.equal(again.find(HOST)?.facts, '{"why":"x"}');
  });

  test("of two changes at the same time the second is none, and its report neither", async (t) => {
    const { suspects } = (await openSite(t, engine, "server")).store;
    const first = { ip: HOST, seen: 0, after: facts(), report: reported() };
    const second = { ...first, after: facts({ standing: "clean" }) };
    assert.deepEqual(await Promise.all([suspects.apply(first), suspects.apply(second)]), [true, false]); // prettier-ignore
    assert.equal(suspects.find(HOST)?.standing, "reported");
    assert.equal((await suspects.reports(HOST, 10)).length, 1);
    const { version } = suspects.find(HOST) ?? assert.fail("it is there");
    assert.equal(await suspects.apply({ ip: HOST, seen: version, after: facts({ standing: "clean" }) }), true); // prettier-ignore
    assert.equal(await suspects.apply({ ip: HOST, seen: version, after: facts() }), false);
    assert.equal(suspects.find(HOST)?.standing, "clean");
  });

  test("suspects are due in their order, and those without a time never", async (t) => {
    const { suspects } = (await openSite(t, engine, "server")).store;
    await put(suspects, "192.0.2.1", facts({ due: 300 }));
    await put(suspects, "192.0.2.2", facts({ due: 100 }));
    await put(suspects, "192.0.2.3", facts());
    await put(suspects, "192.0.2.4", facts({ due: 301 }));
    assert.deepEqual(addresses(suspects.due(300, 10)), ["192.0.2.2", "192.0.2.1"]);
    assert.deepEqual(addresses(suspects.due(300, 1)), ["192.0.2.2"]);
    await put(suspects, "192.0.2.2", facts());
    assert.deepEqual(addresses(suspects.due(1000, 10)), ["192.0.2.1", "192.0.2.4"]);
  });

  test("suspects are listed page by page, all or those of one standing", async (t) => {
    const { suspects } = (await openSite(t, engine, "server")).store;
    for (const last of [1, 2, 3, 4])
      await put(suspects, `192.0.2.${last}`, facts({ standing: last % 2 === 0 ? "clean" : "proved" })); // prettier-ignore
    assert.deepEqual(addresses(await suspects.list({ limit: 2 })), ["192.0.2.1", "192.0.2.2"]);
    assert.deepEqual(addresses(await suspects.list({ after: "192.0.2.2", limit: 9 })), ["192.0.2.3", "192.0.2.4"]); // prettier-ignore
    assert.deepEqual(addresses(await suspects.list({ standing: "clean", limit: 9 })), ["192.0.2.2", "192.0.2.4"]); // prettier-ignore
    assert.deepEqual(addresses(await suspects.list({ standing: "clean", after: "192.0.2.2", limit: 9 })), ["192.0.2.4"]); // prettier-ignore
  });

  test("of a suspect the latest reports are kept, and reporters are counted", async (t) => {
    const { suspects } = (await openSite(t, engine, "server")).store;
    for (let at = 1; at <= SUSPECT_REPORTS + 2; at++)
      await put(suspects, HOST, facts(), reported({ at, by: at % 2 === 0 ? "even" : "odd" }));
    const kept = await suspects.reports(HOST, SUSPECT_REPORTS * 2);
    assert.equal(kept.length, SUSPECT_REPORTS);
    assert.deepEqual([kept[0]?.at, kept.at(-1)?.at], [SUSPECT_REPORTS + 2, 3]);
    assert.equal((await suspects.reports(HOST, 1))[0]?.at, SUSPECT_REPORTS + 2);
    await put(suspects, "192.0.2.8", facts(), reported({ at: SUSPECT_REPORTS + 2, by: "even" }));
    assert.equal(await suspects.countReports("even", SUSPECT_REPORTS + 2), 2);
    assert.equal(await suspects.countReports("odd", SUSPECT_REPORTS + 2), 0);
  });

  test("old reports are forgotten, and suspects about whom nothing is left to do", async (t) => {
    const { suspects } = (await openSite(t, engine, "server")).store;
    await put(suspects, "192.0.2.1", facts(), reported());
    await put(suspects, "192.0.2.2", facts({ due: 9 }), reported());
    await put(suspects, "192.0.2.3", facts({ at: 2000 }), reported());
    await put(suspects, "192.0.2.4", facts(), reported({ at: 2000 }));
    await suspects.prune(2000, 1000);
    const left = ["192.0.2.2", "192.0.2.3", "192.0.2.4"];
    assert.deepEqual(addresses(await suspects.list({ limit: 9 })), left);
    const reports = await Promise.all(left.map((ip) => suspects.reports(ip, 9)));
    assert.deepEqual(reports.map(({ length }) => length), [0, 0, 1]); // prettier-ignore
  });

  test("the last reports are kept, so many of all hosts", async (t) => {
    const { suspects } = (await openSite(t, engine, "server")).store;
    for (let i = 1; i <= 5; i++) await put(suspects, `192.0.2.${i}`, facts({ due: i }), reported());
    await suspects.prune(0, 2);
    const all = await Promise.all([1, 2, 3, 4, 5].map((i) => suspects.reports(`192.0.2.${i}`, 9)));
    assert.deepEqual(all.map(({ length }) => length), [0, 0, 0, 1, 1]); // prettier-ignore
    assert.deepEqual([suspects.countDue(4, 9), suspects.countDue(4, 3)], [4, 3]);
  });
}
