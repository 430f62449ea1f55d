/** An administrator's way with DKIM keys: a new domain, an old one, a rotation. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { run } from "../interop/support/programs.ts";
import { newSite } from "./site.ts";

const GATEPOST = join(import.meta.dirname, "../../bin/gatepost");

const Rows = z.array(
  z.object({ selector: z.string(), state: z.string(), name: z.string(), txt: z.string() }),
);

test("keys are made with a domain, or for an old one, and turned over when they are published", async (t) => {
  const site = await newSite();
  t.after(() => site.remove());

  const gatepost = async (...args: readonly string[]) => {
    const { code, stdout, said } = await run(GATEPOST, [...args, "--config", site.file]);
    assert.equal(code, 0, said);
    return stdout.toString();
  };
  const keys = async (domain: string) =>
    Rows.parse(JSON.parse(await gatepost("domain", "keys", domain, "--json")));
  const states = async (domain: string) => (await keys(domain)).map(({ state }) => state);

  assert.match(await gatepost("domain", "keys", "local.example"), /domain rotate local\.example/);
  assert.match(await gatepost("domain", "rotate", "local.example"), /they sign from now on/);
  assert.deepEqual(await states("local.example"), ["signing", "signing"]);

  await gatepost("domain", "add", "new.example");
  const [ed25519, rsa] = await keys("new.example");
  assert.match(ed25519?.name ?? "", /^gp\d{6}e\._domainkey\.new\.example$/);
  assert.match(ed25519?.txt ?? "", /^v=DKIM1; k=ed25519; p=[\w+/]{43}=$/);
  assert.match(rsa?.name ?? "", /^gp\d{6}r\._domainkey\.new\.example$/);
  assert.match(rsa?.txt ?? "", /^v=DKIM1; k=rsa; p=[\w+/=]{392}$/);

  const begun = await gatepost("domain", "rotate", "new.example");
  const waiting = (await keys("new.example")).filter(({ state }) => state === "published");
  assert.equal(waiting.length, 2);
  for (const { name, txt } of waiting) assert.ok(begun.includes(`${name} TXT ${txt}\n`), begun);
  assert.match(begun, /domain rotate new\.example --finish/);
  assert.match(await gatepost("domain", "rotate", "new.example", "--finish"), /keep the record of/);
  const after = (await states("new.example")).toSorted();
  assert.deepEqual(after, ["retired", "retired", "signing", "signing"]);
});
