/** What waits is collected, one after the other, and whatever happens nothing of it is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { MailboxId, MessageId } from "../../../src/mail/index.ts";
import { silentLog, type Fields, type Log } from "../../../src/runtime/index.ts";
import { readReportMail } from "../../../src/service/reports/read-mail.ts";
import {
  relayKeeper,
  ReportCollector,
  tlsKeeper,
  type ReportReader,
  type ReportedHost,
} from "../../../src/service/reports/index.ts";
import type {
  KeepResult,
  ReportMailId,
  ReportMails,
  ReportSubject,
  TlsReport,
  TlsReports,
  WaitingReport,
} from "../../../src/store/index.ts";
import { eventually } from "../../support/eventually.ts";
import { domainOf } from "../../support/memory-directory.ts";
import { forwarded, sample } from "./relay-mails.ts";
import { APPENDIX_B, GOOGLE, gzipMail } from "./samples.ts";

const LOCAL = domainOf("local.example");
const POSTMASTER = 1 as MailboxId;

type Store = ReportMails & Pick<TlsReports, "keep">;

/** A store in memory, and the site around it. */
class Bench implements Store {
  readonly mails = new Map<ReportMailId, Buffer>();
  readonly kept: TlsReport[] = [];
  readonly deposited: string[] = [];
  readonly warnings: Fields[] = [];
  readonly errors: Fields[] = [];
  postmaster: MailboxId | undefined = POSTMASTER;
  result: KeepResult["kind"] = "kept";
  readonly reported: ReportedHost[] = [];
  readonly dropped: ReportMailId[] = [];
  about: ReportSubject = { about: "tls" };
  /** Why hosts are not taken. */
  refusal: string | undefined;
  broken = false;
  dropping: "works" | "broken" = "works";
  reading = 0;
  rests = 0;
  atRest = (): void => {};
  readonly collector: ReportCollector;

  constructor() {
    const log: Log = {
      ...silentLog,
      warn: (event, fields = {}) => void this.warnings.push({ event, ...fields }),
      error: (_event, fields = {}) => void this.errors.push(fields),
    };
    const reader: Pick<ReportReader, "read"> = {
      read: async (mail, wanted) => {
        assert.equal(++this.reading, 1, "one at a time");
        const reading = await readReportMail(mail, wanted);
        this.reading--;
        return reading;
      },
    };
    this.collector = new ReportCollector({
      mails: this,
      keepTls: tlsKeeper({
        reports: this,
        reader,
        log,
        isOurs: (domain) => domain === LOCAL,
        perDay: () => 7,
      }),
      keepRelays: relayKeeper({
        mails: this,
        reader,
        log,
        hostname: () => domainOf("mx.local.example"),
        isOurs: (ip) => /^10\.|^198\.18\./.test(ip),
        report: async (reported) => {
          if (this.refusal !== undefined) return this.refusal;
          this.reported.push(reported);
          return undefined;
        },
      }),
      rest: async () => {
        this.rests++;
        this.atRest();
      },
      log,
      postmaster: () => this.postmaster,
    });
  }

  hand(mail: string): void {
    this.mails.set((this.mails.size + this.kept.length + 1) as ReportMailId, Buffer.from(mail));
  }

  /** The same, to the address where relays are reported. */
  handRelay(mail: string): void {
    this.about = { about: "relay", reporter: "big.example" };
    this.hand(mail);
  }

  /** Wakes it and waits until it rests. */
  async collect(): Promise<void> {
    const before = this.rests;
    this.collector.wake();
    await eventually("its rest", () => (this.rests > before ? true : undefined));
  }

  waiting(limit: number): readonly WaitingReport[] {
    if (this.broken) throw new Error("no disk");
    return [...this.mails].slice(0, limit).map(([id, { length: octets }]) => ({
      id,
      octets,
      message: "m" as MessageId,
      domain: LOCAL,
      from: "r@big.example",
      ip: "192.0.2.1",
      at: 0,
      ...this.about,
    }));
  }

