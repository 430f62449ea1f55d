/** What was seen of TLS when sending: counted, bounded, forgotten day by day. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TlsResult } from "../../src/mail/index.ts";
import { TLS_RESULT_ROWS_PER_DAY, type Store, type TlsResultCount } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { domainOf, openSite } from "./site.ts";

const DAY_MS = 86_400_000;
const DAY = 100;
const NET = domainOf("example.net");
const ALL = { sinceDay: 0, limit: 100_000 };

export function tlsResultCases(engine: Engine): void {
  countCases(engine);
  boundCases(engine);
}

function result(parts: Partial<TlsResult> = {}): TlsResult {
  return {
    at: DAY * DAY_MS + 1000,
    domain: NET,
    policyType: "sts",
    policy: ["version: STSv1", "mode: enforce"],
    policyHosts: ["*.example.net"],
    mx: "mx.example.net",
    ip: "192.0.2.9",
    result: "success",
    ...parts,
  };
}

/** Without keys. */
async function counts(store: Store): Promise<readonly Omit<TlsResultCount, "key">[]> {
  return (await store.tlsResults.find(ALL)).map(({ key, ...count }) => {
    assert.ok(key > 0);
    return count;
  });
}

function countCases(engine: Engine): void {
  test("what is noted is counted by day, domain, policy, result and server, as it was the last time", async (t) => {
    const { store } = await openSite(t, engine);
    const note = (parts: Partial<TlsResult>): void => store.tlsResults.note(result(parts));
    note({});
    note({ at: DAY * DAY_MS + 9000, ip: "192.0.2.10", detail: "TLSv1.3", policy: ["mode: none"] });
    note({ at: DAY * DAY_MS + 5000, ip: "192.0.2.11", policy: [] });
    const one = {
      day: DAY,
      domain: NET,
      policyType: "sts",
      result: "success",
      mx: "mx.example.net",
      sessions: 3,
      firstAt: DAY * DAY_MS + 1000,
      lastAt: DAY * DAY_MS + 9000,
      ip: "192.0.2.11",
      detail: "",
      policy: [],
      policyHosts: ["*.example.net"],
    };
    assert.deepEqual(await counts(store), [one], "noted together");
    note({ ip: "192.0.2.11", policy: [] });
    assert.deepEqual(await counts(store), [{ ...one, sessions: 4 }], "added to what is written");
    note({ at: (DAY + 1) * DAY_MS });
    note({ domain: domainOf("other.example") });
    note({ policyType: "tlsa" });
    note({ result: "certificate-expired" });
    note({ mx: "mx2.example.net" });
    const all = await counts(store);
    assert.deepEqual(
      all.map(({ sessions }) => sessions),
      [4, 1, 1, 1, 1, 1],
    );
  });

  test("it is there after a restart, for a command, by domain, since a day and page by page", async (t) => {
    const { site, store } = await openSite(t, engine);
    const other = domainOf("other.example");
    store.tlsResults.note(result());
    store.tlsResults.note(result({ domain: other, at: (DAY + 1) * DAY_MS }));
    store.tlsResults.note(result({ domain: other, at: (DAY + 2) * DAY_MS }));
    await site.close(store);
    const { tlsResults } = await site.open("command");
    const days = async (query: object): Promise<readonly number[]> =>
      (await tlsResults.find({ ...ALL, ...query })).map(({ day }) => day - DAY);
    assert.deepEqual(await days({}), [0, 1, 2]);
    assert.deepEqual(await days({ domain: other }), [1, 2]);
    assert.deepEqual(await days({ sinceDay: DAY + 2 }), [2]);
    const [first] = await tlsResults.find({ ...ALL, limit: 1 });
    assert.deepEqual(await days({ after: first?.key, limit: 1 }), [1]);
  });

  test("days are forgotten", async (t) => {
    const { store } = await openSite(t, engine);
    for (let day = 0; day < 4; day++) store.tlsResults.note(result({ at: (DAY + day) * DAY_MS }));
    await store.tlsResults.find(ALL);
    await store.tlsResults.prune(DAY + 2);
    assert.deepEqual(
      (await counts(store)).map(({ day }) => day - DAY),
      [2, 3],
    );
  });
}

function boundCases(engine: Engine): void {
  test("texts are cut", async (t) => {
    const { store } = await openSite(t, engine);
    const long = "x".repeat(100_000);
    const policy = Array.from({ length: 1000 }, () => long);
    store.tlsResults.note(
      result({ mx: long, ip: long, detail: long, policy, policyHosts: policy }),
    );
    const [count] = await counts(store);
    assert.ok(count !== undefined);
    assert.ok(JSON.stringify(count).length < 10_000);
  });

  test("more domains than a day holds are counted together, and none is lost", async (t) => {
    const { store } = await openSite(t, engine);
    const most = TLS_RESULT_ROWS_PER_DAY;
    for (let i = 0; i < most + 500; i++) {
      store.tlsResults.note(result({ domain: domainOf(`d${i}.example`), policy: [] }));
      if (i % 1000 === 999) await store.tlsResults.find({ ...ALL, limit: 1 });
    }
    const known = domainOf("d7.example");
    store.tlsResults.note(result({ domain: known }));
    const all = await counts(store);
    const together = all.filter(({ domain }) => domain === "");
    assert.ok(all.length <= most + together.length);
    assert.equal(
      all.reduce((sum, { sessions }) => sum + sessions, 0),
      most + 501,
    );
    assert.deepEqual(
      together.map(({ sessions, mx, ip }) => [sessions, mx, ip]),
      [[500, "", ""]],
    );
    assert.equal(all.find(({ domain }) => domain === known)?.sessions, 2);
  });

  test("a burst that nobody has written yet is counted together too", async (t) => {
    const { store } = await openSite(t, engine);
    for (let i = 0; i < 3000; i++)
      store.tlsResults.note(result({ domain: domainOf(`d${i}.example`), policy: [] }));
    const all = await counts(store);
    assert.equal(
      all.reduce((sum, { sessions }) => sum + sessions, 0),
      3000,
    );
    assert.ok(all.some(({ domain, sessions }) => domain === "" && sessions === 1000));
  });
}
