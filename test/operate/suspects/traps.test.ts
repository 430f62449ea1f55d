/** What traps report: once an hour, and of one network so many new hosts a day, whatever the other networks do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp } from "../../../src/mail/index.ts";
import {
  reportSuspect,
  TrapReports,
  type SuspectSite,
} from "../../../src/operate/suspects/index.ts";
import { suspectsSchema } from "../../../src/operate/suspects/settings.ts";
import { ManualClock, silentLog, type Fields } from "../../../src/runtime/index.ts";
import type { StoredSuspect, SuspectEdit, SuspectReport } from "../../../src/store/index.ts";

const TRAP = "trap@local.example";
const SAMPLE = { sha256: "ab".repeat(32), head: "Subject: x\r\n" };
const HOUR_MS = 3_600_000;
const MOST = 3;

class Bench {
  readonly clock = new ManualClock();
  readonly kept: (SuspectReport & { readonly ip: string })[] = [];
  readonly lines: Fields[] = [];
  readonly hosts = new Map<string, StoredSuspect>();
  broken = false;
  readonly traps = new TrapReports({
    clock: this.clock,
    log: {
      ...silentLog,
      warn: (event, fields = {}) => void this.lines.push({ event, ...fields }),
      error: (event, fields = {}) => void this.lines.push({ event, ...fields }),
    },
  });

  get site(): SuspectSite {
    const unused = () => assert.fail("nobody asks for this");
    return {
      published: undefined as never, // nor for the lists
      settings: undefined as never,
      rules: undefined as never,
      hostRules: { widestV4: 32, widestV6: 128, specialRanges: true, protected: [] },
      now: () => this.clock.now(),
      testing: suspectsSchema.parse({ zone: "bl.example", reports_per_day: MOST }),
      suspects: {
        find: (ip) => this.hosts.get(ip),
        apply: (edit) => this.#apply(edit),
        countReports: async (by) => this.kept.filter((one) => one.by === by).length,
        due: unused,
        countDue: () => 0,
        list: unused,
        reports: unused,
        prune: unused,
      },
    };
  }

  async #apply({ ip, seen, after, report }: SuspectEdit): Promise<boolean> {
    if (this.broken) throw new Error("no disk");
    this.hosts.set(ip, { ip, version: seen + 1, ...after });
    if (report !== undefined) this.kept.push({ ip, ...report });
    return true;
  }

  /** Whether it is kept. */
  async reports(host: string, trap = TRAP): Promise<boolean> {
    const before = this.kept.length;
    await this.traps.report(this.site, {
      ip: parseIp(host) ?? assert.fail(),
      trap,
      sample: SAMPLE,
    });
    return this.kept.length > before;
  }
}

test("a host is reported by the trap's address, with the message that it brought", async () => {
  const bench = new Bench();
  assert.equal(await bench.reports("9.8.7.6"), true);
  const [{ cause, ...report } = assert.fail()] = bench.kept;
  assert.deepEqual(report, { ip: "9.8.7.6", at: bench.clock.now(), origin: "trap", by: TRAP });
  assert.deepEqual(JSON.parse(cause), { kind: "sample", ...SAMPLE });
  assert.equal(bench.hosts.get("9.8.7.6")?.standing, "reported");
});

test("once an hour by a trap; another trap reports it too", async () => {
  const bench = new Bench();
  assert.equal(await bench.reports("9.8.7.6"), true);
  assert.equal(await bench.reports("9.8.7.6"), false);
  assert.equal(await bench.reports("9.8.7.6", "other@local.example"), true);
  bench.clock.advance(HOUR_MS - 1);
  assert.equal(await bench.reports("9.8.7.6"), false);
  bench.clock.advance(1);
  assert.equal(await bench.reports("9.8.7.6"), true);
  assert.deepEqual(bench.lines, []);
});

test("a network with many hosts fills its own share, and closes no eyes for the others", async () => {
  const bench = new Bench();
  for (let i = 0; i < MOST; i++) assert.equal(await bench.reports(`9.8.7.${i}`), true);
  assert.equal(await bench.reports("9.8.7.99"), false);
  assert.match(
    String(bench.lines[0]?.["why"]),
    /^3 hosts of 9\.8\.7\.0\/24 were reported by traps/,
  );
  for (let i = 0; i < 100; i++) assert.equal(await bench.reports(`7.${i}.1.1`), true);
  for (let i = 0; i < MOST; i++) assert.equal(await bench.reports(`2a01:4f8:1:${i}::7`), true);
  assert.equal(await bench.reports("2a01:4f8:1:9::7"), false);
  assert.equal(await bench.reports("2a01:4f8:2::7"), true);
});

test("who is known already is counted nowhere, and what he brings is kept", async () => {
  const bench = new Bench();
  for (let i = 0; i < MOST; i++) await bench.reports(`9.8.7.${i}`);
  for (let hour = 0; hour < 48; hour++) {
    bench.clock.advance(HOUR_MS);
    assert.equal(await bench.reports("9.8.7.0"), true);
  }
  assert.equal(await bench.reports("9.8.7.50"), true, "the day is over");
});

test("a store that fails is a line in the log, and the next mail is told again", async () => {
  const bench = new Bench();
  bench.broken = true;
  assert.equal(await bench.reports("9.8.7.6"), false);
  assert.deepEqual(bench.lines, [
    { event: "trap report not kept", ip: "9.8.7.6", trap: TRAP, problem: "no disk" },
  ]);
  bench.broken = false;
  assert.equal(await bench.reports("9.8.7.6"), true);
});

test("by mail a reporter is held to so many a day", async () => {
  const bench = new Bench();
  const by = "big.example";
  const cause = { kind: "sample", ...SAMPLE } as const;
  const report = (host: string) => reportSuspect(bench.site, { host, origin: "mail", by, cause });
  for (let i = 0; i < MOST; i++) assert.equal(typeof (await report(`9.8.7.${i}`)), "object");
  const refusal = await report("7.7.7.7");
  assert.match(
    typeof refusal === "string" ? refusal : "",
    /^big\.example has reported 3 hosts in the last day/,
  );
});
