/** Hosts of gateway domains as an operator writes them, and as they are shown to him. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain } from "../../src/mail/index.ts";
import {
  formatInnerHost,
  nextHop,
  parseInnerHost,
  withGateways,
} from "../../src/policy/routing/index.ts";

test("an address or a name, a port, and by which protocol", () => {
  const shown: readonly (readonly [string, string])[] = [
    ["10.0.0.5", "10.0.0.5:25"],
    ["smtp://10.0.0.5:2525", "10.0.0.5:2525"],
    ["2001:db8::5", "[2001:db8::5]:25"],
    ["smtp://[2001:db8::5]:26", "[2001:db8::5]:26"],
    ["Inner.example.net", "inner.example.net:25"],
    ["lmtp://127.0.0.1:2003", "lmtp://127.0.0.1:2003"],
    ["LMTP://inner.example.net", "lmtp://inner.example.net:24"],
    ["lmtp://::1", "lmtp://[::1]:24"],
  ];
  for (const [written, text] of shown) {
    const host = parseInnerHost(written);
    assert.ok(host !== undefined, written);
    assert.equal(formatInnerHost(host), text);
  }
});

test("anything else is none; nor is LMTP on the port of SMTP", () => {
  const faulty = [
    "",
    "lmtp://",
    "lmtp:10.0.0.5",
    "http://10.0.0.5",
    "10.0.0.5:0",
    "10.0.0.5:65536",
  ];
  for (const written of [...faulty, "lmtp://10.0.0.5:25"])
    assert.equal(parseInnerHost(written), undefined, written);
});

test("mail for a gateway domain goes to its host, by its protocol", () => {
  const [domain, other] = ["example.org", "example.net"].map((text) => parseDomain(text));
  const [host, same] = ["lmtp://127.0.0.1:24", "smtp://127.0.0.1:24"].map(parseInnerHost);
  assert.ok(
    domain !== undefined && other !== undefined && host !== undefined && same !== undefined,
  );
  const gateways = [
    { domain, host },
    { domain: other, host: same },
  ];
  const routes = withGateways(new Map(), gateways);
  assert.equal(nextHop(domain, routes).key, "lmtp://[127.0.0.1]:24");
  assert.equal(nextHop(other, routes).key, "smtp://[127.0.0.1]:24");
});
