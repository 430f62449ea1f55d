/** The configuration file: what a fault is called, what is meant by what is left out, where paths lead. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import { ConfigError, loadConfig, type LoadedConfig } from "../../src/config/index.ts";
import { applyOverride } from "../../src/config/overrides.ts";
import { configSchema } from "../../src/config/schema.ts";
import { formatInnerHost } from "../../src/policy/routing/index.ts";

const WHOLE = 'hostname = "mx.local.example"\npostmaster = "admin@local.example"\n';
const TLS = '[tls]\ncertificate = "c.pem"\nkey = "k.pem"\n';

function directory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "gatepost-config-"));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

function load(t: TestContext, text: string, overrides: readonly string[] = []): LoadedConfig {
  const file = join(directory(t), "gatepost.toml");
  writeFileSync(file, text);
  return loadConfig(file, overrides);
}

/** The faults found, a line each: "key: problem". */
function faults(t: TestContext, text: string, overrides: readonly string[] = []): string {
  try {
    load(t, text, overrides);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    const [heading, ...lines] = error.message.split("\n");
    assert.equal(heading, `${error.file} cannot be used:`);
    assert.match(error.file, /^\/.*gatepost\.toml$/);
    assert.equal(lines.length, error.problems.length);
    return lines.map((line) => line.trim()).join("\n");
  }
  return "";
}

const BELIEVES_ALL = "this would believe everybody; expected the addresses of your proxies";
const NO_BLOCK = "expected an address or a block such as 10.0.0.7 or 10.0.0.0/28";
const NO_SERVER = "expected an address such as 127.0.0.1, 127.0.0.1:5353 or [::1]:5353";
const ASKS_IN_VAIN =
  'a client shows its certificate over TLS, which this port has not; expected the table [tls], no tls = "off" here, or client_certificate = "off"';
const NO_TLS = "this port is for TLS; expected a certificate in the table [tls]";

