/** What `[relay]` may not say on this machine and over this directory: named by its key, with the way to mend it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRelay } from "../../src/app/index.ts";
import { ConfigError, type LoadedConfig } from "../../src/config/index.ts";
import { configSchema } from "../../src/config/schema.ts";
import { parseIp } from "../../src/mail/index.ts";
import type { MachineFacts } from "../../src/policy/checks/index.ts";
import { MemoryDirectory } from "../support/memory-directory.ts";

const FILE = "/etc/gatepost.toml";
const MACHINE: MachineFacts = {
  gateways: [parseIp("192.0.2.1") ?? assert.fail()],
  addresses: [],
  networks: [],
};

function problems(
  tables: Readonly<Record<string, unknown>>,
  directory = new MemoryDirectory().withDomain("local.example"),
): readonly string[] {
  const plain = { hostname: "mx.local.example", postmaster: "admin@local.example" };
  const config = configSchema.parse({ ...plain, ...tables });
  const loaded: Pick<LoadedConfig, "config" | "file"> = { file: FILE, config };
  try {
    checkRelay(loaded, directory, MACHINE);
  } catch (error) {
    assert.ok(error instanceof ConfigError && error.file === FILE);
    return error.problems.map(({ key, problem }) => `${key}: ${problem}`);
  }
  return [];
}

test("nothing is trusted by default, and nothing is wrong with that", () => {
  assert.deepEqual(problems({}), []);
});

test("each unsafe network is named, in all that the configuration says: also by its proxies", () => {
  const networks = ["203.0.113.7", "192.0.2.1", "198.51.100.7"].map((network) => ({
    network,
    reason: "the old scanner",
  }));
  const listener = { address: "0.0.0.0", proxy_from: ["198.51.100.0/28"] };
  for (const service of ["smtp", "pop3"] as const) {
    const found = problems({ relay: { networks }, listen: { [service]: [listener] } });
    assert.equal(found.length, 2);
    assert.match(
      found[0] ?? "",
      /^relay\.networks\.1: 192\.0\.2\.1\/32 holds 192\.0\.2\.1, the default/,
    );
    assert.match(found[1] ?? "", /^relay\.networks\.2: .* proxy 198\.51\.100\.0\/28 of a listener/);
  }
});

test("a gateway domain is none that has mailboxes or a catch-all here; keys and aliases it may have", () => {
  const domains = ["inner.example", "LOCAL.example", "one.example", "all.example", "held.example"];
  const relay = { domains: domains.map((domain) => ({ domain, host: "10.0.0.5" })) };
  const directory = new MemoryDirectory()
    .withDomain("local.example")
    .withMailbox("admin@local.example", "user@local.example")
    .withDomain("one.example")
    .withMailbox("user@one.example")
    .withDomain("held.example")
    .withAlias("info@held.example", "user@local.example");
  directory.withDomain("all.example", directory.mailboxAt("user@local.example"));
  assert.deepEqual(problems({ relay }, directory), [
    "relay.domains.1.domain: local.example has 2 mailboxes here; take the domain from relay.domains, or see `gatepost mailbox list local.example` and `gatepost mailbox remove`",
    "relay.domains.2.domain: one.example has 1 mailbox here; take the domain from relay.domains, or see `gatepost mailbox list one.example` and `gatepost mailbox remove`",
    "relay.domains.3.domain: all.example has a catch-all here; take the domain from relay.domains, or the catch-all with `gatepost domain set all.example --no-catch-all`",
  ]);
});

test("mail for a gateway domain goes to one host", () => {
  const relay = { domains: [{ domain: "inner.example", host: "10.0.0.5" }] };
  const routes = { "INNER.example": "smtp://10.0.0.6", "*": "smtp://10.0.0.7" };
  assert.deepEqual(problems({ relay, routes }), [
    "routes.inner.example: mail for inner.example goes to the host that relay.domains names; expected it in one of the two",
  ]);
});

test("the domain that relay tests come back to is one for nothing else", () => {
  const tester = { domain: "tests.example" };
  assert.deepEqual(problems({ tester }), []);
  const [own, ...more] = problems({ tester: { domain: "LOCAL.example" } });
  assert.match(
    own ?? "",
    /^tester\.domain: local\.example is a mail domain of this site .*relay-test\.local/,
  );
  assert.deepEqual(more, []);
  const relay = { domains: [{ domain: "tests.example", host: "10.0.0.5" }] };
  assert.match(problems({ tester, relay })[0] ?? "", /^tester\.domain: .* another host/);
});
