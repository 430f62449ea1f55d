/** The machine's routes, as Linux writes them down. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipv4Routes, ipv6Routes, machineFacts } from "../../src/net/index.ts";

const HEAD =
  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                                                       ";
const IPV4 = [
  HEAD,
  "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0   ",
  "tun0\t00000080\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0",
  "eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0",
  "eth0\t0000000A\t020200C0\t0003\t0\t0\t100\t000000FF\t0\t0\t0",
  "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0",
  "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0",
  "",
].join("\n");

const ZERO = "0".repeat(32);
const IPV6 = [
  `fd001700000000000000000000000000 40 ${ZERO} 00 ${ZERO} 00000100 00000001 00000000 00000001  docker0`,
  `${ZERO} 00 ${ZERO} 00 fe800000000000000000000000000001 00000064 00000001 00000000 00450003     eth0`,
  `20010db8000900000000000000000000 30 ${ZERO} 00 fe800000000000000000000000000002 00000064 00000001 00000000 00000003     eth0`,
  `${ZERO} 00 ${ZERO} 00 ${ZERO} ffffffff 00000001 00000000 00200200       lo`,
  "",
].join("\n");

function lines(routes: ReturnType<typeof ipv4Routes>): readonly string[] {
  return routes.map(
    ({ on, network, gateway }) =>
      `${network.text} on ${on}${gateway === undefined ? "" : ` by ${gateway}`}`,
  );
}

test("IPv4 routes", () => {
  assert.deepEqual(lines(ipv4Routes(IPV4, true)), [
    "0.0.0.0/0 on eth0 by 192.0.2.1",
    "128.0.0.0/1 on tun0 by 10.8.0.1",
    "192.0.2.0/24 on eth0",
    "10.0.0.0/8 on eth0 by 192.0.2.2",
    "172.17.0.0/16 on docker0",
  ]);
});

test("the same on a machine with the other order of octets", () => {
  const row = "eth0\t00000000\tC0000201\t0003\t0\t0\t100\t00000000\t0\t0\t0";
  assert.deepEqual(lines(ipv4Routes(row, false)), ["0.0.0.0/0 on eth0 by 192.0.2.1"]);
});

test("IPv6 routes", () => {
  assert.deepEqual(lines(ipv6Routes(IPV6)), [
    "fd00:1700::/64 on docker0",
    "::/0 on eth0 by fe80::1",
    "2001:db8:9::/48 on eth0 by fe80::2",
  ]);
});

test("what is no table has no routes", () => {
  for (const text of ["", "\n\n", HEAD, "eth0", "eth0 zz zz zz zz zz zz zz", "\0".repeat(100)])
    assert.deepEqual([...ipv4Routes(text), ...ipv6Routes(text)], [], JSON.stringify(text));
});

test("without the table the gateways are not known, and this machine has addresses all the same", () => {
  const machine = machineFacts({ ipv4: "/nowhere/route", ipv6: "/nowhere/ipv6_route" });
  assert.equal(machine.gateways, undefined);
  assert.ok(machine.addresses.some((ip) => ip === "127.0.0.1" || ip === "::1"));
});