/** What is written below the two settings that must be there, and the one fault that is found. */
const FAULTS: readonly (readonly [string, string])[] = [
  // Names.
  ["hostnam = 'x'", "hostnam: there is no such setting"],
  ["[limit]\nerrors = 5", "limit: there is no such setting"],
  ["[limits]\nerors = 5", "limits.erors: there is no such setting"],
  ["[listen]\nsmpt = []", "listen.smpt: there is no such setting"],
  [
    "[[listen.smtp]]\naddress = '127.0.0.1'\nprot = 25",
    "listen.smtp.0.prot: there is no such setting",
  ],
  ["[tls]\ncertificate = 'a'\nkey = 'b'\nca = 'c'", "tls.ca: there is no such setting"],
  [
    "[accounts]\nshared_addresses = ['10.0.0.7', 'webmail']",
    `accounts.shared_addresses.1: ${NO_BLOCK}`,
  ],
  // Who may leave.
  [
    "[[relay.networks]]\nnetwork = '192.0.2.0/28'",
    "relay.networks.0.reason: it is missing; expected string",
  ],
  [
    "[[relay.networks]]\nnetwork = '192.0.2.0/28'\nreason = 'because'",
    "relay.networks.0.reason: expected words: who is there, and why they cannot log in",
  ],
  [
    "[[relay.networks]]\nnetwork = 'lan'\nreason = 'the old scanner'",
    "relay.networks.0.network: expected an address or a block such as 192.0.2.7 or 192.0.2.0/28",
  ],
  [
    "[[relay.networks]]\nnetwork = '10.0.0.7'\nreason = 'the old scanner'\naccepts = ['everybody']",
    'relay.networks.0.accepts.0: expected one of "default-gateway"|"unknown-gateway"|"container-bridge"|"proxy"|"this-machine"|"wide"',
  ],
  [
    "[[relay.domains]]\ndomain = 'inner'\nhost = 'https://x'",
    "relay.domains.0.host: expected a host such as smtp://10.0.0.5:25 or inner.example.net",
  ],
  [
    "[[relay.domains]]\ndomain = 'a b'\nhost = '10.0.0.5'",
    'relay.domains.0.domain: "a b" is no domain name; expected one such as inner.example.org',
  ],
  [
    "relay.domains = [{ domain = 'a.example', host = '10.0.0.5' }, { domain = 'A.example', host = '10.0.0.6' }]",
    "relay.domains.1.domain: a.example is named twice",
  ],
  // Strangers.
  [
    "[greylist]\nbelow = 'aligned'",
    'greylist.below: expected one of "forward-confirmed"|"certificate"|"pinned"',
  ],
  [
    "[greylist]\ndelay_seconds = 3600\nretry_hours = 1",
    "greylist.delay_seconds: the second attempt would come too late; expected less than greylist.retry_hours",
  ],
  [
    "[rates.none]\nmessages_per_hour = 'many'",
    'rates.none.messages_per_hour: expected a whole number, at least 1, or "unlimited"',
  ],
  ["[rates.pinned]", "rates.pinned: there is no such setting"],
  // Types.
  ["limits = 5", "limits: expected object, received number"],
  ["[limits]\nerrors = '5'", "limits.errors: expected number, received string"],
  ["[limits]\nerrors = 5.5", "limits.errors: expected int, received number"],
  ["listen.smtp = '127.0.0.1'", "listen.smtp: expected array, received string"],
  ["listen.smtp = [25]", "listen.smtp.0: expected string, received number"],
  [
    "listen.smtp = [{ address = '127.0.0.1', client_certificate = 'require' }]",
    'listen.smtp.0.client_certificate: expected one of "off"|"ask"',
  ],
  [
    "listen.pop3 = [{ address = '127.0.0.1', client_certificate = 'ask' }]",
    "listen.pop3.0.client_certificate: there is no such setting",
  ],
  ["[pop3]\nplain_text_login = 'yes'", "pop3.plain_text_login: expected boolean, received string"],
  ["[log]\nlevel = 'debug'", 'log.level: expected one of "info"|"warn"|"error"|"silent"'],
  // Ranges.
  ["[limits]\nerrors = 0", "limits.errors: expected number to be >=1"],
  ["[limits]\nrecipients = 99", "limits.recipients: expected number to be >=100"],
  ["[limits]\nrecipients = 1000000", "limits.recipients: expected number to be <=999999"],
  ["[limits]\ntransactions = 1000000", "limits.transactions: expected number to be <=999999"],
  ["[limits]\nhops = 99", "limits.hops: expected number to be >=100"],
  ["[limits]\nheader_bytes = 1023", "limits.header_bytes: expected number to be >=1024"],
  ["[limits]\ncommand_bytes = 511", "limits.command_bytes: expected number to be >=512"],
  [
    "[limits]\ngreeting_delay_ms = 300001",
    "limits.greeting_delay_ms: expected number to be <=300000",
  ],
  ["[limits]\nconnections = -1", "limits.connections: expected number to be >=1"],
  ["listen.port_base = 64001", "listen.port_base: expected number to be <=64000"],
  ["[journal]\ndays = 0", "journal.days: expected number to be >=1"],
  // What is half there.
  ["[tls]\ncertificate = 'a'", "tls.key: it is missing; expected string"],
  ["[tls]\ncertificate = ''\nkey = 'b'", "tls.certificate: expected string to have >=1 characters"],
  ["listen.smtp = [{}]", "listen.smtp.0.address: it is missing; expected string"],
  // Addresses and blocks.
  [
    "listen.smtp = ['localhost']",
    "listen.smtp.0: expected an IPv4 or IPv6 address of this machine",
  ],
  [
    "listen.pop3 = ['127.0.0.1', '127.1']",
    "listen.pop3.1: expected an IPv4 or IPv6 address of this machine",
  ],
  [
    "listen.smtp = [{ address = '127.0.0.1', port = 65536 }]",
    "listen.smtp.0.port: expected number to be <=65535",
  ],
  [
    "listen.smtp = [{ address = '127.0.0.1', proxy_from = ['0.0.0.0/0'] }]",
    `listen.smtp.0.proxy_from.0: ${BELIEVES_ALL}`,
  ],
  [
    "listen.smtp = [{ address = '127.0.0.1', proxy_from = ['10.0.0.1', '::/0'] }]",
    `listen.smtp.0.proxy_from.1: ${BELIEVES_ALL}`,
  ],
  [
    "listen.smtp = [{ address = '127.0.0.1', proxy_from = ['::ffff:0:0/96'] }]",
    `listen.smtp.0.proxy_from.0: ${BELIEVES_ALL}`,
  ],
  [
    "listen.smtp = [{ address = '127.0.0.1', proxy_from = ['10/8'] }]",
    `listen.smtp.0.proxy_from.0: ${NO_BLOCK}`,
  ],
  [
    "listen.smtp = [{ address = '127.0.0.1', proxy_from = ['010.0.0.1'] }]",
    `listen.smtp.0.proxy_from.0: ${NO_BLOCK}`,
  ],
  // TLS without a certificate.
  ["listen.pop3s = ['127.0.0.1']", `listen.pop3s.0: ${NO_TLS}`],
  [
    "listen.smtp = ['127.0.0.1', { address = '::1', tls = 'implicit' }]",
    `listen.smtp.1: ${NO_TLS}`,
  ],
  ["listen.pop3 = [{ address = '127.0.0.1', tls = 'starttls' }]", `listen.pop3.0: ${NO_TLS}`],
  ["listen.https = ['::1', '127.0.0.1']", `listen.https.0: ${NO_TLS}\nlisten.https.1: ${NO_TLS}`],
  ["listen.submission = ['127.0.0.1']", `listen.submission.0: ${NO_TLS}`],
  ["listen.submissions = ['127.0.0.1']", `listen.submissions.0: ${NO_TLS}`],
  [
    "listen.smtp = ['::1', { address = '127.0.0.1', client_certificate = 'ask' }]",
    `listen.smtp.1: ${ASKS_IN_VAIN}`,
  ],
  [
    `listen.smtp = [{ address = '127.0.0.1', tls = 'off', client_certificate = 'ask' }]\n${TLS}`,
    `listen.smtp.0: ${ASKS_IN_VAIN}`,
  ],
  // With one, too, nobody logs in without.
  [
    `listen.submission = ['127.0.0.1', { address = '127.0.0.1', tls = 'off' }]\n${TLS}`,
    'listen.submission.1: nobody can log in here without TLS; expected "starttls" or "implicit"',
  ],
  [
    `listen.submissions = [{ address = '127.0.0.1', tls = 'off' }]\n${TLS}`,
    'listen.submissions.0: nobody can log in here without TLS; expected "starttls" or "implicit"',
  ],
  // The DNS.
  ["[dns]\nserver = '127.0.0.1'", "dns.server: there is no such setting"],
  ["[dns]\nservers = ['::1', 'resolver.example']", `dns.servers.1: ${NO_SERVER}`],
  ["[dns]\nservers = ['127.0.0.1:0']", `dns.servers.0: ${NO_SERVER}`],
  ["[dns]\nattempt_ms = 0", "dns.attempt_ms: expected number to be >=1"],
  [
    "[dns]\ntrust_ad = true",
    "dns.trust_ad: expected dns.servers to name the servers that validate",
  ],
  // The web.
  [
    `listen.https = [{ address = '::1', tls = 'off' }]\n${TLS}`,
    "listen.https.0.tls: there is no such setting",
  ],
  [
    "listen.http = [{ address = '::1', proxy_from = ['::/0'] }]",
    `listen.http.0.proxy_from.0: ${BELIEVES_ALL}`,
  ],
  ["[http]\nheader_bytes = 1023", "http.header_bytes: expected number to be >=1024"],
  ["[http]\nrequests = 0", "http.requests: expected number to be >=1"],
  ["[mta_sts]\nmode = 'test'", 'mta_sts.mode: expected one of "testing"|"enforce"|"none"'],
  [
    "[mta_sts]\nmax_age_seconds = 31557601",
    "mta_sts.max_age_seconds: expected number to be <=31557600",
  ],
  [`${TLS}[[tls.sni]]\ncertificate = 'c'`, "tls.sni.0.key: it is missing; expected string"],
  // The store.
  ["store = 'postgres://x'", 'store: expected "sqlite:" and a file, such as "sqlite:gatepost.db"'],
  ["store = 'sqlite:'", 'store: expected "sqlite:" and a file, such as "sqlite:gatepost.db"'],
];

