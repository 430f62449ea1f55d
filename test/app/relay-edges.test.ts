/** What `gatepost check` lists as ways out, over a site with one of each. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { leadsAbroad, mailHops, relayEdges } from "../../src/app/index.ts";
import { configSchema } from "../../src/config/schema.ts";
import { domainOf, MemoryDirectory } from "../support/memory-directory.ts";

const PLAIN = { hostname: "mx.local.example", postmaster: "admin@local.example" };

function edges(relay: unknown, directory: MemoryDirectory): readonly string[] {
  const config = configSchema.parse({ ...PLAIN, relay });
  return relayEdges(config, directory).map(
    ({ who, why, to }) => `${who} | ${why} | ${[to].flat().join(", ")}`,
  );
}

const LOGIN =
  "whoever logs in | has shown a password or a certificate of a mailbox here | anywhere";
const REPORT = "this server | reports on mail that it accepted | its sender, ours or verified";

test("a site without any of it: logins, and reports", () => {
  const directory = new MemoryDirectory()
    .withDomain("local.example")
    .withMailbox("user@local.example")
    .withAlias("sales@local.example", "user@local.example");
  assert.deepEqual(edges({}, directory), [LOGIN, REPORT]);
});

test("trusted networks with their reason, gateway domains with their host, aliases with their addresses abroad", () => {
  const relay = {
    networks: [{ network: "::ffff:192.0.2.16/124", reason: "the scanner on the 2nd floor" }],
    domains: [
      { domain: "Inner.example", host: "10.0.0.5" },
      { domain: "six.example", host: "smtp://[2001:db8::5]:2525" },
      { domain: "imap.example", mailboxes: "lmtp:/run/dovecot/lmtp" },
      { domain: "far.example", mailboxes: "lmtp://10.0.0.9" },
    ],
  };
  const directory = new MemoryDirectory()
    .withDomain("local.example")
    .withMailbox("user@local.example")
    .withAlias("sales@local.example", "user@local.example", "a@foreign.example", "b@x.example")
    .withAlias("inner@local.example", "j@inner.example")
    .withAlias('"john doe"@local.example', "j@inner.example", "j@foreign.example")
    .withDomain("imap.example")
    .withAlias("info@imap.example", "user@local.example", "Ann@imap.example", "far@imap.example")
    .withAlias("far@imap.example", "f@foreign.example")
    .withAlias("void@local.example", "no address", "x@[192.0.2.1]");
  assert.deepEqual(edges(relay, directory), [
    LOGIN,
    "192.0.2.16/28 | trusted network: the scanner on the 2nd floor | anywhere",
    "anybody | gateway: the mailboxes of inner.example are there | inner.example at 10.0.0.5:25",
    "anybody | gateway: the mailboxes of six.example are there | six.example at [2001:db8::5]:2525",
    "anybody | store that takes LMTP: the mailboxes of imap.example are there | imap.example at lmtp:/run/dovecot/lmtp",
    "anybody | store that takes LMTP: the mailboxes of far.example are there | far.example at lmtp://10.0.0.9:24",
    "anybody, to far@imap.example | alias that leads abroad | f@foreign.example",
    'anybody, to "john doe"@local.example | alias that leads abroad | j@foreign.example',
    "anybody, to sales@local.example | alias that leads abroad | a@foreign.example, b@x.example",
    "anybody, from the null sender | a report on what an alias forwarded in the last 21 days | the sender of that",
    REPORT,
  ]);
});

test("an alias into a domain of ours whose mailboxes are elsewhere: the gateway's row says it, and nothing returns", () => {
  const directory = new MemoryDirectory()
    .withDomain("local.example")
    .withAlias("ann@local.example", "ann@imap.example");
  const relay = { domains: [{ domain: "imap.example", mailboxes: "lmtp:/run/lmtp" }] };
  const store =
    "anybody | store that takes LMTP: the mailboxes of imap.example are there | imap.example at lmtp:/run/lmtp";
  assert.deepEqual(edges(relay, directory), [LOGIN, store, REPORT]);
  const abroad = leadsAbroad(configSchema.parse({ ...PLAIN, relay }), directory);
  assert.ok(!abroad("ann@imap.example") && !abroad("ann@local.example") && abroad("a@far.example"));
});

test("each pair of a peer, with what it is known by; a peer without pairs has no way out", () => {
  const [far, near] = [domainOf("far.example"), domainOf("near.example")];
  const pin = { kind: "pin", keys: [] } as const;
  const authority = { kind: "private authority", authority: "PEM", names: [far] } as const;
  const directory = new MemoryDirectory().withDomain("local.example").withPeer(
    {
      name: "hub",
      trust: pin,
      relays: [
        { sender: far, recipient: near },
        { sender: near, recipient: far },
      ],
    },
    { name: "branch", trust: authority, relays: [{ sender: far, recipient: near }] },
    { name: "guest", trust: pin, relays: [] },
    { name: "named", trust: { kind: "public authority", names: [near] }, relays: [] },
  );
  assert.deepEqual(edges({}, directory), [
    LOGIN,
    "peer branch, from far.example | shows a certificate of its private authority | near.example",
    "peer hub, from far.example | shows a certificate with its pinned key | near.example",
    "peer hub, from near.example | shows a certificate with its pinned key | far.example",
    REPORT,
  ]);
});

test("by which way: routes, gateways, and everything else; no password is shown", () => {
  const hops = (tables: Readonly<Record<string, unknown>>): readonly string[] =>
    mailHops(configSchema.parse({ ...PLAIN, ...tables })).map((row) => `${row.for}: ${row.by}`);
  assert.deepEqual(hops({}), ["all others: their own mail servers (MX)"]);
  const domains = [
    { domain: "inner.example", host: "10.0.0.5" },
    { domain: "named.example", host: "smtp://mx.inner.example:2525" },
    { domain: "imap.example", mailboxes: "lmtp:/run/dovecot/lmtp" },
  ];
  const routes = {
    "*": "smtps://us%40isp.example:secret@smart.isp.example",
    "far.example": "smtp://[2001:db8::7]:26",
    "lists.example": { protocol: "lmtp", host: "10.0.0.3" },
    "news.example": "lmtp:/run/news",
  };
  assert.deepEqual(hops({ relay: { domains }, routes }), [
    "far.example: smtp://[2001:db8::7]:26",
    "imap.example: lmtp:/run/dovecot/lmtp",
    "inner.example: smtp://[10.0.0.5]:25",
    "lists.example: lmtp://[10.0.0.3]:24",
    "named.example: smtp://mx.inner.example:2525",
    "news.example: lmtp:/run/news",
    "all others: smtps://smart.isp.example:465, logged in as us@isp.example",
  ]);
});