  read(id: ReportMailId, offset: number, limit: number): Uint8Array | undefined {
    return this.mails.get(id)?.subarray(offset, offset + Math.min(limit, 1000));
  }

  async keep(id: ReportMailId, reports: readonly TlsReport[], perDay: number): Promise<KeepResult> {
    assert.equal(perDay, 7);
    if (this.result === "too many") return { kind: "too many" };
    this.kept.push(...reports);
    this.mails.delete(id);
    return { kind: "kept", fresh: reports.length };
  }

  async drop(id: ReportMailId): Promise<void> {
    if (this.dropping === "broken") throw new Error("no disk");
    this.dropped.push(id);
    this.mails.delete(id);
  }

  async deposit(id: ReportMailId, mailbox: MailboxId): Promise<boolean> {
    assert.equal(mailbox, POSTMASTER);
    this.deposited.push(this.mails.get(id)?.toString() ?? "gone");
    this.mails.delete(id);
    return true;
  }
}

test("what can be read is kept, what cannot goes to the postmaster with a line in the log", async () => {
  const bench = new Bench();
  bench.hand(gzipMail(GOOGLE));
  bench.hand("Subject: hello\r\n\r\nno report");
  bench.hand(gzipMail(APPENDIX_B));
  await bench.collect();
  assert.deepEqual(
    bench.kept.map(({ organisation }) => organisation),
    ["Google Inc.", "Company-X"],
  );
  assert.deepEqual(bench.deposited, ["Subject: hello\r\n\r\nno report"]);
  const [{ why, from, ip } = {}] = bench.warnings;
  assert.match(String(why), /^no part of the type/);
  assert.deepEqual([from, ip], ["r@big.example", "192.0.2.1"]);
  assert.equal(bench.mails.size, 0);
});

test("a report about somebody else is nothing to keep; of one about several only what is ours", async () => {
  const bench = new Bench();
  bench.hand(gzipMail(JSON.stringify(GOOGLE).replaceAll("local.example", "foreign.example")));
  const [policy] = GOOGLE.policies;
  const foreign = { ...policy, policy: { ...policy?.policy, "policy-domain": "foreign.example" } };
  bench.hand(gzipMail({ ...GOOGLE, policies: [foreign, policy] }));
  await bench.collect();
  assert.equal(bench.deposited.length, 1);
  assert.match(String(bench.warnings[0]?.["why"]), /about foreign\.example, which is no domain/);
  assert.deepEqual(
    bench.kept.map(({ domain }) => domain),
    [LOCAL],
  );
});

test("what is more than a day's reports goes to the postmaster", async () => {
  const bench = new Bench();
  bench.result = "too many";
  bench.hand(gzipMail(GOOGLE));
  await bench.collect();
  assert.equal(bench.deposited.length, 1);
  assert.match(String(bench.warnings[0]?.["why"]), /reports\.per_day/);
});

test("mail that goes while it is read is nobody's", async () => {
  const bench = new Bench();
  bench.hand(gzipMail(GOOGLE));
  bench.read = () => {
    bench.mails.clear();
    return undefined;
  };
  await bench.collect();
  assert.deepEqual([bench.kept.length, bench.deposited.length, bench.errors.length], [0, 0, 0]);
});

test("mail that waits and cannot be read is an error, and no endless work", async () => {
  const bench = new Bench();
  bench.hand(gzipMail(GOOGLE));
  bench.read = () => undefined;
  await bench.collect();
  assert.match(String(bench.errors[0]?.["problem"]), /cannot be read in the store/);
  await bench.collector.stop();
});