test("each fault is named by its key, with what was expected", (t) => {
  for (const [text, fault] of FAULTS) assert.equal(faults(t, `${WHOLE}${text}\n`), fault, text);
});

const NAMES: readonly (readonly [string, string])[] = [
  ["hostname", "mx"],
  ["hostname", "mx.local.example."],
  ["hostname", "127.0.0.1"],
  ["hostname", "mx_1.local.example"],
  ["hostname", ""],
  ["postmaster", "admin"],
  ["postmaster", "admin@"],
  ["postmaster", "admin@[127.0.0.1]"],
  ["postmaster", "<admin@local.example>"],
];

test("a host name that is none, a postmaster that is none", (t) => {
  const usual = { hostname: "mx.local.example", postmaster: "admin@local.example" };
  for (const [key, value] of NAMES) {
    const settings = Object.entries({ ...usual, [key]: value });
    const text = settings.map(([name, is]) => `${name} = ${JSON.stringify(is)}`).join("\n");
    const what = key === "hostname" ? "fully qualified host name" : "address";
    const example = key === "hostname" ? "mx.example.org" : "you@example.org";
    assert.equal(
      faults(t, text),
      `${key}: "${value}" is no ${what}; expected one such as ${example}`,
    );
  }
});

test("all faults are told at once", (t) => {
  assert.equal(
    faults(t, "hostname = 5\n[limits]\nerrors = 0\nx = 1\n"),
    [
      "hostname: expected string, received number",
      "postmaster: it is missing; expected string",
      "limits.errors: expected number to be >=1",
      "limits.x: there is no such setting",
    ].join("\n"),
  );
});

