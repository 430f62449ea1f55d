/** What waits is collected, one after the other, and whatever happens nothing of it is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { MailboxId, MessageId } from "../../../src/mail/index.ts";
import { silentLog, type Fields } from "../../../src/runtime/index.ts";
import { readReportMail } from "../../../src/service/reports/read-mail.ts";
import { ReportCollector } from "../../../src/service/reports/index.ts";
import type {
  KeepResult,
  ReportMailId,
  TlsReport,
  TlsReports,
  WaitingReport,
} from "../../../src/store/index.ts";
import { eventually } from "../../support/eventually.ts";
import { domainOf } from "../../support/memory-directory.ts";
import { APPENDIX_B, GOOGLE, gzipMail } from "./samples.ts";

const LOCAL = domainOf("local.example");
const POSTMASTER = 1 as MailboxId;

type Store = Pick<TlsReports, "waiting" | "read" | "keep" | "deposit">;

/** A store in memory, and the site around it. */
class Bench implements Store {
  readonly mails = new Map<ReportMailId, Buffer>();
  readonly kept: TlsReport[] = [];
  readonly deposited: string[] = [];
  readonly warnings: Fields[] = [];
  readonly errors: Fields[] = [];
  postmaster: MailboxId | undefined = POSTMASTER;
  result: KeepResult["kind"] = "kept";
  broken = false;
  reading = 0;
  rests = 0;
  atRest = (): void => {};
  readonly collector: ReportCollector;

  constructor() {
    this.collector = new ReportCollector({
      reports: this,
      reader: {
        read: async (mail) => {
          assert.equal(++this.reading, 1, "one at a time");
          const reading = await readReportMail(mail);
          this.reading--;
          return reading;
        },
        rest: async () => {
          this.rests++;
          this.atRest();
        },
      },
      log: {
        ...silentLog,
        warn: (_event, fields = {}) => void this.warnings.push(fields),
        error: (_event, fields = {}) => void this.errors.push(fields),
      },
      isOurs: (domain) => domain === LOCAL,
      postmaster: () => this.postmaster,
      perDay: () => 7,
    });
  }

  hand(mail: string): void {
    this.mails.set((this.mails.size + this.kept.length + 1) as ReportMailId, Buffer.from(mail));
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
