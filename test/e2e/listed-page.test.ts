/** A site that publishes a list, asked by HTTP: the page of who is listed, by an entry and by a file, and a test that he asks for himself. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { openListAdministration, type GatepostServer } from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { addEntry } from "../../src/operate/listing/index.ts";
import { keptSuspect } from "../../src/operate/suspects/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { eventually } from "../support/eventually.ts";
import { ANY_PORTS, newSite, portOf, type Site } from "./site.ts";

const ZONE = "relays.bl.example.org";
const SETTINGS = `
[tester]
domain = "test.example"
[listing]
special_ranges = true
[[listing.zone]]
zone = "${ZONE}"
kind = "addresses"
ns = ["ns1.example.org"]
contact = "hostmaster@example.org"
files = ["more.ip4set"]
[suspects]
zone = "${ZONE}"
`;
const OVERRIDES = [...ANY_PORTS, 'listen.dns=[{ address = "127.0.0.1", port = 0 }]'];

/** An address of this machine that is none of the server's own guards. */
const HOST = "127.0.0.77";

describe("the page of who is listed", () => {
  let site: Site;
  let server: GatepostServer;

  const url = (path: string): string => `http://127.0.0.1:${portOf(server, "http")}${path}`;
  const page = async (path: string): Promise<string> => (await fetch(url(path))).text();

  /** As the store has it now. */
  async function asked(host: string) {
    const store = await openSqliteStore({
      path: loadConfig(site.file).storePath,
      exclusive: false,
    });
    try {
      const stored = store.suspects.find(host);
      return stored && keptSuspect(stored).asked;
    } finally {
      await store.close();
    }
  }

  before(async () => {
    site = await newSite();
    appendFileSync(site.file, SETTINGS);
    writeFileSync(join(site.dir, "more.ip4set"), "192.0.2.7 :3:of a file\n");
    server = await site.serve(OVERRIDES);
    const { site: acts, close } = await openListAdministration(loadConfig(site.file));
    const [zone] = acts.settings.zone;
    assert.ok(zone !== undefined);
    const evidence = { kind: "test", test: "kept-no-longer", sha256: "ab".repeat(32) } as const;
    for (const subject of [HOST, "192.0.2.9"]) {
      const wanted = { zone, subject, reason: "open relay", evidence, by: "ann", origin: "person" } as const; // prettier-ignore
      const added = await addEntry(acts, wanted);
      assert.notEqual(typeof added, "string", JSON.stringify(added));
    }
    await close();
  });
  after(async () => {
    await server.stop(1000);
    site.remove();
  });

  test("an entry of another process, a file and what changes in it are seen", async () => {
    const said = await page(`/listed/${HOST}`);
    assert.match(said, /127\.0\.0\.77 is listed.*open relay.*kept-no-longer.*(?:ab){32}/s);
    assert.match(
      await page("/listed/192.0.2.7"),
      /192\.0\.2\.7 is listed.*127\.0\.0\.3.*of a file/s,
    );
    assert.match(await page("/listed/192.0.2.8"), /192\.0\.2\.8 is not listed/);
    writeFileSync(join(site.dir, "next"), "192.0.2.8 :3:of the next\n");
    renameSync(join(site.dir, "next"), join(site.dir, "more.ip4set"));
    await eventually("the next file", async () =>
      (await page("/listed/192.0.2.8")).includes("of the next") || undefined,
    ); // prettier-ignore
  });

  test("the form leads there", async () => {
    const response = await fetch(url("/listed/?host=192.0.2.9"));
    assert.equal(new URL(response.url).pathname, "/listed/192.0.2.9");
    assert.match(await response.text(), /192\.0\.2\.9 is listed/);
    assert.equal((await fetch(url("/"))).url, url("/listed/"));
  });

  test("a stranger asks for a test in his own name", async () => {
    const response = await fetch(url("/listed/192.0.2.9/test"), { method: "POST" });
    assert.match(await response.text(), /http-equiv="refresh".*A test was asked for/s);
    assert.deepEqual(omitTime(await asked("192.0.2.9")), { by: "127.0.0.1", owner: false });
  }); // prettier-ignore

  test("another site's form asks for nothing", async () => {
    const headers = { Origin: "https://evil.example" };
    const { status } = await fetch(url(`/listed/${HOST}/test`), { method: "POST", headers });
    assert.equal(status, 403);
    assert.equal(await asked(HOST), undefined);
  });

  test("the host itself asks from its own address, and is counted for itself", async () => {
    const options = { method: "POST", localAddress: HOST };
    const asking = request(url(`/listed/${HOST}/test`), options).end();
    const [response] = (await once(asking, "response")) as [IncomingMessage];
    assert.match(await text(response), /^A test of 127\.0\.0\.77 is asked for/);
    assert.deepEqual(omitTime(await asked(HOST)), { by: "the host itself", owner: true });
  });
});

function omitTime(asked: { readonly by: string; readonly owner: boolean } | undefined) {
  return asked && { by: asked.by, owner: asked.owner };
}