test("what is no TOML is told by line and column", (t) => {
  assert.equal(faults(t, `${WHOLE}x = = 1\n`), "line 3, column 5: invalid value");
  assert.match(faults(t, `${WHOLE}hostname = "again.example"\n`), /^line 3, column 1: .*redefine/);
  assert.match(
    faults(t, `${WHOLE}[limits]\nerrors = 99999999999999999999\n`),
    /^line 4, column \d+: .*integer/,
  );
});

test("a file that is not there, or is none, is said to be so", (t) => {
  const dir = directory(t);
  const missing = join(dir, "none.toml");
  assert.throws(() => loadConfig(missing), {
    name: "ConfigError",
    message: `${missing} cannot be used:\n  there is no such file; \`gatepost init\` makes a site`,
  });
  assert.throws(() => loadConfig(dir), { name: "ConfigError", message: /directory/ });
});

test("what is left out has its default", (t) => {
  const { config } = load(t, WHOLE);
  const {
    connections,
    connections_per_address: perAddress,
    message_bytes: size,
    errors,
  } = config.limits;
  assert.deepEqual([connections, perAddress, size, errors], [10_000, 100, 52_428_800, 20]);
  assert.deepEqual(config.listen, {
    port_base: 0,
    smtp: [],
    submission: [],
    submissions: [],
    pop3: [],
    pop3s: [],
    http: [],
    https: [],
    dns: [],
  });
  assert.equal(config.submission.auth_login, true);
  assert.equal(config.limits.hops, 100);
  assert.equal(config.limits.recipients, 1000);
  assert.equal(config.tls, undefined);
  assert.equal(config.log.level, "info");
  assert.equal(config.hostname, "mx.local.example");
});

test("ports in the clear need no certificate, and with one every port may have TLS", (t) => {
  assert.equal(
    faults(t, `${WHOLE}listen.smtp = ['::1']\nlisten.pop3s = [{ address = '::1', tls = 'off' }]\n`),
    "",
  );
  assert.equal(faults(t, `${WHOLE}listen.pop3s = ['127.0.0.1']\n${TLS}`), "");
});

test("a listener has its address, port, TLS and proxies", (t) => {
  const text =
    "listen.smtp = [{ address = '::1', port = 2525, tls = 'implicit', proxy_from = ['10.0.0.0/28', '::1'] }]\n";
  const [listener] = load(t, `${WHOLE}${text}${TLS}`).config.listen.smtp;
  assert.ok(typeof listener === "object");
  assert.deepEqual([listener.address, listener.port, listener.tls], ["::1", 2525, "implicit"]);
  assert.deepEqual(
    listener.proxy_from.map(({ text: written }) => written),
    ["10.0.0.0/28", "::1/128"],
  );
});

