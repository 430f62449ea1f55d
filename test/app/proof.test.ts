/** The proof of a whole configuration: each port where mail is taken is tried, submission with and without STARTTLS. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { PROOF_PASSWORD, ProofAccounts } from "../../src/app/proof-accounts.ts";
import { sitePolicy, type BuildPolicy, type PolicyWorld } from "../../src/app/policy.ts";
import { proofTarget } from "../../src/app/proof.ts";
import { loadConfig, type Config } from "../../src/config/index.ts";
import { parseCidr, type MailboxId } from "../../src/mail/index.ts";
import { casesFor } from "../../src/operate/relaytest/case.ts";
import { CATALOGUE, holds, proofReport, prove } from "../../src/operate/relaytest/index.ts";
import type { TrustedNetwork } from "../../src/policy/checks/index.ts";
import { ManualClock } from "../../src/runtime/index.ts";
import { domainOf, MemoryDirectory } from "../support/memory-directory.ts";

const SITE = `hostname = "mx.local.example"
postmaster = "admin@local.example"
[listen]
smtp = ["127.0.0.1"]
submission = ["127.0.0.1"]
submissions = ["127.0.0.1"]
pop3 = ["127.0.0.1"]
[tls]
certificate = "c.pem"
key = "k.pem"
`;

function config(t: TestContext, text = SITE): Config {
  const dir = mkdtempSync(join(tmpdir(), "gatepost-proof-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "gatepost.toml");
  writeFileSync(file, text);
  return loadConfig(file).config;
}

const STRICT = "[greylist]\nenabled = true\n[rates.none]\nrecipients_per_hour = 1\n";

function directory(): MemoryDirectory {
  return new MemoryDirectory().withDomain("local.example").withMailbox("admin@local.example");
}

test("it holds for mail exchange and both submission ports", async (t) => {
  const target = proofTarget(config(t), directory());
  assert.deepEqual(
    target.listeners.map(({ name }) => name),
    [
      "listen.smtp 127.0.0.1 port 25",
      "listen.submission 127.0.0.1 port 587",
      "listen.submissions 127.0.0.1 port 465",
    ],
  );
  for (const listener of target.listeners) {
    const result = await prove(CATALOGUE, { listeners: [listener], decisions: [] });
    assert.ok(holds(result) && result.sessions > 20, proofReport(result));
  }
});

test("it holds with the least that limits may be, and without AUTH LOGIN", async (t) => {
  const least =
    "[limits]\nmessage_bytes = 65536\nerrors = 1\ncommand_bytes = 512\ntransactions = 1\nheader_bytes = 1024\nrecipients = 100\n" +
    "[submission]\nsasl_bytes = 1024\nauth_login = false\n";
  const result = await prove(CATALOGUE, proofTarget(config(t, SITE + least), directory()));
  assert.ok(holds(result), proofReport(result));
  const wanting = CATALOGUE.flatMap(({ vectors }) => vectors).filter(({ needs }) =>
    needs?.includes("auth-login"),
  );
  assert.equal(result.waiting.get("auth-login"), wanting.length);
});

test("everything about logins is tried on both submission ports, STARTTLS where it is offered", (t) => {
  const [, starttls, implicit] = proofTarget(config(t), directory()).listeners;
  assert.ok(starttls !== undefined && implicit !== undefined);
  const tried = ({ features, names }: typeof starttls) =>
    new Set(casesFor(CATALOGUE, features, names).map(({ vector }) => vector.id));
  for (const id of ["R100b", "R101b", "R102c", "R114d", "R114e", "R117", "R118c", "R119b"])
    assert.ok(tried(starttls).has(id) && tried(implicit).has(id), id);
  for (const id of ["R103b", "R103d", "R117b"])
    assert.ok(tried(starttls).has(id) && !tried(implicit).has(id), id);
});

test("a port that lets in whoever asks does not pass", async (t) => {
  const listeners = proofTarget(config(t), directory()).listeners.slice(1);
  const catalogue = CATALOGUE.filter(({ section }) => section === 4);
  t.mock.method(ProofAccounts.prototype, "authenticate", () => {
    const mailbox = directory().mailbox("admin", domainOf("local.example"));
    return Promise.resolve({ kind: "ok", mailbox });
  });
  for (const listener of listeners) {
    const { failures } = await prove(catalogue, { listeners: [listener], decisions: [] });
    assert.ok(failures.some(({ tried }) => tried.vector.id === "R100b"));
  }
});

test("it holds whatever the site's domain is, and whatever else it has", async (t) => {
  for (const domain of [
    "a.example",
    `${"d".repeat(32 - ".example".length)}.example`,
    `${"d".repeat(33 - ".example".length)}.example`,
    `${"d".repeat(63)}.example`,
    `${"long-names.".repeat(20)}example`,
  ]) {
    const site = new MemoryDirectory().withDomain(domain).withMailbox(`admin@${domain}`);
    for (const other of ["far.invalid", "evil.invalid", `sub.${domain}`, "mx.local.example"])
      site.withDomain(other);
    const target = proofTarget(
      config(t, SITE.replace("admin@local.example", `admin@${domain}`)),
      site,
    );
    const result = await prove(CATALOGUE, target);
    assert.ok(holds(result), `${domain}: ${proofReport(result)}`);
  }
});

test("whom the operator trusts is no stranger: what the catalogue says of him is left out and named, all else is tried", async (t) => {
  const trusting = `${SITE}
[[relay.networks]]
network = "127.0.0.1/32"
reason = "the cron jobs of this machine"
accepts = ["this-machine"]
[[relay.networks]]
network = "10.255.255.0/24"
reason = "scanners on the second floor"
[[relay.networks]]
network = "203.0.113.0/24"
reason = "scanners on the third floor"
`;
  const { listeners } = proofTarget(config(t, trusting), directory());
  const result = await prove(CATALOGUE, { listeners: listeners.slice(0, 1), decisions: [] });
  assert.ok(holds(result), proofReport(result));
  assert.deepEqual(
    [...result.trusted],
    [
      ["127.0.0.1", ["R17a", "R17e"]],
      ["::ffff:127.0.0.1", ["R17b"]],
      ["10.255.255.1", ["R18c"]],
    ],
  );
  const plain = await prove(CATALOGUE, proofTarget(config(t), directory()));
  assert.deepEqual([...plain.trusted], []);
});

test("a right to leave that delivery would not find is none, though it is for the right domain", async (t) => {
  const forNobody: BuildPolicy = (...site) => {
    const policy = sitePolicy(...site);
    const grants: typeof policy.stages.grants = (...asked) =>
      policy.stages.grants(...asked).map(({ abroad, grant }) => ({
        abroad,
        grant: { ...grant, holder: "nobody@local.example" },
      }));
    return { ...policy, stages: { ...policy.stages, grants } };
  };
  const { failures } = await prove(CATALOGUE, proofTarget(config(t), directory(), forNobody));
  const relayed = failures.filter(({ judgement }) => judgement.kind === "relayed");
  const ids = new Set(relayed.map(({ tried }) => tried.vector.id));
  for (const id of ["R18d", "R54e", "R102a", "R138"]) assert.ok(ids.has(id), id);
});

/** What a server could be wired to by mistake, and what finds it. */
const WRONG_WORLDS: readonly (readonly [what: string, change: Partial<PolicyWorld>, id: string])[] =
  [
    ["every recipient of a gateway is known", { verifyRecipient: () => "known" }, "R67b"],
    ["no recipient of a gateway is known", { verifyRecipient: () => "unknown" }, "R67c"],
    ["returns have another key", { secret: new Uint8Array(32) }, "R54e"],
    ["returns are read a month late", { clock: new ManualClock(Date.UTC(2026, 1, 1)) }, "R54e"],
    ["nobody is trusted", { trusted: () => undefined }, "R18d"],
    ["everybody is trusted", { trusted: () => trustedBlock("0.0.0.0/0") }, "R01"],
    ["the private networks are trusted", { trusted: within("172.16.0.0/12") }, "R18a"],
    ["a trusted network is wider than written", { trusted: within("203.0.113.16/29") }, "R18g"],
  ];

