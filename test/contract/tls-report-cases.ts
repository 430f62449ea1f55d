/** Mail that waits to be collected, and the reports that came of it: nothing is lost, and nothing is kept twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MailboxId } from "../../src/mail/index.ts";
import type {
  CommitResult,
  ReportMail,
  Store,
  TlsReport,
  WaitingReport,
} from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import {
  acceptance,
  addMailbox,
  change,
  contents,
  deposit,
  DOMAIN,
  domainOf,
  HEAD_TEXT,
  mailboxOf,
  noise,
  openSite,
  writeAll,
} from "./site.ts";

const DAY_MS = 86_400_000;
const AT = 100 * DAY_MS;
const ALL = { since: 0, limit: 1000 };
const MANY = 1000;

export function tlsReportCases(engine: Engine): void {
  waitingCases(engine);
  keepCases(engine);
  depositCases(engine);
  findCases(engine);
  pruneCases(engine);
}

type TlsReportMail = ReportMail & { readonly about: "tls" };

function reportMail(mailbox: MailboxId, parts: Partial<TlsReportMail> = {}): TlsReportMail {
  return {
    about: "tls",
    mailbox,
    domain: DOMAIN,
    from: "reports@big.example",
    ip: "192.0.2.7",
    at: AT,
    ...parts,
  };
}

function hand(
  store: Store,
  mailbox: MailboxId,
  content: string,
  parts: Partial<TlsReportMail> = {},
  also: readonly MailboxId[] = [],
): Promise<CommitResult> {
  return deposit(store, also, content, { report: reportMail(mailbox, parts) });
}

function report(reportId: string, parts: Partial<TlsReport> = {}): TlsReport {
  return {
    organisation: "Big",
    reportId,
    domain: DOMAIN,
    beginsAt: AT - DAY_MS,
    endsAt: AT - 1,
    contact: "tls@big.example",
    policies: [
      {
        type: "sts",
        strings: ["mode: enforce"],
        hosts: ["mx.example.org"],
        succeeded: 5,
        failed: 1,
        leftOut: 2,
        failures: [
          {
            result: "certificate-expired",
            sessions: 1,
            sendingIp: "192.0.2.7",
            mx: "mx.example.org",
            helo: "",
            receivingIp: "",
            reason: "X509_V_ERR_CERT_HAS_EXPIRED",
            information: "",
          },
        ],
      },
    ],
    ...parts,
  };
}

async function kept(store: Store): Promise<readonly string[]> {
  return (await store.tlsReports.find(ALL)).map(({ reportId }) => reportId);
}

function onlyWaiting(store: Store): WaitingReport {
  const [one, ...more] = store.reportMails.waiting(9);
  assert.ok(one !== undefined && more.length === 0);
  return one;
}

async function whole(store: Store, { id }: WaitingReport): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; ;) {
    const piece = await store.reportMails.read(id, offset, 10_000);
    assert.ok(piece !== undefined, "it is gone");
    if (piece.length === 0) return Buffer.concat(pieces);
    pieces.push(piece);
    offset += piece.length;
  }
}

/** Hands in a mail and keeps these reports for it. */
async function collect(
  store: Store,
  postmaster: MailboxId,
  reports: readonly TlsReport[],
  parts: Partial<TlsReportMail> = {},
) {
  assert.deepEqual(await hand(store, postmaster, "x", parts), { kind: "committed" });
  return store.tlsReports.keep(onlyWaiting(store).id, reports, MANY);
}

