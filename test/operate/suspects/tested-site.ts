/** A site with its lists in a real store, whose time is a test's, and a scripted host that its tester tests in memory. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { StoredTests } from "../../../src/app/stored-tests.ts";
import { suspectExaminer } from "../../../src/app/suspect-examiner.ts";
import { parseDomain, parseIp, type Domain, type Ip } from "../../../src/mail/index.ts";
import { addEntry, guardRules, keptEntry } from "../../../src/operate/listing/index.ts";
import { listingSchema } from "../../../src/operate/listing/settings.ts";
import {
  attend,
  attendToReturn,
  keptSuspect,
  reportSuspect,
  requestTest,
  type Attending,
  type Examiner,
  type Suspect,
  type SuspectSite,
} from "../../../src/operate/suspects/index.ts";
import type { Asker } from "../../../src/operate/suspects/request.ts";
import { suspectsSchema } from "../../../src/operate/suspects/settings.ts";
import { testServer, type NotTested, type TestCause } from "../../../src/operate/tester/index.ts";
import { silentLog, type Fields, type Log } from "../../../src/runtime/index.ts";
import { openSqliteStore } from "../../../src/store/sqlite/index.ts";
import type { Store } from "../../../src/store/index.ts";
import { subject } from "../listing/site.ts";
import { ScriptedHost, type HostScript } from "../tester/scripted-host.ts";

export const HOST = parseIp("5.6.7.8") as Ip; // the tests' own
export const ZONE = "relays.bl.example.org";
const TESTER = parseDomain("tester.example") as Domain;
export const HOUR_MS = 3_600_000;

export const OPEN: HostScript = {
  answer: (command) => (command.startsWith("RCPT") ? "250 good" : undefined),
  relays: (_, message) => message <= 3,
};
/** It takes what is for the tester, and hands nothing on. */
export const KEEPS: HostScript = {
  answer: (command) => {
    if (!command.startsWith("RCPT")) return undefined;
    const isPlain = /^RCPT TO:<t-[a-z2-7]{16}@tester\.example>$/.test(command);
    return isPlain ? "250 good" : "550 5.7.1 relaying denied";
  },
};
export const CLOSED: HostScript = {
  answer: (command) => (command.startsWith("RCPT") ? "550 5.7.1 relaying denied" : undefined),
};

export class TestedSite {
  readonly store: Store;
  readonly tests: StoredTests;
  readonly lines: string[] = [];
  script = OPEN;
  burst = 9;
  protects: Ip | undefined;
  /** Instead of a test. */
  refusal: NotTested | Error | undefined;
  /** Of the last test that was ordered. */
  cause: TestCause | undefined;
  /** The process dies behind the next change of a list: what is known of the host is not written. */
  diesBetween = false;
  /** Interrupted before so many more senders are heard. */
  interruptedAfter = Infinity;
  #died = false;
  readonly #clock = new ScriptedHost(OPEN, {} as never).clock; // what it remembers by is not used
  #ids = 0;

