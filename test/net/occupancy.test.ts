/** Who may come when many are there: the limits, and the last tenth for those who hold little. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp, type Ip } from "../../src/mail/index.ts";
import { Occupancy } from "../../src/net/occupancy.ts";

function ip(text: string): Ip {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

/** As many connections of one address as it may have, up to `most`. */
function fill(occupancy: Occupancy, address: string, most = Infinity): number {
  let taken = 0;
  while (taken < most && occupancy.reachedLimit(ip(address)) === undefined) {
    occupancy.enter(ip(address));
    taken++;
  }
  return taken;
}

test("ten addresses that each take all they may do not take the last tenth, and a stranger finds room", () => {
  const occupancy = new Occupancy(() => ({
    connections: 1000,
    connectionsPerAddress: 100,
    connectionsPerNetwork: 200,
  }));
  for (let i = 1; i <= 9; i++) assert.equal(fill(occupancy, `192.0.2.${i}`), 100);
  assert.equal(occupancy.surplus, 0);
  assert.equal(
    fill(occupancy, "192.0.2.10"),
    5,
    "a twentieth of its limit, or the one that was left",
  );
  assert.equal(occupancy.surplus, 5);
  assert.equal(occupancy.reachedLimit(ip("192.0.2.1")), "connectionsPerAddress");
  assert.equal(occupancy.reachedLimit(ip("198.51.100.1")), undefined);
  for (let i = 1; i <= 5; i++) occupancy.leave(ip("192.0.2.10"));
  occupancy.leave(ip("192.0.2.1"));
  assert.equal(fill(occupancy, "192.0.2.1"), 1, "its own limit, when there is room again");
});

test("an IPv6 network has a small share in common", () => {
  const occupancy = new Occupancy(() => ({
    connections: 100,
    connectionsPerAddress: 90,
    connectionsPerNetwork: 40,
  }));
  assert.equal(fill(occupancy, "192.0.2.1"), 90);
  assert.equal(fill(occupancy, "2001:db8:1:1::1", 1), 1);
  assert.equal(fill(occupancy, "2001:db8:1:1::2"), 1);
  assert.equal(occupancy.reachedLimit(ip("2001:db8:1:1::3")), "connectionsPerNetwork");
  assert.equal(occupancy.reachedLimit(ip("2001:db8:1:2::3")), undefined);
});

test("when all is taken nobody has a share", () => {
  const occupancy = new Occupancy(() => ({
    connections: 2,
    connectionsPerAddress: 5,
    connectionsPerNetwork: 5,
  }));
  occupancy.enter(ip("192.0.2.1"));
  assert.equal(fill(occupancy, "192.0.2.2"), 1);
  assert.equal(occupancy.reachedLimit(ip("192.0.2.3")), "connections");
  assert.equal(occupancy.reachedLimit(ip("192.0.2.2")), "connections");
});