function waitingCases(engine: Engine): void {
  test("a report's mail waits, readable, in no mailbox, and counts for one", async (t) => {
    const { store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster");
    assert.deepEqual(await hand(store, postmaster, "report"), { kind: "committed" });
    const mail = onlyWaiting(store);
    const octets = HEAD_TEXT.length + "report".length;
    const { id: _, message: ___, ...rest } = mail;
    const { mailbox: __, ...handed } = reportMail(postmaster);
    assert.deepEqual(rest, { ...handed, octets });
    assert.equal((await whole(store, mail)).toString(), `${HEAD_TEXT}report`);
    assert.deepEqual(await contents(store, postmaster), []);
    const { usedOctets, messages } = mailboxOf(store, "postmaster");
    assert.deepEqual({ usedOctets, messages }, { usedOctets: octets, messages: 0 });
  });

  test("of a mail about a relay it is kept whose it is, and it goes when it is dropped", async (t) => {
    const { site, store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster");
    const { about: _, ...rest } = reportMail(postmaster);
    const relay = { ...rest, about: "relay", reporter: "ann@example.org" } as const;
    assert.deepEqual(await deposit(store, [], "sample", { report: relay }), { kind: "committed" });
    assert.deepEqual(await hand(store, postmaster, "about TLS"), { kind: "committed" });
    await site.close(store);
    const again = await site.open("server");
    const [first, second] = again.reportMails.waiting(9);
    assert.ok(first?.about === "relay" && second?.about === "tls");
    assert.equal(first.reporter, "ann@example.org");
    await again.reportMails.drop(first.id);
    assert.equal(await again.reportMails.read(first.id, 0, 9), undefined);
    assert.deepEqual(onlyWaiting(again), second);
    const octets = HEAD_TEXT.length + "about TLS".length;
    assert.equal(mailboxOf(again, "postmaster").usedOctets, octets);
    await again.reportMails.drop(first.id);
    assert.deepEqual(onlyWaiting(again), second, "of what has gone nothing goes again");
    await site.close(again);
    assert.equal(engine.countOrphans(site.location), 0);
  });

  test("it waits over a restart, the oldest first, also one that came in parts", async (t) => {
    const { site, store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster");
    const large = noise(900_000);
    const draft = store.openMessage();
    await writeAll(draft, large, 65_536);
    await draft.commit(acceptance([], { report: reportMail(postmaster) }));
    await hand(store, postmaster, "second");
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
    const again = await site.open("server");
    const [first, second] = again.reportMails.waiting(9);
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual(again.reportMails.waiting(1), [first]);
    assert.deepEqual(
      await whole(again, first),
      Buffer.concat([Buffer.from(HEAD_TEXT), large]),
      "the large one",
    );
    await again.tlsReports.keep(first.id, [], MANY);
    assert.deepEqual(onlyWaiting(again), second);
    await site.close(again);
    assert.equal(engine.countOrphans(site.location), 0);
  });

  test("what does not fit into the mailbox's quota is refused, what waits counted in", async (t) => {
    const { store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster", 2 * HEAD_TEXT.length + 11);
    const refused = { kind: "refused", why: "over quota", mailbox: postmaster };
    assert.deepEqual(await hand(store, postmaster, "123456"), { kind: "committed" });
    assert.deepEqual(await hand(store, postmaster, "123456"), refused);
    assert.deepEqual(await hand(store, postmaster, "12345"), { kind: "committed" });
    for (const { id } of store.reportMails.waiting(9)) await store.tlsReports.keep(id, [], MANY);
    assert.equal(mailboxOf(store, "postmaster").usedOctets, 0);
  });

  test("whoever gets the mail besides has it, and the mailbox counts it once", async (t) => {
    const { store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster");
    const ann = await addMailbox(store, "ann");
    await hand(store, postmaster, "for two", {}, [ann, postmaster]);
    assert.deepEqual(await contents(store, ann), ["for two"]);
    const octets = HEAD_TEXT.length + "for two".length;
    assert.equal(mailboxOf(store, "postmaster").usedOctets, octets);
    assert.equal(await store.reportMails.deposit(onlyWaiting(store).id, postmaster), true);
    assert.deepEqual(await contents(store, postmaster), ["for two"], "no second copy");
    assert.equal(mailboxOf(store, "postmaster").usedOctets, octets);
  });
}

function keepCases(engine: Engine): void {
  test("a report is kept and its mail goes, in one", async (t) => {
    const { site, store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster");
    assert.deepEqual(await collect(store, postmaster, [report("1")]), { kind: "kept", fresh: 1 });
    const [found] = await store.tlsReports.find(ALL);
    assert.ok(found !== undefined);
    const { key: _, ...rest } = found;
    const came = { from: "reports@big.example", ip: "192.0.2.7", receivedAt: AT };
    assert.deepEqual(rest, { ...report("1"), ...came });
    assert.deepEqual(store.reportMails.waiting(9), []);
    assert.deepEqual(await contents(store, postmaster), []);
    assert.equal(mailboxOf(store, "postmaster").usedOctets, 0);
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
    assert.deepEqual(await kept(await site.open("command")), ["1"]);
  });

  test("a report counts once for its organisation, id and domain", async (t) => {
    const { store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster");
    const other = domainOf("other.example");
    await collect(store, postmaster, [report("1"), report("1", { domain: other })]);
    const again = [report("1", { contact: "forged" }), report("1", { organisation: "big" })];
    assert.deepEqual(await collect(store, postmaster, again), { kind: "kept", fresh: 1 });
    assert.deepEqual(await collect(store, postmaster, [report("1")]), { kind: "kept", fresh: 0 });
    const found = await store.tlsReports.find(ALL);
    assert.deepEqual(
      found.map(({ organisation, domain, contact }) => [organisation, domain, contact]),
      [
        ["Big", DOMAIN, "tls@big.example"],
        ["Big", other, "tls@big.example"],
        ["big", DOMAIN, "tls@big.example"],
      ],
    );
  });

  test("beyond the day's number nothing is kept and the mail waits on; what is known already is no more", async (t) => {
    const { store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster");
    await collect(store, postmaster, [report("1"), report("2")]);
    await hand(store, postmaster, "third");
    const { id } = onlyWaiting(store);
    const two = [report("3"), report("4")];
    assert.deepEqual(await store.tlsReports.keep(id, two, 3), { kind: "too many" });
    assert.deepEqual(await kept(store), ["1", "2"]);
    assert.equal(onlyWaiting(store).id, id);
    const known = [report("1"), report("3")];
    assert.deepEqual(await store.tlsReports.keep(id, known, 3), { kind: "kept", fresh: 1 });
    await hand(store, postmaster, "tomorrow's", { at: AT + DAY_MS });
    const tomorrow = onlyWaiting(store).id;
    assert.deepEqual(await store.tlsReports.keep(tomorrow, [report("5")], 3), {
      kind: "kept",
      fresh: 1,
    });
  });

  test("mail that has gone keeps nothing", async (t) => {
    const { store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster");
    await hand(store, postmaster, "x");
    const { id } = onlyWaiting(store);
    await store.tlsReports.keep(id, [report("1")], MANY);
    assert.deepEqual(await store.tlsReports.keep(id, [report("2")], MANY), {
      kind: "kept",
      fresh: 0,
    });
    assert.deepEqual(await kept(store), ["1"]);
    assert.equal(await store.reportMails.read(id, 0, 10), undefined);
  });
}

function depositCases(engine: Engine): void {
  test("mail that is no report goes into the mailbox as it came, whatever its quota", async (t) => {
    const { site, store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster", 1000);
    await hand(store, postmaster, "no report");
    await change(store, { kind: "set-mailbox", id: postmaster, quotaOctets: 1 });
    assert.equal(await store.reportMails.deposit(onlyWaiting(store).id, postmaster), true);
    assert.deepEqual(await contents(store, postmaster), ["no report"]);
    assert.deepEqual(store.reportMails.waiting(9), []);
    const { usedOctets, messages } = mailboxOf(store, "postmaster");
    assert.deepEqual([usedOctets, messages], [HEAD_TEXT.length + "no report".length, 1]);
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });

  test("where the mailbox has gone it waits on, for another one", async (t) => {
    const { site, store } = await openSite(t, engine);
    const old = await addMailbox(store, "old");
    const other = await addMailbox(store, "other");
    await hand(store, old, "no report");
    await change(store, { kind: "remove-mailbox", id: old });
    const { id } = onlyWaiting(store);
    assert.equal(await store.reportMails.deposit(id, old), false);
    assert.equal(await store.reportMails.deposit(id, other), true);
    assert.deepEqual(await contents(store, other), ["no report"]);
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });
}

function findCases(engine: Engine): void {
  test("reports are found by domain, by age, and page by page", async (t) => {
    const { store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster");
    const other = domainOf("other.example");
    for (const [i, domain] of [DOMAIN, other, DOMAIN, DOMAIN].entries())
      await collect(store, postmaster, [report(String(i), { domain })], { at: AT + i });
    const ids = async (query: object): Promise<readonly string[]> =>
      (await store.tlsReports.find({ ...ALL, ...query })).map(({ reportId }) => reportId);
    assert.deepEqual(await ids({}), ["0", "1", "2", "3"]);
    assert.deepEqual(await ids({ domain: other }), ["1"]);
    assert.deepEqual(await ids({ since: AT + 2 }), ["2", "3"]);
    const page = await store.tlsReports.find({ since: 0, domain: DOMAIN, limit: 2 });
    assert.deepEqual(await ids({ domain: DOMAIN, after: page.at(-1)?.key, limit: 2 }), ["3"]);
  });
}

function pruneCases(engine: Engine): void {
  test("reports that are too old are forgotten, and may come again", async (t) => {
    const { store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster");
    for (const i of [0, 1, 2]) await collect(store, postmaster, [report(`${i}`)], { at: AT + i });
    await store.tlsReports.prune(AT + 2, Number.MAX_SAFE_INTEGER);
    assert.deepEqual(await kept(store), ["2"]);
    await collect(store, postmaster, [report("0")], { at: AT + 3 });
    assert.deepEqual(await kept(store), ["2", "0"]);
  });

  test("beyond the size what came first is forgotten, also after earlier prunings", async (t) => {
    const { store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster");
    const octets = Buffer.byteLength(JSON.stringify(report("0").policies));
    for (let round = 0; round < 3; round++) {
      for (const i of [0, 1, 2])
        await collect(store, postmaster, [report(`${round}${i}`)], { at: AT - i });
      await store.tlsReports.prune(0, 2 * octets);
      assert.deepEqual(await kept(store), [`${round}1`, `${round}2`]);
    }
  });

  test("many are forgotten in one call", async (t) => {
    const { store } = await openSite(t, engine);
    const postmaster = await addMailbox(store, "postmaster");
    const many = Array.from({ length: 1200 }, (_, i) => report(`${i}`));
    await hand(store, postmaster, "x");
    await store.tlsReports.keep(onlyWaiting(store).id, many, 5000);
    await store.tlsReports.prune(AT + 1, Number.MAX_SAFE_INTEGER);
    assert.deepEqual(await kept(store), []);
  });
}
