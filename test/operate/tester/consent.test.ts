/** Who may be tested: oneself always, others when they agree, nobody who says no, nobody too often. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain, parseIp, type Domain, type Ip } from "../../../src/mail/index.ts";
import { consentToken, judgeConsent, readOptOuts } from "../../../src/operate/tester/index.ts";
import { OperatorError } from "../../../src/runtime/index.ts";

const TESTER = parseDomain("tester.example") as Domain; // it is one
const TOKEN = consentToken(TESTER, "mx.example.org");

function judged(address: string, more: Partial<Parameters<typeof judgeConsent>[0]> = {}) {
  return judgeConsent({
    target: "mx.example.org",
    endpoints: [{ ip: parseIp(address) as Ip, port: 25, implicitTls: false }],
    mine: false,
    token: TOKEN,
    shown: [],
    today: 0,
    dailyCap: 3,
    ...more,
  });
}

const shows = (text: string) => ({ shown: [{ where: "the TXT record", text }] });

test("loopback and private networks need nobody's word", () => {
  for (const address of ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.1", "fd00::1"])
    assert.equal(judged(address, { optedOut: "it", today: 99 }).kind, "yes", address);
});

test("a public address needs the owner's word, and is told how to give it", () => {
  const no = judged("8.8.8.8");
  assert.ok(
    no.kind === "no" && no.why.includes(TOKEN) && no.why.includes("_gatepost-test.mx.example.org"),
  );
  assert.equal(judged("8.8.8.8", { mine: true }).kind, "yes");
  assert.equal(judged("8.8.8.8", shows(`v=1 ${TOKEN}`)).kind, "yes");
});

test("another tester's or another target's token is none", () => {
  const other = parseDomain("other.example") as Domain; // it is one
  for (const token of [
    consentToken(other, "mx.example.org"),
    consentToken(TESTER, "mx.example.net"),
    "gatepost-test=",
  ])
    assert.equal(judged("8.8.8.8", shows(token)).kind, "no");
});

test("who says no is left alone, whatever else is said", () => {
  const sure = { mine: true } as const;
  assert.equal(judged("8.8.8.8", { ...sure, ...shows(" NO ") }).kind, "no");
  assert.equal(judged("8.8.8.8", { ...sure, optedOut: "mx.example.org" }).kind, "no");
});

test("nobody is tested more often than so many times a day", () => {
  assert.equal(judged("8.8.8.8", { mine: true, today: 2 }).kind, "yes");
  assert.equal(judged("8.8.8.8", { mine: true, today: 3 }).kind, "no");
});

test("a list of those who want to be left alone has a name, an address or a network in each line", () => {
  const { names, networks } = readOptOuts(
    "# us\nMX.example.org.\r\n\n 192.0.2.1 # them\n2001:DB8::/32\n",
  );
  assert.deepEqual([...names], ["mx.example.org"]);
  assert.deepEqual(
    networks.map(({ text }) => text),
    ["192.0.2.1/32", "2001:db8::/32"],
  );
});

test("a line of the list that is none of these is an error that names it", () => {
  for (const line of [
    "mx example.org",
    "*.example.org",
    "localhost",
    "127.1",
    "192.0.2.0/33",
    "a@example.org",
  ])
    assert.throws(
      () => readOptOuts(`# us\n\n${line}\n`),
      (error) => error instanceof OperatorError && error.message.startsWith("line 3: "),
      line,
    );
});

test("near is what only whoever is there can reach, and no public address in other clothes", () => {
  for (const near of [
    "127.0.0.1", "127.9.9.9", "::1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.1.1",
    "fe80::1", "fc00::1", "fd00::1", "::ffff:10.0.0.1",
  ]) assert.equal(judged(near).kind, "yes", near); // prettier-ignore
  for (const far of [
    "8.8.8.8", "172.32.0.1", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "0.0.0.0", "255.255.255.255", "::",
    "64:ff9b::808:808", "64:ff9b:1::808:808", "2002:808:808::1", "2001:0:808:808::1", "::ffff:8.8.8.8", "2001:db8::1",
    "ff02::1", "fec0::1", "3fff::1",
  ]) assert.equal(judged(far).kind, "no", far); // prettier-ignore
});
