/** Which server is meant, where it is, and what is no server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseDomain, parseIp, type Domain, type Ip } from "../../../src/mail/index.ts";
import {
  endpointText,
  findEndpoints,
  parsePorts,
  parseTarget,
} from "../../../src/operate/tester/index.ts";
import { parseName, ScriptedResolver, type DnsName } from "../../../src/protocol/dns/index.ts";
import { OperatorError } from "../../../src/runtime/index.ts";

const name = (text: string): DnsName => parseName(text) as DnsName; // the test's own names
const ip = (text: string): Ip => parseIp(text) as Ip;
const domain = (text: string): Domain => parseDomain(text) as Domain;

test("a host, an address of either family, with or without a port", () => {
  for (const [text, host, port] of [
    ["mx.example.org", "mx.example.org", undefined],
    ["MX.Example.org:587", "mx.example.org", 587],
    ["MX.Example.org.", "mx.example.org", undefined],
    ["192.0.2.1", "192.0.2.1", undefined],
    ["192.0.2.1:2525", "192.0.2.1", 2525],
    ["2001:db8::1", "2001:db8::1", undefined],
    ["[2001:db8::1]", "2001:db8::1", undefined],
    ["[2001:db8::1]:465", "2001:db8::1", 465],
    ["localhost:10025", "localhost", 10_025],
  ] as const)
    assert.deepEqual(parseTarget(text), {
      kind: "host",
      host,
      ...(port !== undefined && { port }),
    });
});

test("smtps:// before it: TLS comes first, at 465 or at the port that it names", () => {
  for (const [text, host, port] of [
    ["smtps://mx.example.org", "mx.example.org", 465],
    ["smtps://MX.Example.org:10465", "mx.example.org", 10_465],
    ["smtps://192.0.2.1:587", "192.0.2.1", 587],
    ["smtps://2001:db8::1", "2001:db8::1", 465],
    ["smtps://[2001:db8::1]:25", "2001:db8::1", 25],
  ] as const)
    assert.deepEqual(parseTarget(text), { kind: "host", host, port, implicitTls: true });
});

test("which ports speak TLS from the first octet: 465, and what is written so", async () => {
  const implicit = async (text: string, ports: readonly number[]) => {
    const { endpoints } = await findEndpoints(parseTarget(text), ports, new ScriptedResolver());
    return endpoints.map(({ port, implicitTls }) => [port, implicitTls]);
  };
  assert.deepEqual(await implicit("192.0.2.1", [25, 465, 587, 2525, 10_465, 20_465]), [
    [25, false],
    [465, true],
    [587, false],
    [2525, false],
    [10_465, false],
    [20_465, false],
  ]);
  assert.deepEqual(await implicit("smtps://192.0.2.1:10465", [25]), [[10_465, true]]);
  assert.deepEqual(await implicit("smtps://192.0.2.1", [25, 587]), [[465, true]]);
});

test("anything else is refused in words, whatever it is", () => {
  for (const text of [
    "",
    "mx",
    "user@example.org",
    "mx.example.org:0",
    "mx.example.org:65536",
    "127.1",
    "192.0.2.1.",
    "mx.example.org..",
    "[::1",
    "::1]:25",
    "http://mx.example.org",
    "smtps://",
    "smtps://mx.example.org:0",
    "smtps://smtps://mx.example.org",
    "smtp://mx.example.org",
    "mx.example.org:25:25",
  ])
    assert.throws(() => parseTarget(text), OperatorError, text);
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseTarget(text);
      } catch (error) {
        assert.ok(error instanceof OperatorError);
      }
    }),
  );
});

test("ports are a list without doubles", () => {
  assert.deepEqual(parsePorts("25,587,25"), [25, 587]);
  for (const text of ["", "25,", "smtp", "0", "70000"])
    assert.throws(() => parsePorts(text), OperatorError);
});

test("every address of a host at every port; a port of its own is the only one", async () => {
  const resolver = new ScriptedResolver()
    .has(name("mx.example.org"), "A", [ip("192.0.2.1"), ip("192.0.2.2")])
    .has(name("mx.example.org"), "AAAA", [ip("2001:db8::1")]);
  const all = await findEndpoints(parseTarget("mx.example.org"), [25, 465], resolver);
  assert.deepEqual(all.endpoints.map(endpointText), [
    "192.0.2.1:25", "192.0.2.1:465", "192.0.2.2:25", "192.0.2.2:465", "[2001:db8::1]:25", "[2001:db8::1]:465",
  ]); // prettier-ignore
  assert.deepEqual(
    all.endpoints.map(({ implicitTls }) => implicitTls),
    [false, true, false, true, false, true],
  );
  const one = await findEndpoints(parseTarget("mx.example.org:587"), [25], resolver);
  assert.deepEqual(
    one.endpoints.map(({ port }) => port),
    [587, 587, 587],
  );
});

test("the servers of a domain, by preference; the domain itself where it has no MX, nobody where it says so", async () => {
  const resolver = new ScriptedResolver()
    .has(name("example.org"), "MX", [
      { preference: 20, exchange: name("b.example.org") },
      { preference: 10, exchange: name("a.example.org") },
    ])
    .has(name("a.example.org"), "A", [ip("192.0.2.1")])
    .has(name("b.example.org"), "A", [ip("192.0.2.2")])
    .has(name("bare.example"), "A", [ip("192.0.2.3")])
    .has(name("null.example"), "MX", [{ preference: 0, exchange: name(".") }])
    .fails(name("lost.example"), "MX", "timeout");
  const exchange = (i: number) => name(`mx${i}.many.example`);
  const many = Array.from({ length: 21 }, (_, i) => ({ preference: i, exchange: exchange(i) }));
  resolver.has(name("many.example"), "MX", many);
  for (const [i] of many.entries()) resolver.has(exchange(i), "A", [ip(`192.0.2.${100 + i}`)]);
  const found = async (text: string) => {
    const { endpoints, problems } = await findEndpoints(
      { kind: "domain", domain: domain(text) },
      [25],
      resolver,
    );
    return [endpoints.map(endpointText), problems.length] as const;
  };
  assert.deepEqual(await found("example.org"), [["192.0.2.1:25", "192.0.2.2:25"], 0]);
  assert.deepEqual(await found("bare.example"), [["192.0.2.3:25"], 0]);
  const [first, problems] = await found("many.example");
  assert.deepEqual([first.length, problems], [20, 1]);
  assert.deepEqual(await found("null.example"), [[], 1]);
  assert.deepEqual(await found("lost.example"), [[], 1]);
});
