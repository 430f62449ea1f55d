/** Grants: who gets one, for what, and what becomes of it when the world changes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatStatus,
  parseAddress,
  parseIp,
  type KnownPeer,
  type RelayGrant,
  type ReversePath,
  type Status,
} from "../../src/mail/index.ts";
import {
  ownNotificationGrant,
  strangerNotificationGrant,
  verifiedSender,
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

const HUB: KnownPeer = {
  name: "hub",
  trust: { kind: "pin", keys: [] },
  relays: [{ sender: domainOf("hub.example"), recipient: domainOf("foreign.example") }],
};
const AT_HUB: Client = { ip: IP, peer: HUB };

const FAR = { address: "joe@foreign.example", domain: domainOf("foreign.example") };

function route(recipient: RecipientClass, via?: string): Route {
  return { recipient, mailboxes: [], abroad: [via === undefined ? FAR : { ...FAR, via }] };
}

function granted(client: Client, to: Route, sender: ReversePath = null): string[] {
  return stages()
    .grants(client, to, sender)
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

test("a peer gets a grant in its name for its pairs, and for nothing beside them", () => {
  const to = route("foreign domain");
  assert.deepEqual(granted(AT_HUB, to, path("ann@hub.example")), [
    "joe@foreign.example peer by hub for foreign.example",
  ]);
  for (const sender of ["ann@sub.hub.example", "ann@foreign.example", "ann@[192.0.2.9]"])
    assert.deepEqual(granted(AT_HUB, to, path(sender)), [], sender);
  assert.deepEqual(granted(AT_HUB, to, null), []);
  const other = { address: "joe@hub.example", domain: domainOf("hub.example") };
  assert.deepEqual(granted(AT_HUB, { ...to, abroad: [other] }, path("ann@hub.example")), []);
  const guest = { ...AT_HUB, peer: { ...HUB, relays: [] } };
  assert.deepEqual(granted(guest, to, path("ann@hub.example")), []);
  assert.deepEqual(granted({ ...AT_HUB, ...ANN }, to), granted(ANN, to), "a login is more");
});

function path(text: string): ReversePath {
  const address = parseAddress(text);
  assert.ok(typeof address === "object");
  return address;
}

test("where an address of ours leads abroad, the grant is the address's, whoever sends", () => {
  for (const client of [STRANGER, ANN, PRINTER, AT_HUB]) {
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
    for (const client of [STRANGER, ANN, PRINTER, AT_HUB])
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
  peer: (name) => (name === HUB.name ? HUB : undefined),
  leadsTo: (via, address) => via === "team@local.example" && address === "joe@foreign.example",
};

function renewed(
  basis: RelayGrant["basis"],
  holder: string,
  address = "joe@foreign.example",
  world: GrantWorld = WORLD,
): string {
  const domain = domainOf("foreign.example");
  const paths = { reversePath: "ann@hub.example", forwardPath: address };
  return shown(renewGrant({ basis, holder, domain }, paths, world));
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
});

test("a gateway's grant goes with its domain", () => {
  const domain = domainOf("inner.example");
  const stored = { basis: "route", holder: "inner.example", domain } as const;
  const paths = { reversePath: "", forwardPath: "ann@inner.example" };
  assert.match(shown(renewGrant(stored, paths, WORLD)), /^route by inner\.example/);
  const without: GrantWorld = { ...WORLD, isGatewayDomain: () => false };
  assert.match(shown(renewGrant(stored, paths, without)), GONE);
});

test("a peer's grant goes with the peer, and with the pair", () => {
  const domain = domainOf("foreign.example");
  const stored = { basis: "peer", holder: "hub", domain } as const;
  const from = (reversePath: string, world: GrantWorld = WORLD): string =>
    shown(renewGrant(stored, { reversePath, forwardPath: "joe@foreign.example" }, world));
  assert.equal(from("ann@hub.example"), "peer by hub for foreign.example");
  for (const other of ["ann@sub.hub.example", "", "no address"]) assert.match(from(other), GONE);
  assert.match(from("ann@hub.example", { ...WORLD, peer: () => undefined }), GONE);
  assert.match(from("ann@hub.example", { ...WORLD, peer: () => ({ ...HUB, relays: [] }) }), GONE);
});

test("a grant for one domain is none for another, nor for a host below it", () => {
  for (const address of ["joe@other.example", "joe@sub.foreign.example", "joe@xforeign.example"])
    assert.match(renewed("login", "ann@local.example", address), /^550 5\.7\.1 .*another domain/);
});

test("a notification of ours leaves in our own name: where an address of ours leads, or to a sender who is verified", () => {
  const [host, domain] = [domainOf("mx.local.example"), domainOf("foreign.example")];
  const name = "own-notification by mx.local.example for foreign.example";
  const abroad = { address: "joe@foreign.example", domain };
  const byAlias = ownNotificationGrant(host, { ...abroad, via: "joe@local.example" });
  assert.equal(byAlias && shown(byAlias), name);
  assert.equal(ownNotificationGrant(host, abroad), undefined, "nothing here leads there");
  const reversePath = "joe@foreign.example";
  const evidence = { sender: reversePath, spf: "foreign.example" };
  const sender = verifiedSender({ reversePath, evidence });
  const toStranger = sender && strangerNotificationGrant(host, sender);
  assert.equal(toStranger && shown(toStranger), name);
});
