/** A trusted network is trusted as long as the machine around it is as it was. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MACHINE_FACTS_MS, TrustedNetworks } from "../../src/app/index.ts";
import { parseCidr, parseIp } from "../../src/mail/index.ts";
import type { MachineFacts } from "../../src/policy/checks/index.ts";
import { ManualClock, silentLog } from "../../src/runtime/index.ts";

const SAFE: MachineFacts = { gateways: [], addresses: [], networks: [] };
const GATEWAY = parseIp("192.0.2.17") ?? assert.fail();

class Machine {
  readonly clock = new ManualClock();
  readonly events: string[] = [];
  facts: MachineFacts = SAFE;
  looks = 0;
  readonly networks: TrustedNetworks;

  constructor(...networks: readonly string[]) {
    this.networks = new TrustedNetworks({
      networks: networks.map((text) => ({
        network: parseCidr(text) ?? assert.fail(text),
        reason: "the old scanner",
        accepts: [],
      })),
      proxies: [],
      machine: () => {
        this.looks++;
        return this.facts;
      },
      clock: this.clock,
      log: { ...silentLog, error: (event) => this.events.push(event) },
    });
  }

  find(text: string): string | undefined {
    return this.networks.find(parseIp(text) ?? assert.fail(text))?.network.text;
  }
}

test("an entry that becomes unsafe is not trusted within a minute, the others stay; it is told once", () => {
  const machine = new Machine("192.0.2.16/28", "203.0.113.7");
  assert.equal(machine.find("192.0.2.18"), "192.0.2.16/28");
  machine.facts = { ...SAFE, gateways: [GATEWAY] };
  machine.clock.advance(MACHINE_FACTS_MS);
  for (let i = 0; i < 3; i++) {
    assert.equal(machine.find("192.0.2.18"), undefined);
    assert.equal(machine.find("203.0.113.7"), "203.0.113.7/32");
    machine.clock.advance(MACHINE_FACTS_MS);
  }
  assert.deepEqual(machine.events, ["trusted network not trusted any more"]);
  machine.facts = SAFE;
  assert.equal(machine.find("192.0.2.18"), "192.0.2.16/28");
});

test("the machine is looked at once a minute at most, and not at all for strangers", () => {
  const machine = new Machine("192.0.2.16/28");
  for (let i = 0; i < 5; i++) machine.find("198.51.100.1");
  assert.equal(machine.looks, 0);
  for (let i = 0; i < 5; i++) machine.find("192.0.2.18");
  assert.equal(machine.looks, 1);
  machine.clock.advance(MACHINE_FACTS_MS - 1);
  machine.find("192.0.2.18");
  assert.equal(machine.looks, 1);
});

test("a machine that cannot be looked at is the caller's to hear about", () => {
  const machine = new Machine("192.0.2.16/28");
  const broken = new TrustedNetworks({
    networks: [{ network: parseCidr("192.0.2.16/28") ?? assert.fail(), reason: "x", accepts: [] }],
    proxies: [],
    machine: () => {
      throw new Error("no interfaces");
    },
    clock: machine.clock,
    log: silentLog,
  });
  assert.throws(() => broken.find(GATEWAY), /no interfaces/);
});
