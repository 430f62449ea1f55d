/** A list that is served on 0.0.0.0 of a machine with several addresses: dig hears from the address that it asked, each time. In a network of the test's own. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { PrivateNetwork } from "./support/private-network.ts";
import { run } from "./support/programs.ts";
import { GATEPOST, startServer, temporaryDirectory } from "./support/site.ts";

const ADDRESSES = ["198.51.100.1", "198.51.100.2", "203.0.113.9"];
const ZONE = "relays.bl.example";

test("each address answers from itself, over UDP, and loopback too", async (t) => {
  const network = await PrivateNetwork.open(ADDRESSES);
  t.after(() => network.close());
  const directory = temporaryDirectory();
  const made = await run(GATEPOST, ["init", "--hostname", "mx.local.example", "--domain", "local.example", "--mailbox", "user@local.example", "--password", "correct horse battery", "--port-base", "10000", "--listen", "127.0.0.1", "--dir", directory]); // prettier-ignore
  assert.equal(made.code, 0, made.said);
  const zone = `{ zone = "${ZONE}", kind = "addresses", ns = ["ns1.example.org"], contact = "hostmaster@example.org" }`;
  const settings = [`listing.zone=[${zone}]`, 'listen.dns=[{ address = "0.0.0.0", port = 53 }]'];
  const site = await startServer(
    [
      "serve",
      "--config",
      join(directory, "gatepost.toml"),
      ...settings.flatMap((one) => ["--set", one]),
    ],
    { program: network.program(GATEPOST) },
  );
  t.after(() => site.stop());
  for (const asked of [...ADDRESSES, "127.0.0.1"])
    for (const from of asked.startsWith("127.") ? ["127.0.0.1"] : ADDRESSES) {
      const { stdout } = await network.run("dig", ["+short", "+tries=1", "+time=3", "+ignore", "-b", from, `@${asked}`, `2.0.0.127.${ZONE}`, "A"]); // prettier-ignore
      assert.equal(stdout.toString(), "127.0.0.2\n", `${asked} asked from ${from}`);
    }
});
