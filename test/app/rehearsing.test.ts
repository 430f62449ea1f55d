/** What facts of then say under a new configuration, and which settings differ in a way that decides about mail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rehearsalHead, staleFacts } from "../../src/app/index.ts";
import type { Config, LoadedConfig } from "../../src/config/index.ts";
import { configSchema } from "../../src/config/schema.ts";
import {
  parseSessionId,
  type Facts,
  type FactDecision,
  type SessionFacts,
} from "../../src/mail/index.ts";

function configOf(tables: Readonly<Record<string, unknown>> = {}): Config {
  const plain = { hostname: "mx.local.example", postmaster: "admin@local.example" };
  return configSchema.parse({ ...plain, ...tables });
}

function decided(check: string, facts: Facts): FactDecision {
  const checks = [{ check, action: "continue", facts }] as const;
  return { check, action: "continue", evidence: {}, checks };
}

interface Past {
  readonly ip?: string;
  readonly to?: string;
  readonly relay?: Facts;
  readonly spf?: Facts;
}

/** Why the recipient and the message cannot be judged under it. */
function stale(
  config: Config,
  {
    ip = "9.8.7.6",
    to = "x@foreign.example",
    relay = { client: "public address", recipient: "foreign domain" },
    spf = { spf: "pass" },
  }: Past = {},
): readonly (string | undefined)[] {
  const session: SessionFacts = {
    v: 1,
    protocol: "smtp",
    session: parseSessionId("abcdefghij01") ?? assert.fail(),
    at: 0,
    listener: "smtp",
    ip,
    events: [],
  };
  const recipient = {
    at: 0,
    kind: "recipient",
    address: to,
    decision: decided("relay", relay),
  } as const;
  const sender = { at: 0, kind: "sender", address: "sam@b.example" } as const;
  const past = { session, sender, recipients: [recipient], level: "none" } as const;
  const why = staleFacts(config);
  assert.equal(why(past, "sender", decided("admission", {})), undefined);
  return [
    why(past, "recipient", recipient.decision, to),
    why(past, "message", decided("spf", spf)),
  ];
}

const FINE = [undefined, undefined];

test("under the same configuration they say what they said", () => {
  assert.deepEqual(stale(configOf()), FINE);
  const inner = {
    ip: "10.0.0.7",
    relay: { client: "private address", recipient: "mailbox" },
    spf: {},
  };
  assert.deepEqual(stale(configOf(), inner), FINE);
});

test("trust that came or went makes all unknown, but for logins", () => {
  const trusting = configOf({
    relay: { networks: [{ network: "9.8.7.0/28", reason: "the old printers" }] },
  });
  const why = "relay.networks: whether the client is trusted differs";
  assert.deepEqual(stale(trusting), [why, why]);
  const trusted = {
    client: "trusted network",
    recipient: "foreign domain",
    network: "9.8.7.0/28",
  };
  assert.deepEqual(stale(trusting, { relay: trusted, spf: {} }), FINE);
  assert.deepEqual(stale(configOf(), { relay: trusted, spf: {} }), [why, why]);
  const login = { client: "login", recipient: "foreign domain", login: "ann@local.example" };
  assert.deepEqual(stale(trusting, { relay: login }), FINE);
});

test("a domain whose mailboxes moved makes its recipients unknown", () => {
  const config = configOf({
    relay: { domains: [{ domain: "inner.example", host: "smtp://10.0.0.5:25" }] },
  });
  const why = "relay.domains: where the recipient's mail goes differs";
  assert.deepEqual(stale(config, { to: "x@inner.example" }), [why, undefined]);
  const gateway = { client: "public address", recipient: "gateway recipient" };
  assert.deepEqual(stale(config, { to: "x@inner.example", relay: gateway }), FINE);
  assert.deepEqual(stale(configOf(), { to: "x@inner.example", relay: gateway }), [why, undefined]);
  for (const recipient of ["unknown mailbox", "unknown mailbox, sender undecided"]) {
    const nobody = { client: "public address", recipient, spf: "pass" };
    const reporting = {
      ...config,
      recipients: { ...config.recipients, unknown: "report" as const },
    };
    assert.deepEqual(stale(reporting, { to: "x@inner.example", relay: nobody }), [why, undefined]);
  }
});

test("whom nobody has is unknown where senders are told of it now, or were then", () => {
  const why = "recipients.unknown: of a sender to nobody here something else would have been asked";
  const nobody = { client: "public address", recipient: "unknown mailbox" };
  const reporting = configOf({ recipients: { unknown: "report" } });
  const to = "nobody@local.example";
  assert.deepEqual(stale(reporting, { to, relay: nobody }), [why, undefined]);
  assert.deepEqual(stale(configOf(), { to, relay: nobody }), FINE);
  const told = { ...nobody, recipient: "unknown mailbox, to be reported", spf: "pass" };
  assert.deepEqual(stale(configOf(), { to, relay: told }), [why, undefined]);
  assert.deepEqual(stale(reporting, { to, relay: told }), FINE);
});

test("mail that nobody had authenticated is not judged as if it had failed, nor the other way", () => {
  const [, off] = stale(configOf({ authentication: { enabled: false } }));
  assert.equal(off, "authentication: such mail would not be authenticated");
  const within = configOf({ authentication: { private_clients: true } });
  const [, on] = stale(within, {
    ip: "10.0.0.7",
    relay: { client: "private address", recipient: "mailbox" },
    spf: {},
  });
  assert.equal(on, "authentication: the mail was not authenticated then");
});

test("of the settings that differ those are told apart that decide about mail", () => {
  const loaded = (tables: Readonly<Record<string, unknown>>): LoadedConfig => ({
    file: "/etc/gatepost.toml",
    config: configOf(tables),
    path: (name) => name,
    storePath: "",
    writes: () => false,
    changed: () => assert.fail(),
  });
  const tried = loaded({
    log: { level: "warn" },
    limits: { hops: 120, errors: 3 },
    authentication: { spf: "refuse" },
    greylist: { below: "certificate", attempts: 2000 },
  });
  const head = rehearsalHead(loaded({}), tried);
  assert.deepEqual(head.judged, ["authentication.spf", "greylist.below", "limits.hops"]);
  assert.deepEqual(head.notJudged, ["greylist.attempts", "limits.errors", "log.level"]);
});
