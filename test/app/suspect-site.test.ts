/** What strangers can make the server ask for, each mail to a trap and each request, is asked of addresses alone. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { suspectSite } from "../../src/app/suspect-site.ts";
import { loadConfig } from "../../src/config/index.ts";
import { suspectAddress } from "../../src/operate/suspects/index.ts";
import { ManualClock } from "../../src/runtime/index.ts";

test("whether a host may be listed is known without the names of the site", (t) => {
  const dir = mkdtempSync(join(tmpdir(), "gatepost-suspects-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "gatepost.toml");
  writeFileSync(file, `hostname = "mx.local.example"\nstore = "sqlite:gatepost.db"\npostmaster = "a@local.example"
[listing]\nprotected = ["5.6.8.0/24"]
[[relay.networks]]\nnetwork = "5.6.7.0/24"\nreason = "printers that cannot log in"\n`); // prettier-ignore
  const directory = { domains: () => assert.fail("all domains were read") } as never;
  const store = { published: undefined as never, suspects: undefined as never, directory };
  const site = suspectSite(loadConfig(file).config, store, new ManualClock());
  for (const [host, kind] of [
    ["5.6.7.1", "no"],
    ["5.6.8.1", "no"],
    ["127.0.0.1", "no"],
    ["5.6.9.1", "ip"],
  ] as const)
    assert.equal(suspectAddress(site, host).kind, kind, host);
});
