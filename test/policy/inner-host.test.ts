/** Where the mailboxes of a domain are, as an operator writes it, and as it is shown to him. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain } from "../../src/mail/index.ts";
import {
  formatInnerHost,
  nextHop,
  parseGatewayHost,
  parseMailboxes,
  withGateways,
  type InnerHost,
} from "../../src/policy/routing/index.ts";

type Parse = (text: string) => InnerHost | string;

function read(parse: Parse, text: string): InnerHost {
  const host = parse(text);
  return typeof host === "string" ? assert.fail(`${text}: ${host}`) : host;
}

function refusal(parse: Parse, text: string): string {
  const words = parse(text);
  return typeof words === "string" ? words : assert.fail(`${text} was taken`);
}

test("a gateway is an address or a name, and a port", () => {
  const shown: readonly (readonly [string, string])[] = [
    ["10.0.0.5", "10.0.0.5:25"],
    ["smtp://10.0.0.5:2525", "10.0.0.5:2525"],
    ["2001:db8::5", "[2001:db8::5]:25"],
    ["smtp://[2001:db8::5]:26", "[2001:db8::5]:26"],
    ["Inner.example.net", "inner.example.net:25"],
  ];
  for (const [written, text] of shown)
    assert.equal(formatInnerHost(read(parseGatewayHost, written)), text);
  const faulty = ["", "smtp://", "http://10.0.0.5", "10.0.0.5:0", "10.0.0.5:65536"];
  for (const written of faulty)
    assert.match(refusal(parseGatewayHost, written), /^expected a host/, written);
});

test("mailboxes are behind a socket or a host that takes LMTP", () => {
  const shown: readonly (readonly [string, string])[] = [
    ["lmtp:/run/dovecot/lmtp", "lmtp:/run/dovecot/lmtp"],
    ["LMTP:unix:/run/dovecot/lmtp", "lmtp:/run/dovecot/lmtp"],
    ["lmtp:/a b/ü", "lmtp:/a b/ü"],
    ["lmtp://127.0.0.1:2003", "lmtp://127.0.0.1:2003"],
    ["LMTP://inner.example.net", "lmtp://inner.example.net:24"],
    ["lmtp://::1", "lmtp://[::1]:24"],
    ["lmtp://[2001:db8::5]:26", "lmtp://[2001:db8::5]:26"],
  ];
  for (const [written, text] of shown) {
    assert.equal(formatInnerHost(read(parseMailboxes, written)), text);
    assert.equal(formatInnerHost(read(parseMailboxes, text)), text);
  }
});

test("what is not there by LMTP is refused in words, and so is LMTP as a gateway", () => {
  const expected = /^expected lmtp:\/run\/dovecot\/lmtp, a socket, or /;
  for (const written of ["", "10.0.0.5", "smtp://10.0.0.5", "unix:/run/lmtp", "lmtp://in ner"])
    assert.match(refusal(parseMailboxes, written), expected, written);
  assert.match(refusal(parseMailboxes, "lmtp://10.0.0.5:25"), /^port 25 is SMTP's/);
  for (const written of ["lmtp://10.0.0.5", "lmtp:/run/lmtp"])
    assert.match(refusal(parseGatewayHost, written), /write mailboxes = "lmtp:/);
});

test("the path of a socket is absolute, in one form, and one that can be connected to", () => {
  const paths = ["", "/", "run/lmtp", "/run//lmtp", "/run/./lmtp", "/run/../lmtp", "/run/lmtp/"];
  const more = ["/run/\0lmtp", "/run/lm\ntp", `/${"x".repeat(103)}`, "10.0.0.5:24"];
  for (const path of [...paths, ...more])
    assert.match(refusal(parseMailboxes, `lmtp:${path}`), /is no absolute path/, path);
  assert.match(refusal(parseMailboxes, "lmtp:unix:private/lmtp"), /Postfix would read it below/);
  read(parseMailboxes, `lmtp:/${"x".repeat(102)}`);
});

test("mail for such a domain goes there, by its protocol", () => {
  const gateways = ["lmtp://127.0.0.1:24", "lmtp:/run/lmtp"].map((text, i) => ({
    domain: parseDomain(`d${i}.example`) ?? assert.fail(),
    host: read(parseMailboxes, text),
  }));
  const domain = parseDomain("example.net") ?? assert.fail();
  const all = [...gateways, { domain, host: read(parseGatewayHost, "127.0.0.1:24") }];
  const routes = withGateways(new Map(), all);
  assert.deepEqual(
    all.map((one) => nextHop(one.domain, routes).key),
    ["lmtp://[127.0.0.1]:24", "lmtp:/run/lmtp", "smtp://[127.0.0.1]:24"],
  );
});