test("a policy that asks the wrong ones does not pass", async (t) => {
  for (const [what, change, id] of WRONG_WORLDS) {
    const wrong: BuildPolicy = (site, settings, world) =>
      sitePolicy(site, settings, { ...world, ...change });
    const { failures } = await prove(CATALOGUE, proofTarget(config(t), directory(), wrong));
    assert.ok(
      failures.some(({ tried }) => tried.vector.id === id),
      what,
    );
  }
});

function within(block: string): PolicyWorld["trusted"] {
  const entry = trustedBlock(block);
  return (ip) => (entry.network.contains(ip) ? entry : undefined);
}

function trustedBlock(block: string): TrustedNetwork {
  const network = parseCidr(block) ?? assert.fail();
  return { network, reason: "a test of the proof", accepts: [] };
}

test("greylisting and rates are not asked while it is proved: every first attempt would be put off", async (t) => {
  const settings = config(t, `${SITE}${STRICT}`);
  const { failures } = await prove(CATALOGUE, proofTarget(settings, directory(), sitePolicy));
  assert.deepEqual(failures, []);
});

test("it holds however strict a site is about where mail is from", async (t) => {
  const strict =
    '[authentication]\nspf = "refuse"\ndkim = "refuse"\niprev = "refuse"\ndns_failure = "defer"\n';
  const result = await prove(CATALOGUE, proofTarget(config(t, SITE + strict), directory()));
  assert.ok(holds(result), proofReport(result));
});

test("its accounts know one user and one password", async () => {
  const user = {
    id: -1 as MailboxId, // no store has it
    local: "proof-user",
    domain: domainOf("local.example"),
    disabled: false,
    usedOctets: 0,
  };
  const accounts = new ProofAccounts(user);
  const kind = async (login: string, password: string) =>
    (await accounts.authenticate(login, password)).kind;
  assert.equal(await kind("proof-user@local.example", PROOF_PASSWORD), "ok");
  assert.equal(await kind("proof-user@local.example", ""), "wrong");
  assert.equal(await kind("admin@local.example", PROOF_PASSWORD), "wrong");
  for (const [login, right, expected] of [
    ["proof-user@local.example", true, "ok"],
    ["proof-user@local.example", false, "wrong"],
    ["admin@local.example", true, "wrong"],
  ] as const)
    assert.equal((await accounts.openScram(login).finish(right)).kind, expected);
});