test("relative paths count from the file, absolute ones are themselves", (t) => {
  const dir = directory(t);
  mkdirSync(join(dir, "site"));
  const file = join(dir, "site", "gatepost.toml");
  writeFileSync(file, `${WHOLE}store = "sqlite:../mail.db"\n`);
  const loaded = loadConfig(file);
  assert.equal(loaded.file, file);
  assert.equal(loaded.storePath, join(dir, "mail.db"));
  assert.equal(loaded.path("tls/key.pem"), join(dir, "site", "tls", "key.pem"));
  assert.equal(loaded.path("/etc/key.pem"), "/etc/key.pem");
  assert.equal(loadConfig(file, ["store=sqlite:/var/mail.db"]).storePath, "/var/mail.db");
});

// ---- --set ----

test("--set changes one setting, the last one wins, and tables are made on the way", (t) => {
  const set = (...overrides: readonly string[]) =>
    load(t, `${WHOLE}[limits]\nerrors = 3\n`, overrides).config;
  assert.equal(set("limits.errors=5").limits.errors, 5);
  assert.equal(set("limits.errors=5", " limits.errors = 6 ").limits.errors, 6);
  assert.equal(set("limits.hops=200").limits.errors, 3);
  assert.equal(set("hostname=mx2.local.example").hostname, "mx2.local.example");
  assert.equal(set('hostname="mx3.local.example"').hostname, "mx3.local.example");
  assert.equal(set("log.level=warn").log.level, "warn");
  assert.equal(set("pop3.plain_text_login=true").pop3.plain_text_login, true);
  assert.deepEqual(set('listen.smtp=["127.0.0.1", "::1"]').listen.smtp, ["127.0.0.1", "::1"]);
  assert.equal(set("log=x", "log.level=warn").log.level, "warn");
});

test("a table is not changed by what is set over it", () => {
  const table = { limits: { errors: 3, hops: 100 } };
  const set = applyOverride(table, ["limits", "errors"], 5);
  assert.deepEqual(set, { limits: { errors: 5, hops: 100 } });
  assert.deepEqual(table, { limits: { errors: 3, hops: 100 } });
});

test("--set is checked like the file", (t) => {
  const found: readonly (readonly [string, string])[] = [
    ["limits.errors=x", "limits.errors: expected number, received string"],
    ["limits.erors=5", "limits.erors: there is no such setting"],
    ["limits=5", "limits: expected object, received number"],
    [
      "hostname=",
      'hostname: "" is no fully qualified host name; expected one such as mx.example.org',
    ],
    ["__proto__.errors=5", "__proto__: there is no such setting"],
    ["constructor.errors=5", "constructor: there is no such setting"],
  ];
  for (const [override, fault] of found) assert.equal(faults(t, WHOLE, [override]), fault);
  for (const override of ["", "limits.errors", "=5", ".=5", "a..b=5", "a b=5", "limits.=5"])
    assert.equal(
      faults(t, WHOLE, [override]),
      `--set ${override}: expected KEY=VALUE, such as limits.recipients=200`,
    );
});

test("the host of a gateway is an address or a name, on port 25 unless it says otherwise", (t) => {
  const host = (text: string) => {
    const gateway = `[[relay.domains]]\ndomain = "inner.example"\nhost = "${text}"`;
    const { domains } = load(t, `${WHOLE}${gateway}`).config.relay;
    return domains.map((one) => [formatInnerHost(one.host), one.verify]).flat();
  };
  assert.deepEqual(host("10.0.0.5"), ["10.0.0.5:25", true]);
  assert.deepEqual(host("smtp://10.0.0.5:2525"), ["10.0.0.5:2525", true]);
  assert.deepEqual(host("smtp://[2001:DB8::5]"), ["[2001:db8::5]:25", true]);
  assert.deepEqual(host("2001:db8::5"), ["[2001:db8::5]:25", true]);
  assert.deepEqual(host("::ffff:10.0.0.5"), ["10.0.0.5:25", true]);
  assert.deepEqual(host("Inner.example.net:26"), ["inner.example.net:26", true]);
  for (const text of [
    "",
    "smtp://",
    "a b",
    "10.0.0.5:0",
    "10.0.0.5:65536",
    "[inner]",
    "127.1",
    "a:b",
  ])
    assert.throws(() => host(text), ConfigError, text);
});

