/** The order of a domain's mail servers, and what it means when there are none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatStatus, parseDomain, type Domain } from "../../src/mail/index.ts";
import {
  EXCHANGES_LIMIT,
  mailServers,
  nextHop,
  type RelayRoute,
} from "../../src/policy/routing/index.ts";
import {
  parseName,
  type DnsName,
  type Exchange,
  type Resolution,
} from "../../src/protocol/dns/index.ts";

const FOREIGN = domain("foreign.example");

function domain(text: string): Domain {
  const read = parseDomain(text);
  assert.ok(read !== undefined);
  return read;
}

function name(text: string): DnsName {
  const read = parseName(text);
  assert.ok(read !== undefined);
  return read;
}

function found(...records: readonly string[]): Resolution<"MX"> {
  const exchanges = records.map((record): Exchange => {
    const [preference, exchange = ""] = record.split(" ");
    return { preference: Number(preference), exchange: name(exchange) };
  });
  return {
    kind: "found",
    name: name("foreign.example"),
    records: exchanges,
    ttl: 1,
    authentic: false,
  };
}

/** Groups as "a b, c", or the status. */
function order(resolution: Resolution<"MX">, chances: readonly number[] = []): string {
  const chance = chances.values();
  const servers = mailServers(
    FOREIGN,
    resolution,
    (at) => at === "mx.local.example",
    () => chance.next().value ?? 0,
  );
  if (servers.kind === "none") return formatStatus(servers.status);
  return servers.groups.map((group) => group.join(" ")).join(", ");
}

test("by preference, equal ones by chance", () => {
  const records = found("20 c", "10 a", "10 b", "5 z");
  assert.equal(order(records, [0, 0.1, 0.2, 0]), "z, a b, c");
  assert.equal(order(records, [0, 0.2, 0.1, 0]), "z, b a, c");
});

test("a server that is named twice is tried once, where it is named first", () => {
  assert.equal(order(found("20 a", "10 b", "10 a", "30 b")), "a b");
});

test("our own name takes itself, its equals and all behind it away", () => {
  assert.equal(order(found("10 a", "20 b", "20 mx.local.example", "30 c")), "a");
  assert.equal(
    order(found("10 a", "5 mx.local.example")),
    "554 5.4.6 mail for foreign.example would come back to this server",
  );
});

test("no mail is taken where the root alone is named, whatever its preference; beside others it is nobody", () => {
  assert.equal(order(found("0 .")), "556 5.1.10 foreign.example takes no mail");
  assert.equal(order(found("10 .")), "556 5.1.10 foreign.example takes no mail");
  assert.equal(order(found("0 .", "10 a")), "a");
});

test("without MX records it is the domain itself; without the domain nobody; and not known is not never", () => {
  const ttl = { ttl: 1, authentic: false };
  assert.equal(order({ kind: "no-data", ...ttl }), "foreign.example");
  assert.equal(
    order({ kind: "no-such-name", ...ttl }),
    "550 5.1.2 there is no domain foreign.example",
  );
  assert.match(order({ kind: "failed", why: "servfail" }), /^451 4\.4\.3 /);
  const own = mailServers(
    FOREIGN,
    { kind: "no-data", ...ttl },
    () => true,
    () => 0,
  );
  assert.ok(own.kind === "none" && own.status.enhanced === "5.4.6");
});

test("a list without an end is cut", () => {
  const many = Array.from({ length: 100 }, (_, i) => `${i} mx${i}`);
  assert.equal(order(found(...many)).split(", ").length, EXCHANGES_LIMIT);
});

test("a domain's own route, then the one for all, then its records", () => {
  const route = (text: string, login?: string) =>
    ({
      host: { kind: "name", name: name(text) },
      port: 25,
      tls: "off",
      ...(login !== undefined && { login: { name: login, password: "x" } }),
    }) as const;
  const own = nextHop(
    FOREIGN,
    new Map<Domain | "*", RelayRoute>([
      [FOREIGN, route("inner")],
      ["*", route("smart")],
    ]),
  );
  assert.equal(own.key, "smtp://inner:25");
  const all = nextHop(FOREIGN, new Map<Domain | "*", RelayRoute>([["*", route("smart", "me")]]));
  assert.equal(all.key, "smtp://me@smart:25");
  assert.deepEqual(nextHop(FOREIGN, new Map()), {
    kind: "domain",
    key: "foreign.example",
    domain: FOREIGN,
  });
});
