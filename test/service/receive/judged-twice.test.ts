/** A recipient whom the host behind us does not know is judged once more, as what it is then; it counts once all the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp } from "../../../src/mail/index.ts";
import { stages } from "../../../src/policy/checks/index.ts";
import { Routing } from "../../../src/policy/routing/index.ts";
import { NetworkRates } from "../../../src/service/receive/network-rates.ts";
import { domainOf } from "../../support/memory-directory.ts";
import { Bench } from "./desk-bench.ts";

const STRANGER = parseIp("9.8.7.6") ?? assert.fail();
const UNLIMITED = { messages_per_hour: "unlimited", recipients_per_hour: "unlimited" } as const;

/** The host behind us knows nobody; the role is here all the same. */
function bench(none: { messages_per_hour: number; recipients_per_hour: number }): Bench {
  const made = new Bench();
  made.routing = new Routing({
    directory: made.directory,
    postmaster: () => made.directory.mailbox("admin", domainOf("local.example")),
    gateways: { has: (domain) => domain === "inner.example" },
  });
  const settings = { none, "forward-confirmed": UNLIMITED, certificate: UNLIMITED };
  const rates = new NetworkRates({ clock: made.clock, settings });
  made.stages = stages({ rates, verifyRecipient: () => "unknown" });
  return made;
}

test("of a network's recipients it is one, and its message is one", async () => {
  const made = bench({ messages_per_hour: 2, recipients_per_hour: 2 });
  const desk = made.desk({ ip: STRANGER });
  for (const from of ["sam@foreign.example", "tom@foreign.example"]) {
    await desk.sender(from);
    assert.equal(await desk.recipient("postmaster@inner.example"), "proceed");
  }
  await desk.sender("uma@foreign.example");
  assert.match(await desk.recipient("postmaster@inner.example"), /^450 4\.7\.1 .* limit of 2 /);
});