  private constructor(store: Store) {
    this.store = store;
    this.tests = new StoredTests(store.relayTests, this.#clock);
    const { published, suspects } = store;
    const [change, keep] = [published.apply.bind(published), suspects.apply.bind(suspects)];
    published.apply = async (edit) => {
      const result = await change(edit);
      this.#died = this.diesBetween;
      return result;
    };
    suspects.apply = (edit) => (this.#died ? Promise.reject(new Error("killed")) : keep(edit));
  }

  static async open(t: TestContext): Promise<TestedSite> {
    const dir = mkdtempSync(join(tmpdir(), "gatepost-suspects-"));
    const store = await openSqliteStore({ path: join(dir, "gatepost.db"), exclusive: false });
    t.after(async () => {
      await store.close();
      rmSync(dir, { recursive: true });
    });
    return new TestedSite(store);
  }

  get now(): number {
    return this.#clock.now();
  }

  get site(): SuspectSite {
    const settings = listingSchema.parse({ burst: this.burst, zone: [{ zone: ZONE, kind: "addresses", ns: ["ns1.example.org"], contact: "x@example.org" }] }); // prettier-ignore
    const { published, suspects } = this.store;
    const own = this.protects === undefined ? [] : [{ subject: subject(this.protects), whose: "ours" }]; // prettier-ignore
    const rules = guardRules(settings, own);
    return {
      published,
      suspects,
      settings,
      rules,
      hostRules: rules,
      now: () => this.now,
      testing: suspectsSchema.parse({ zone: ZONE }),
    };
  }

  // ---- What happens ----

  /** A while later. */
  later(ms: number): void {
    this.#clock.advance(ms);
  }

  async report(host: Ip = HOST): Promise<void> {
    const cause = { kind: "note", text: "seen" } as const;
    const done = await reportSuspect(this.site, { host, origin: "command", by: "ann", cause });
    assert.notEqual(typeof done, "string", JSON.stringify(done));
  }

  ask(asker: Asker = "operator"): Promise<Suspect | string> {
    return requestTest(this.site, { host: HOST, asker, by: "bob" });
  }

  /** Its time has come, or not: what is due is done. False: nothing was. */
  async attend(host: Ip = HOST): Promise<boolean> {
    const due = this.store.suspects.due(this.now, 10).some(({ ip }) => ip === host);
    this.#died = false;
    if (due) await attend(this.#attending, host);
    return due;
  }

  /** A message that a test has sent comes back, after all. */
  async comesBack(id: string): Promise<void> {
    const taken = (await this.tests.triedBefore(id)).find(({ grade }) => grade === "accepted");
    assert.ok(taken !== undefined);
    await this.tests.came({ token: taken.token, kind: "relay", at: this.now, from: HOST, received: [] }); // prettier-ignore
    await attendToReturn(this.#attending, HOST, id);
  }

  async dies(host: Ip = HOST): Promise<void> {
    this.diesBetween = true;
    await assert.rejects(this.attend(host), /killed/);
    this.diesBetween = false;
  }

  /** A person lists it, or takes it off. */
  async lists(kind: "note"): Promise<void> {
    const [zone] = this.site.settings.zone;
    assert.ok(zone !== undefined);
    const made = await addEntry(this.site, { zone, subject: HOST, reason: "seen", evidence: { kind, text: "x" }, by: "ann", origin: "person" }); // prettier-ignore
    assert.notEqual(typeof made, "string");
  }

  // ---- What became of it ----

  suspect(host: Ip = HOST): Suspect {
    return keptSuspect(this.store.suspects.find(host) ?? assert.fail(`nobody knows ${host}`));
  }

  entry(host: Ip = HOST) {
    const stored = this.store.published.find(ZONE, host);
    return stored && keptEntry(stored);
  }

  /** What was done to its entry, the first first. */
  async history(host: Ip = HOST): Promise<readonly string[]> {
    const all = await this.store.published.history(ZONE, host, 50);
    return all.map(({ action, by }) => `${action} by ${by}`).toReversed();
  }

  get #attending(): Attending {
    const { site } = this;
    assert.ok(site.testing !== undefined);
    const log: Log = { ...silentLog, info: (event: string, fields: Fields = {}) => void this.lines.push(`${event} ${String(fields["why"])}`) }; // prettier-ignore
    return {
      site,
      settings: site.testing,
      tester: { daily_cap: 3 },
      examiner: this.#examiner,
      log,
    };
  }

  get #examiner(): Examiner {
    const unused = { loaded: undefined as never, listeners: [], resolver: undefined as never };
    const examiner = suspectExaminer({ ...unused, tests: this.tests, stopped: () => false });
    return { ...examiner, test: (order) => this.#test(order) };
  }

  async #test({
    ip,
    resumes,
    begun,
    cause,
  }: Parameters<Examiner["test"]>[0]): Promise<string | undefined> {
    this.cause = cause;
    if (this.refusal !== undefined) throw this.refusal;
    const host = new ScriptedHost(this.script, this.tests);
    const machine = { ...host.machine, clock: this.#clock };
    const resumed = resumes === undefined ? undefined : await this.tests.resume(resumes);
    let senders = 0;
    const stopped = (): boolean => ++senders > this.interruptedAfter;
    const { id } = await testServer(
      {
        about: ip,
        target: ip,
        endpoints: [{ ip, port: 25, implicitTls: false }],
        id: resumed?.id ?? `test${++this.#ids}`,
        knowledge: {},
        foreign: TESTER,
        paceMs: 0,
        wayBack: { name: "here", waitMs: 1000 },
        begun,
        stopped,
        ...(resumed !== undefined && { before: resumed.found?.visits ?? [] }),
      },
      { ...machine, sleep: (ms, ended) => (this.later(ms), host.machine.sleep(ms, ended)) },
      this.tests,
    );
    return stopped() ? undefined : id;
  }
}