test("a store that fails, and a postmaster that is not there, keep the mail waiting until the next time", async () => {
  const bench = new Bench();
  bench.hand("no report");
  bench.broken = true;
  await bench.collect();
  assert.equal(bench.errors[0]?.["problem"], "no disk");
  bench.broken = false;
  bench.postmaster = undefined;
  await bench.collect();
  assert.match(String(bench.errors[1]?.["problem"]), /no mailbox for the postmaster/);
  assert.equal(bench.mails.size, 1);
  bench.postmaster = POSTMASTER;
  await bench.collect();
  assert.deepEqual(bench.deposited, ["no report"]);
  await bench.collector.stop();
});

test("what comes while the reader goes to rest is collected too", async () => {
  const bench = new Bench();
  bench.hand("first");
  bench.atRest = () => {
    if (bench.deposited.length > 1) return;
    bench.hand("second");
    bench.collector.wake();
  };
  await bench.collect();
  await eventually("all collected", () => (bench.mails.size === 0 ? true : undefined));
  await bench.collector.stop();
  assert.deepEqual(bench.deposited, ["first", "second"]);
});

test("what comes while something is read is collected too, and nothing after the stop", async () => {
  const bench = new Bench();
  bench.hand(gzipMail(GOOGLE));
  bench.collector.wake();
  bench.hand("second");
  bench.collector.wake();
  await eventually("all collected", () => (bench.mails.size === 0 ? true : undefined));
  await bench.collector.stop();
  bench.hand("third");
  bench.collector.wake();
  await sleep(5);
  assert.deepEqual([bench.kept.length, bench.deposited], [1, ["second"]]);
  assert.equal(bench.mails.size, 1);
});

test("the hosts that a mail names are reported by whose it is, and the mail goes", async () => {
  const bench = new Bench();
  bench.handRelay(forwarded(sample("9.8.7.6"), sample("9.8.7.5")));
  await bench.collect();
  assert.deepEqual(
    bench.reported.map(({ host, by }) => [host, by]),
    [
      ["9.8.7.6", "big.example"],
      ["9.8.7.5", "big.example"],
    ],
  );
  assert.deepEqual([bench.dropped, bench.deposited, bench.mails.size], [[1], [], 0]);
});

test("a mail of which a host is not taken goes to the postmaster, with the reason", async () => {
  const bench = new Bench();
  bench.handRelay(forwarded(sample("9.8.7.6"), sample("10.0.0.1")));
  await bench.collect();
  assert.deepEqual(
    bench.reported.map(({ host }) => host),
    ["9.8.7.6"],
  );
  assert.equal(bench.deposited.length, 1);
  assert.match(String(bench.warnings[0]?.["why"]), /^a message that names no host but ours/);
  assert.equal(bench.warnings[0]?.["event"], "relay report left to the postmaster");
  assert.equal(bench.warnings[0]?.["by"], "big.example");
  bench.refusal = "big.example has reported 50 hosts";
  bench.handRelay(forwarded(sample("9.8.7.5")));
  await bench.collect();
  assert.equal(bench.warnings[1]?.["why"], "big.example has reported 50 hosts");
  assert.deepEqual([bench.deposited.length, bench.dropped], [2, []]);
});

test("what is a report about TLS is none about a relay, nor the other way round", async () => {
  const bench = new Bench();
  bench.hand(forwarded(sample("9.8.7.6")));
  await bench.collect();
  bench.handRelay(gzipMail(GOOGLE));
  await bench.collect();
  assert.deepEqual([bench.reported, bench.kept, bench.deposited.length], [[], [], 2]);
});

test("a store that fails between report and drop has the mail wait, and the host reported again", async () => {
  const bench = new Bench();
  bench.handRelay(forwarded(sample("9.8.7.6")));
  bench.dropping = "broken";
  await bench.collect();
  assert.equal(bench.errors[0]?.["problem"], "no disk");
  assert.equal(bench.mails.size, 1);
  bench.dropping = "works";
  await bench.collect();
  assert.deepEqual([bench.reported.length, bench.mails.size], [2, 0]);
  await bench.collector.stop();
});
