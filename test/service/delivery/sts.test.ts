/** MTA-STS policies fetched, remembered, renewed and lost: what counts for a domain at each moment, and how often its web server is asked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FetchedFile } from "../../../src/net/index.ts";
import { STS_RETRY_MS } from "../../../src/policy/identity/index.ts";
import { ScriptedResolver } from "../../../src/protocol/dns/index.ts";
import { ManualClock } from "../../../src/runtime/index.ts";
import { Sts, type StsProblem } from "../../../src/service/delivery/sts.ts";
import type { StsPolicies } from "../../../src/store/index.ts";
import { MemoryLog } from "../../net/echo.ts";
import { domain, memoryStsPolicies, name } from "./rig.ts";
import { policyText } from "../../support/policy-web.ts";

const DOMAIN = domain("foreign.example");
const RECORD = name("_mta-sts.foreign.example");
const MX = "mx.foreign.example";
const DAY_MS = 86_400_000;
const MAX_AGE = 7 * 86_400;

class Site {
  readonly dns = new ScriptedResolver();
  readonly clock = new ManualClock();
  readonly log = new MemoryLog();
  readonly policies: StsPolicies;
  file: FetchedFile = file("enforce");
  fetches = 0;
  readonly missed: StsProblem[] = [];
  sts: Sts;

  constructor(policies = memoryStsPolicies()) {
    this.policies = policies;
    this.sts = this.restarted();
  }

  restarted(): Sts {
    const { dns: resolver, policies, clock, log } = this;
    this.sts = new Sts({
      resolver,
      policies,
      clock,
      log,
      missed: (_domain, problem) => void this.missed.push(problem),
      fetch: async () => {
        this.fetches++;
        return this.file;
      },
    });
    return this.sts;
  }

  announces(id: string): this {
    this.dns.has(RECORD, "TXT", [Buffer.from(`v=STSv1; id=${id};`)]);
    return this;
  }

  async mode(): Promise<string> {
    return (await this.sts.find(DOMAIN)).policy?.mode ?? "none there";
  }
}

function file(mode: string, mediaType = "text/plain", maxAge = MAX_AGE): FetchedFile {
  return { kind: "fetched", octets: Buffer.from(policyText(mode, [MX], maxAge)), mediaType };
}

const GONE: FetchedFile = { kind: "failed", at: "way", why: "connection refused" };

test("no record, no question to a web server", async () => {
  const site = new Site();
  assert.deepEqual(await site.sts.find(DOMAIN), { why: "no MTA-STS policy" });
  site.dns.fails(RECORD, "TXT", "servfail");
  const why = "no answer about an MTA-STS policy: servfail";
  assert.deepEqual(await site.sts.find(DOMAIN), { why });
  assert.equal(site.fetches, 0);
});

test("a policy is fetched once, for all who ask at once, and remembered", async () => {
  const site = new Site().announces("a");
  const found = await Promise.all([1, 2, 3].map(() => site.sts.find(DOMAIN)));
  assert.deepEqual(
    found.map(({ policy }) => policy?.mode),
    ["enforce", "enforce", "enforce"],
  );
  assert.equal(await site.mode(), "enforce");
  assert.equal(site.fetches, 1);
});

test("another id is another policy", async () => {
  const site = new Site().announces("a");
  await site.mode();
  site.file = file("none");
  site.announces("b");
  assert.equal(await site.mode(), "none");
  assert.equal(site.fetches, 2);
});

test("who blocks the record, the way or the web server has won nothing, also over a restart", async () => {
  const site = new Site().announces("a");
  await site.mode();
  site.file = GONE;
  site.restarted();
  site.announces("b");
  assert.equal(await site.mode(), "enforce");
  site.dns.fails(RECORD, "TXT", "timeout");
  assert.equal(await site.mode(), "enforce");
  site.dns.has(RECORD, "TXT", [Buffer.from("something else")]);
  assert.equal(await site.mode(), "enforce");
  site.clock.advance(MAX_AGE * 1000);
  assert.equal(await site.mode(), "none there");
});

test("after a failure the web server is left alone for a while", async () => {
  const site = new Site().announces("a");
  site.file = GONE;
  await site.mode();
  assert.deepEqual(site.missed, [{ kind: "fetch", why: "connection refused" }]);
  assert.equal(await site.mode(), "none there");
  site.clock.advance(STS_RETRY_MS - 1);
  assert.equal(await site.mode(), "none there");
  assert.equal(site.fetches, 1);
  site.file = file("enforce");
  site.clock.advance(1);
  assert.equal(await site.mode(), "enforce");
  assert.deepEqual(site.log.events("info"), ["MTA-STS policy not fetched"]);
});

test("what is no policy is told apart from what could not be had, and replaces nothing", async () => {
  const bad: [FetchedFile, string][] = [
    [file("enforce", "text/html"), "invalid"],
    [{ kind: "fetched", octets: Buffer.from("<html>"), mediaType: "text/plain" }, "invalid"],
    [{ kind: "failed", at: "certificate", why: "it has expired" }, "certificate"],
    [{ kind: "failed", at: "answer", why: "the answer is 301, not 200" }, "fetch"],
  ];
  for (const [given, kind] of bad) {
    const site = new Site().announces("a");
    await site.mode();
    site.announces("b").file = given;
    assert.equal(await site.mode(), "enforce");
    assert.equal(site.missed[0]?.kind, kind);
  }
});

test("a policy that is old is fetched again beside the mail, which does not wait", async () => {
  const site = new Site().announces("a");
  await site.mode();
  site.clock.advance(DAY_MS);
  const held = Promise.withResolvers<FetchedFile>();
  const { dns: resolver, policies, clock, log } = site;
  const missed = assert.fail;
  const sts = new Sts({ resolver, policies, clock, log, missed, fetch: () => held.promise });
  assert.equal((await sts.find(DOMAIN)).policy?.mode, "enforce");
  held.resolve(file("testing"));
  await new Promise(setImmediate);
  assert.equal((await sts.find(DOMAIN)).policy?.mode, "testing");
});

test("a policy that could not be kept is not used, and the mail waits", async () => {
  const lost = { find: () => undefined, keep: () => Promise.reject(new Error("disk full")) };
  const site = new Site(lost).announces("a");
  await assert.rejects(site.sts.find(DOMAIN), /disk full/);
});
