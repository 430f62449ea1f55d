/** Grants: who gets one, for what, and what becomes of it when the world changes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatStatus, parseIp, type RelayGrant, type Status } from "../../src/mail/index.ts";
import {
  ownNotificationGrant,
  renewGrant,
  stages,
  type Client,
  type GrantWorld,
} from "../../src/policy/checks/index.ts";
import {
  RECIPIENT_CLASSES,
  type RecipientClass,
  type Route,
} from "../../src/policy/routing/index.ts";
import { domainOf } from "../support/memory-directory.ts";

const IP = parseIp("192.0.2.9");
assert.ok(IP !== undefined);
const STRANGER: Client = { ip: IP };
const ANN: Client = { ip: IP, login: "ann@local.example" };
const PRINTER: Client = { ip: IP, network: "192.0.2.0/28" };

const FAR = { address: "joe@foreign.example", domain: domainOf("foreign.example") };

function route(recipient: RecipientClass, via?: string): Route {
  return { recipient, mailboxes: [], abroad: [via === undefined ? FAR : { ...FAR, via }] };
}

function granted(client: Client, to: Route): string[] {
  return stages()
    .grants(client, to)
    .map(({ abroad, grant }) => `${abroad.address} ${shown(grant)}`);
}

function shown(result: RelayGrant | Status): string {
  return "code" in result
    ? formatStatus(result)
    : `${result.basis} by ${result.holder} for ${result.domain}`;
}

test("abroad send a login and a trusted network, each in its own name; a stranger gets no grant", () => {
  const to = route("foreign domain");
  assert.deepEqual(granted(STRANGER, to), []);
  assert.deepEqual(granted(ANN, to), [
    "joe@foreign.example login by ann@local.example for foreign.example",
  ]);
  assert.deepEqual(granted(PRINTER, to), [
    "joe@foreign.example network by 192.0.2.0/28 for foreign.example",
  ]);
  assert.deepEqual(granted({ ...ANN, ...PRINTER }, to), granted(ANN, to), "a login is more");
});

test("where an address of ours leads abroad, the grant is the address's, whoever sends", () => {
  for (const client of [STRANGER, ANN, PRINTER]) {
    assert.deepEqual(granted(client, route("alias abroad", "team@local.example")), [
      "joe@foreign.example alias by team@local.example for foreign.example",
    ]);
    assert.deepEqual(granted(client, route("gateway recipient", "foreign.example")), [
      "joe@foreign.example route by foreign.example for foreign.example",
    ]);
    assert.deepEqual(granted(client, route("forward's return", "back@local.example")), [
      "joe@foreign.example return by back@local.example for foreign.example",
    ]);
  }
});

test("no other recipient has a grant, whatever addresses abroad its route would name", () => {
  const leaving = ["foreign domain", "alias abroad", "gateway recipient", "forward's return"];
  for (const recipient of RECIPIENT_CLASSES.filter((one) => !leaving.includes(one)))
    for (const client of [STRANGER, ANN, PRINTER])
      assert.deepEqual(granted(client, route(recipient, "via@local.example")), [], recipient);
});

test("a grant that nobody holds is not made", () => {
  assert.throws(() => granted(STRANGER, route("alias abroad")), /nobody holds/);
});

// ---- Again, before it is used ----

const WORLD: GrantWorld = {
  login: (address) => (address === "ann@local.example" ? "open" : "gone"),
  isTrustedNetwork: (network) => network === "192.0.2.0/28",
  isGatewayDomain: (domain) => domain === "inner.example",
  leadsTo: (via, address) => via === "team@local.example" && address === "joe@foreign.example",
};

function renewed(
  basis: RelayGrant["basis"],
  holder: string,
  address = "joe@foreign.example",
  world: GrantWorld = WORLD,
): string {
  const domain = domainOf("foreign.example");
  return shown(renewGrant({ basis, holder, domain }, address, world));
}

const GONE = /^550 5\.7\.1 relaying denied: what allowed it is gone/;

test("a grant is renewed while what earned it is there", () => {
  assert.equal(
    renewed("login", "ann@local.example"),
    "login by ann@local.example for foreign.example",
  );
  assert.match(renewed("login", "bob@local.example"), GONE);
  const locked: GrantWorld = { ...WORLD, login: () => "disabled" };
  assert.match(
    renewed("login", "ann@local.example", "joe@foreign.example", locked),
    /^450 4\.7\.1 /,
    "a mailbox that is disabled may be enabled again",
  );

  assert.match(renewed("network", "192.0.2.0/28"), /^network by/);
  assert.match(renewed("network", "192.0.2.0/24"), GONE);

  for (const basis of ["alias", "return"] as const) {
    assert.match(renewed(basis, "team@local.example"), new RegExp(`^${basis} by team@`));
    assert.match(renewed(basis, "team@local.example", "amy@foreign.example"), GONE);
    assert.match(renewed(basis, "other@local.example"), GONE);
  }
  assert.match(renewed("own-notification", "mx.local.example"), /^own-notification by/);
  assert.match(renewed("peer", "anybody"), GONE);
});

test("a gateway's grant goes with its domain", () => {
  const domain = domainOf("inner.example");
  const stored = { basis: "route", holder: "inner.example", domain } as const;
  assert.match(shown(renewGrant(stored, "ann@inner.example", WORLD)), /^route by inner\.example/);
  const without: GrantWorld = { ...WORLD, isGatewayDomain: () => false };
  assert.match(shown(renewGrant(stored, "ann@inner.example", without)), GONE);
});

test("a grant for one domain is none for another, nor for a host below it", () => {
  for (const address of ["joe@other.example", "joe@sub.foreign.example", "joe@xforeign.example"])
    assert.match(renewed("login", "ann@local.example", address), /^550 5\.7\.1 .*another domain/);
});

test("a notification of ours leaves in our own name", () => {
  const grant = ownNotificationGrant(domainOf("mx.local.example"), domainOf("foreign.example"));
  assert.equal(shown(grant), "own-notification by mx.local.example for foreign.example");
});
