/** `gatepost list` as a program: what is added is shown, taken out, taken back, ended; files come in whole or not at all, and go out again. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { DnsQuestions } from "../interop/support/dns-questions.ts";
import { eventually } from "../support/eventually.ts";
import { ANY_PORTS, newSite } from "./site.ts";

const GATEPOST = join(import.meta.dirname, "../../bin/gatepost");

const ZONES = `
[[listing.zone]]
zone = "relays.bl.example.org"
kind = "addresses"
ns = ["ns1.example.org"]
contact = "hostmaster@example.org"
files = ["more.ip4set"]

[[listing.zone]]
zone = "names.bl.example.org"
kind = "names"
ns = ["ns1.example.org"]
contact = "hostmaster@example.org"
`;

async function openSite(t: TestContext) {
  const site = await newSite();
  t.after(() => site.remove());
  appendFileSync(site.file, ZONES);
  writeFileSync(join(site.dir, "more.ip4set"), "5.9.0.0/24 :127.0.0.3:of a file\n");
  const gatepost = async (...args: readonly string[]) => {
    const all = [...args, "--config", site.file];
    const child = spawn(GATEPOST, all, { cwd: site.dir, stdio: ["ignore", "pipe", "pipe"] });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]); // prettier-ignore
    return { out, err, code: child.exitCode };
  };
  const run = (...args: readonly string[]) => gatepost("list", ...args);
  const done = async (...args: readonly string[]): Promise<string> => {
    const { out, err, code } = await run(...args);
    assert.deepEqual([code, err], [0, ""], args.join(" "));
    return out;
  };
  const json = async (...args: readonly string[]) => JSON.parse(await done(...args, "--json")) as Record<string, unknown>; // prettier-ignore
  const fails = async (...args: readonly string[]): Promise<string> => {
    const { err, code } = await run(...args);
    assert.equal(code, 1, args.join(" "));
    return err;
  };
  return { site, gatepost, run, done, json, fails };
}

test("a check shows the lists and their files, and fails without one of them", async (t) => {
  const { gatepost, site } = await openSite(t);
  const { out, code } = await gatepost("check");
  assert.equal(code, 0);
  assert.match(out, /^relays\.bl\.example\.org +addresses +127\.0\.0\.2 +more\.ip4set +-$/m);
  assert.match(out, /^names\.bl\.example\.org +names +127\.0\.0\.2 +- +-$/m);
  assert.match(out, /^relays\.bl\.example\.org +\S*more\.ip4set +1 +- +-$/m);
  rmSync(join(site.dir, "more.ip4set"));
  const without = await gatepost("check");
  assert.equal(without.code, 1);
  assert.match(without.err, /listing\.zone\.0\.files\.0: .*more\.ip4set: there is no such file/);
});

const ADD = ["--zone", "relays", "--reason", "open relay"] as const;

test("the help has room in 80 columns", async (t) => {
  const { gatepost } = await openSite(t);
  for (const args of [[], ["list"], ["queue"], ["list", "report"]]) {
    const { out } = await gatepost(...args, "--help");
    assert.deepEqual(out.split("\n").filter((line) => line.length > 80), [], args.join(" ")); // prettier-ignore
  }
});

test("an entry is added with evidence, shown in all zones, taken out and taken back", async (t) => {
  const { done, fails, json, site } = await openSite(t);
  const out = await done("add", "5.6.7.8", ...ADD, "--note", "saw it", "--for", "3d");
  assert.match(out, /^5\.6\.7\.8 is now in relays\.bl\.example\.org, until .*\nchange 1; /);
  assert.match(await fails("add", "5.6.7.9", ...ADD), /expected one of --test ID, --sample FILE and --note TEXT/); // prettier-ignore
  assert.match(await fails("add", "5.6.7.9", ...ADD, "--test", "none"), /there is no test none/);
  assert.match(await fails("add", "10.0.0.1", ...ADD, "--note", "x"), /cannot be listed/);
  assert.match(await fails("add", "x.local.example", "--zone", "names", "--reason", "x", "--note", "x"), /a domain of this site/); // prettier-ignore
  const sample = join(site.dir, "sample.eml");
  writeFileSync(sample, "Subject: spam\n\n");
  await done("add", "5.6.7.9", ...ADD, "--sample", sample);
  const [relays] = (await json("show", "5.6.7.9")) as unknown as readonly { entry: { evidence: object } }[]; // prettier-ignore
  assert.deepEqual(relays?.entry.evidence, { kind: "sample", sha256: "fc74a997c0f85855b9b0ae41846b57b938aa28630f5899e4784a7cbfe9937c2c" }); // prettier-ignore
  const shown = await done("show", "5.9.0.1");
  assert.match(shown, /relays\.bl\.example\.org: 5\.9\.0\.1 has no entry\n {2}file {6}\/.*more\.ip4set lists it, 127\.0\.0\.3: of a file\n/); // prettier-ignore
  await done("remove", "5.6.7.8", "--why", "closed");
  assert.match(await done("show", "5.6.7.8"), /has no entry\n.*says nothing of it\n {2}history.*remove by .*: closed\n.*add by/); // prettier-ignore
  assert.match(await done("undo", "3"), /change 3 is taken back, by change 4: 1 listed again/);
  const log = (await json("log")) as unknown as readonly { action: string }[];
  assert.deepEqual(log.map(({ action }) => action), ["undo", "remove", "add", "add"]); // prettier-ignore
  assert.match(
    await fails("retire", "relays"),
    /would list nobody any more: 2 entries.* Add --yes/,
  );
  assert.match(await done("retire", "relays", "--yes"), /is retired; 2 entries removed/);
  const zones = (await json("zones")) as unknown as readonly { state: string; entries: number }[];
  assert.deepEqual(zones.map((zone) => [zone.state, zone.entries]), [["retired", 0], ["published", 0]]); // prettier-ignore
});

test("a file comes in whole or not at all, and goes out as it came", async (t) => {
  const { done, fails, json, site } = await openSite(t);
  const file = (name: string, lines: readonly string[]): string => {
    writeFileSync(join(site.dir, name), `${lines.join("\n")}\n`);
    return join(site.dir, name);
  };
  const bad = file("bad.cidr", ["5.6.7.8", "nobody", "5.6.7.9"]);
  assert.match(await fails("import", bad, "--zone", "relays"), /nothing was imported:\n {2}.*bad\.cidr:2: "nobody": expected/); // prettier-ignore
  assert.match(await fails("import", join(site.dir, "none"), "--zone", "relays"), /none: there is no such file/); // prettier-ignore
  const many = file(
    "many.ip4set",
    Array.from({ length: 60 }, (_, i) => `5.6.${i}.7 :3:bad`),
  );
  assert.match(await fails("import", many, "--zone", "relays"), /allowed are 50.*--yes/);
  const result = await json("import", many, "--zone", "relays", "--yes");
  assert.deepEqual([result["added"], result["renewed"]], [60, 0]);
  const out = join(site.dir, "out.jsonl");
  assert.match(
    await done("export", "relays", "--format", "jsonl", "--out", out),
    /wrote 60 entries/,
  );
  assert.equal(readFileSync(out, "utf8").trim().split("\n").length, 60);
  await done("undo", String(result["change"]));
  const again = await json("import", out, "--zone", "relays", "--yes");
  assert.equal(again["added"], 60);
  assert.equal(await done("export", "relays", "--format", "jsonl"), readFileSync(out, "utf8"));
  assert.match(
    await fails("export", "names", "--format", "cidr"),
    /cidr has no names; expected one of/,
  );
  const nowhere = join(site.dir, "no", "file");
  assert.match(await fails("export", "relays", "--format", "cidr", "--out", nowhere), /no\/file/);
  assert.ok(!existsSync(nowhere) && readdirSync(site.dir).every((name) => !name.endsWith(".new")));
});

test("a running server ends entries, and sees what a command changes", async (t) => {
  const { done, site } = await openSite(t);
  t.mock.timers.enable({ apis: ["setInterval"] });
  const server = await site.serve(ANY_PORTS);
  t.after(() => server.stop(0));
  await done("add", "5.6.7.8", ...ADD, "--note", "saw it");
  const store = await openSqliteStore({ path: join(site.dir, "gatepost.db"), exclusive: false });
  t.after(() => store.close());
  const { published } = store;
  const zone = "relays.bl.example.org";
  const entry = published.find(zone, "5.6.7.8");
  assert.ok(entry !== undefined);
  const { zone: _, subject, change, ...facts } = entry;
  const after = { ...facts, since: 1000, until: 2000 };
  await published.apply({ zone, at: 1, by: "test", origin: "person", action: "renew", why: "it is old", parts: [{ subject, seen: change, after }] }); // prettier-ignore
  t.mock.timers.tick(60_000);
  await eventually("the end of an entry", () => published.find(zone, "5.6.7.8") === undefined || undefined); // prettier-ignore
  assert.equal((await published.changes({ limit: 1 }))[0]?.action, "expire");
});

test("what a server was asked is told, of each list and of the networks that asked", async (t) => {
  const { done, fails, json, site } = await openSite(t);
  assert.match(await done("stats"), /\n\nno questions in the last 24 hours\n$/);
  const server = await site.serve([...ANY_PORTS, 'listen.dns=[{ address = "127.0.0.1", port = 0 }]']); // prettier-ignore
  const dns = await DnsQuestions.to(server.listPorts[0]?.port ?? assert.fail("no port"));
  await dns.ask([
    { name: "7.0.9.5.relays.bl.example.org", type: "A" },
    { name: "8.0.9.5.relays.bl.example.org", type: "TXT" },
    { name: "7.7.9.5.relays.bl.example.org", type: "A" },
    { name: "bad.names.bl.example.org", type: "A" },
    { name: "example.net", type: "A" },
  ]);
  dns.close();
  await server.stop(1000);
  const out = await done("stats");
  assert.match(out, /\nQuestions in the last 24 hours:\n\n/);
  assert.match(
    out,
    /\nZONE +QUESTIONS +LISTED +NOT LISTED +REFUSED\nrelays\.bl\.example\.org +3 +2 +1 +0\n/,
  );
  assert.match(out, /\n\(none of these\) +1 +0 +0 +1\n/);
  assert.match(out, /\n20..-..-.. ..:00Z +\d +\d/);
  assert.match(out, /\n127\.0\.0\.0\/24 +5 +100\.0 % +2\n/);
  const { zones, questions } = await json("stats", "--zone", "relays", "--days", "2");
  assert.deepEqual((zones as { zone: string }[]).map(({ zone }) => zone), ["relays.bl.example.org"]); // prettier-ignore
  const { zones: asked, networks, days } = questions as Record<string, Record<string, unknown>[]>;
  assert.deepEqual([asked?.[0]?.["listed"], asked?.[0]?.["notListed"], asked?.[0]?.["failed"]], [2, 1, 0]); // prettier-ignore
  assert.deepEqual([asked?.length, networks, days?.[0]?.["questions"]], [1, [], 3]);
  assert.match(await fails("stats", "--hours", "1", "--days", "1"), /expected one of them/);
});
