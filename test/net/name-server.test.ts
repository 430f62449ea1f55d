/** Which servers a configuration and a system name, and in which order they are asked. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseNameServer, serversOf, systemServers } from "../../src/net/name-server.ts";
import { ServerOrder } from "../../src/net/server-order.ts";
import { ManualClock } from "../../src/runtime/index.ts";

test("a server is an address, with or without a port", () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ["127.0.0.1", "127.0.0.1", 53],
    ["127.0.0.1:5353", "127.0.0.1", 5353],
    ["2001:DB8::53", "2001:db8::53", 53],
    ["[::1]:65535", "::1", 65_535],
  ];
  for (const [text, host, port] of cases) assert.deepEqual(parseNameServer(text), { host, port });
  const none = [
    "",
    "localhost",
    "127.1",
    "127.0.0.1:",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "[::1]",
    "[::1]:x",
    "127.0.0.1:053",
    "[::1",
  ];
  for (const text of none) assert.equal(parseNameServer(text), undefined, text);
});

test("the servers of a resolv.conf", () => {
  const text = [
    "# nameserver 192.0.2.1",
    "search example.org",
    "nameserver 192.0.2.2",
    "nameserver\t2001:db8::3  \r",
    "nameserver resolver.example",
    "nameserver fe80::1%eth0",
    "nameserver 192.0.2.5",
    "options edns0",
  ].join("\n");
  const hosts = ["192.0.2.2", "2001:db8::3", "fe80::1%eth0"];
  assert.deepEqual(
    serversOf(text),
    hosts.map((host) => ({ host, port: 53 })),
  );
});

test("a system that names none has one on loopback", (t) => {
  const dir = mkdtempSync(join(tmpdir(), "gatepost-resolv-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const loopback = [{ host: "127.0.0.1", port: 53 }];
  assert.deepEqual(systemServers(join(dir, "missing")), loopback);
  const file = join(dir, "resolv.conf");
  writeFileSync(file, "search example.org\n");
  assert.deepEqual(systemServers(file), loopback);
  writeFileSync(file, "nameserver 192.0.2.2\n");
  assert.deepEqual(systemServers(file), [{ host: "192.0.2.2", port: 53 }]);
});

test("a silent server comes last for half a minute, or until it speaks", () => {
  const clock = new ManualClock();
  const [a, b, c] = [1, 2, 3].map((n) => ({ host: `192.0.2.${n}`, port: 53 }));
  assert.ok(a && b && c);
  const order = new ServerOrder([a, b, c], clock);
  order.silent(a);
  assert.deepEqual(order.now(), [b, c, a]);
  order.silent(b);
  assert.deepEqual(order.now(), [c, a, b]);
  order.spoke(a);
  assert.deepEqual(order.now(), [a, c, b]);
  clock.advance(29_999);
  assert.deepEqual(order.now(), [a, c, b]);
  clock.advance(1);
  assert.deepEqual(order.now(), [a, b, c]);
});
