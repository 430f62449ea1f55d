/** Reports and failures untold: counted with the settlement that they are of, or not at all; summed up, forgotten by day. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MailboxId } from "../../src/mail/index.ts";
import type { Report, ReportProof, Settlement, Store } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import * as q from "./queue-site.ts";
import { acceptance, addMailbox, domainOf, openSite } from "./site.ts";

const DAY_MS = 86_400_000;
const DAY = 20_000;
const GONE = 999 as MailboxId; // no store has given it
const OCTETS = Buffer.from("Subject: r\r\n\r\nr\r\n");

function report(proof: ReportProof, parts: Partial<Report> = {}): Report {
  return { id: acceptance([]).id, head: OCTETS, content: OCTETS, mailboxes: [], proof, ...parts };
}

const toMailbox = (proof: ReportProof, mailbox: MailboxId) =>
  report(proof, { mailboxes: [mailbox] });
const abroad = (proof: ReportProof) =>
  report(proof, {
    departure: q.departure(["sam@strange.example"], { reversePath: "", tell: "nobody" }),
  });

/** A row fails, with this to be told. */
async function settle(store: Store, parts: Partial<Settlement>, day = DAY): Promise<void> {
  await q.send(store, ["bob@example.net"]);
  const { lease, rows } = await q.mustClaim(store);
  const failed = rows.map(({ id }) => ({ id, kind: "failed" as const }));
  const result = await store.queue.settle({ lease, at: day * DAY_MS + 1, rows: failed, ...parts });
  assert.equal(result.kind, "settled");
  await store.queue.act("remove", q.T, {}, { limit: 100 }); // reports that would leave
}

async function words(store: Store, day = 0): Promise<readonly string[]> {
  const { reports, untold } = await store.reportCounts.since(day);
  return [
    ...reports.map((one) => `${one.proof} ${one.abroad ? "abroad" : "here"} ${one.reports}`),
    ...untold.map(({ reason, recipients }) => `${reason} ${recipients}`),
  ];
}

export function reportCountCases(engine: Engine): void {
  test("reports are counted by what shows their addressee, untold failures by their reason", async (t) => {
    const { store } = await openSite(t, engine, "server");
    assert.deepEqual(await words(store), []);
    const ann = await addMailbox(store, "ann");
    await settle(store, { report: toMailbox("login", ann) });
    await settle(store, { report: abroad("spf") });
    await settle(store, { report: abroad("spf") }, DAY + 1);
    await settle(store, { untold: ["unverified"] });
    await settle(store, { untold: ["unverified", "returned"] }, DAY + 1);
    assert.deepEqual(await words(store), [
      "login here 1",
      "spf abroad 2",
      "returned 1",
      "unverified 2",
    ]);
    assert.deepEqual(await words(store, DAY + 1), ["spf abroad 1", "returned 1", "unverified 1"]);
    await store.reportCounts.prune(DAY + 1);
    assert.deepEqual(await words(store), ["spf abroad 1", "returned 1", "unverified 1"]);
  });

  test("a report that nobody is left to have is none, and what it is about is untold", async (t) => {
    const { store } = await openSite(t, engine, "server");
    await settle(store, { report: toMailbox("login", GONE) });
    assert.deepEqual(await words(store), ["nowhere 1"]);
  });

  test("what is not settled is not counted", async (t) => {
    const { store } = await openSite(t, engine, "server");
    await q.send(store, ["bob@example.net"]);
    const { rows } = await q.mustClaim(store);
    const lost = await store.queue.settle({
      lease: { owner: "two", fence: 1 },
      at: DAY * DAY_MS,
      rows: rows.map(q.done),
      report: abroad("spf"),
      untold: ["unverified"],
    });
    assert.equal(lost.kind, "lease lost");
    assert.deepEqual(await words(store), []);
  });

  test("a recipient that has failed already is kept with what shows its sender, and needs no grant", async (t) => {
    const { store } = await openSite(t, engine, "server");
    const status = { code: 550, enhanced: "5.1.1", text: "no such mailbox here", source: "policy" };
    const evidence = {
      sender: "sam@strange.example",
      spf: "strange.example",
      dmarc: { author: "strange.example", sender: "strange.example" },
    };
    const { grant: _, ...rest } = q.recipient("nobody@example.org");
    await q.send(store, [{ ...rest, destination: "report on x", settled: status }], { evidence });
    const { rows } = await q.mustClaim(store);
    const [row] = rows;
    assert.deepEqual([row?.settled, row?.evidence, row?.grant], [status, evidence, undefined]);
    const found = await store.queue.list({ domain: domainOf("example.org") }, { limit: 5 });
    assert.equal(found.rows.length, 1);
    await assert.rejects(q.send(store, [rest as never])); // the types say no already
  });
}