test("mailboxes elsewhere are behind a gateway or in a store, and one of the two is said", (t) => {
  const entry = (keys: string): string =>
    `${WHOLE}[[relay.domains]]\ndomain = "inner.example"\n${keys}`;
  const { domains } = load(t, entry('mailboxes = "lmtp:/run/dovecot/lmtp"')).config.relay;
  assert.deepEqual(domains, [
    {
      domain: "inner.example",
      host: { protocol: "lmtp", socket: "/run/dovecot/lmtp" },
      verify: true,
    },
  ]);
  const socket = 'mailboxes = "lmtp:/run/dovecot/lmtp"';
  const one = "relay.domains.0: expected one of mailboxes, such as";
  assert.match(faults(t, entry("")), new RegExp(`^${one}`));
  assert.match(faults(t, entry(`${socket}\nhost = "10.0.0.5"`)), new RegExp(`^${one}`));
  assert.equal(
    faults(t, entry('host = "lmtp://10.0.0.5"')),
    'relay.domains.0.host: a store that takes LMTP is not a gateway; write mailboxes = "lmtp://10.0.0.5"',
  );
  assert.match(
    faults(t, entry('mailboxes = "lmtp:run/dovecot/lmtp"')),
    /^relay\.domains\.0\.mailboxes: "run\/dovecot\/lmtp" is no absolute path of a socket/,
  );
});

test("DNS servers are addresses and ports, and may be believed when they are named", (t) => {
  const { config } = load(t, `${WHOLE}[dns]\nservers = ["127.0.0.1:5353", "::1"]\ntrust_ad = true`);
  const servers = [
    { host: "127.0.0.1", port: 5353 },
    { host: "::1", port: 53 },
  ];
  assert.deepEqual(config.dns.servers, servers);
  assert.equal(config.dns.trust_ad, true);
  assert.deepEqual(load(t, WHOLE).config.dns.servers, []);
});

// ---- The schema ----

const Described = z.looseObject({
  description: z.string().optional(),
  default: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});

/** Settings of the schema by their dotted keys, tables left out. */
function allSettings(schema: unknown, key = ""): [string, z.output<typeof Described>][] {
  const described = Described.parse(schema);
  if (described.properties === undefined) return [[key, described]];
  return Object.entries(described.properties).flatMap(([name, inner]) =>
    allSettings(inner, key === "" ? name : `${key}.${name}`),
  );
}

test("each setting says what it is, and each limit has a default", () => {
  const all = allSettings(z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any" }));
  assert.ok(all.length > 30);
  for (const [key, { description }] of all) assert.notEqual(description ?? "", "", key);
  const withoutDefault = all.filter((setting) => setting[1].default === undefined);
  assert.deepEqual(
    withoutDefault.map(([key]) => key),
    // What a site must say itself; a service without a listener is off, no address is shared and no sealer or hop trusted by itself, no client of a list unlike others, no list is asked, none is published and nobody protected beside the site itself, and the system names DNS servers and the address to send from; a tester is the site itself.
    [
      "hostname",
      "postmaster",
      "listen.smtp",
      "listen.submission",
      "listen.submissions",
      "listen.pop3",
      "listen.pop3s",
      "listen.http",
      "listen.https",
      "tls.certificate",
      "tls.key",
      "limits.dns_clients",
      "accounts.shared_addresses",
      "authentication.trusted_sealers",
      "lists",
      "listed.trusted_hops",
      "dns.servers",
      "relay.networks",
      "relay.domains",
      "admission.observe",
      "delivery.address",
      "delivery.address_v6",
      "tester.domain",
      "tester.contact",
      "tester.opt_out",
      "listing.zone",
      "listing.protected",
      "suspects.zone",
      "suspects.outputs",
      "suspects.address",
      "suspects.traps",
    ],
  );
});

test("what a domain's servers must show is said where its mail goes", (t) => {
  const required = (words: string, routes = ""): string =>
    faults(t, `${WHOLE}[delivery.require]\n${words}\n${routes}`);
  assert.equal(required('"bank.example" = "verified"\n"Partner.Example" = "encrypted"'), "");
  assert.match(required('"bank.example" = "strict"'), /^delivery\.require\.bank\.example: /);
  assert.match(
    required('"bank..example" = "verified"'),
    /^delivery\.require\..*: expected a domain$/,
  );
  for (const routed of ["bank.example", "*"])
    assert.match(
      required('"bank.example" = "verified"', `[routes]\n"${routed}" = "smtp://10.0.0.2"`),
      /^delivery\.require\.bank\.example: mail for bank\.example goes by the route ".*", which says itself what it asks for/,
    );
});
