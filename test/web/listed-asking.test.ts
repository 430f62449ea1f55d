/** A test is asked for by the page: who may, how often, in whose name, and how it is followed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keptSuspect } from "../../src/operate/suspects/index.ts";
import { list, NOW } from "../operate/listing/site.ts";
import { HOST, ip, listHost, openWebLists, STRANGER, type Lists } from "./listed-lists.ts";

const PRESS = { method: "POST", path: `/listed/${HOST}/test` };

function asked({ acts }: Lists) {
  const stored = acts.suspects.find(HOST);
  return stored && keptSuspect(stored).asked;
}

test("a stranger asks; the page follows it until it is done", async (t) => {
  const site = await openWebLists(t);
  await listHost(site.lists);
  const { status, fields } = await site.ask(PRESS);
  assert.deepEqual([status, fields["Location"]], [303, `/listed/${HOST}`]);
  assert.deepEqual(asked(site), { by: STRANGER, at: NOW, owner: false });
  const waiting = await site.page(`/listed/${HOST}`);
  assert.match(waiting, /<meta http-equiv="refresh" content="5" \/>/);
  assert.match(waiting, /was asked for at 2026-11-28 12:00:00 UTC\. It waits for its turn/);
  assert.doesNotMatch(waiting, /method="post"/);
  await site.put({ asked: { by: STRANGER, at: NOW, owner: false }, due: 0, testing: "one" });
  assert.match(await site.page(`/listed/${HOST}`), /It waits for its turn/);
  site.beside.running.set("one", { began: NOW, tried: 37 });
  assert.match(await site.page(`/listed/${HOST}`), /under way since .*: 37 tries by now/);
  await site.put({ standing: "clean", why: "it refused every try" });
  const done = await site.page(`/listed/${HOST}`);
  assert.doesNotMatch(done, /http-equiv="refresh"/);
  assert.match(done, /found no open relay/);
});

test("the host itself asks in its own name, and nobody takes that from it", async (t) => {
  const site = await openWebLists(t);
  await listHost(site.lists);
  await site.ask(PRESS);
  assert.equal((await site.ask({ ...PRESS, ip: HOST })).status, 303);
  assert.deepEqual(asked(site), { by: "the host itself", at: NOW, owner: true });
  assert.equal((await site.ask({ ...PRESS, ip: ip("203.0.113.77") })).status, 303);
  assert.equal(asked(site)?.owner, true);
  assert.match(await site.page(`/listed/${HOST}`), /by the host itself/);
});

test("once a minute from one network for one host", async (t) => {
  const site = await openWebLists(t);
  await listHost(site.lists);
  await list(site.lists, "192.0.2.8", { evidence: { kind: "test", test: "x", sha256: "00" } });
  const press = async (from: string, host: string = HOST) =>
    (await site.ask({ method: "POST", path: `/listed/${host}/test`, ip: ip(from) })).status;
  assert.equal(await press("2001:db8::1"), 303);
  const done = () => site.put({ standing: "blocks", why: "" });
  await done();
  const again = await site.ask({ ...PRESS, ip: ip("2001:db8::2") });
  assert.deepEqual([again.status, again.fields["Retry-After"]], [429, "60"]);
  assert.equal(await press("2001:db8:0:1::1"), 303);
  await done();
  assert.equal(await press("2001:db8::1", "192.0.2.8"), 303);
  site.clock.advance(59_999);
  assert.equal(await press("2001:db8::1"), 429);
  site.clock.advance(1);
  assert.equal(await press("2001:db8::1"), 303);
});

test("another site's form does nothing", async (t) => {
  const site = await openWebLists(t);
  await listHost(site.lists);
  const here = { authority: "bl.example.org:8080" };
  for (const from of [
    { fetchSite: "cross-site", origin: "https://bl.example.org:8080" },
    { fetchSite: "same-site" },
    { fetchSite: "strange" },
    { origin: "https://evil.example" },
    { origin: "https://bl.example.org" },
    { origin: "null" },
    { origin: "https://bl.example.org:8080, https://evil.example" },
    { origin: "ftp://bl.example.org:8080" },
  ]) {
    const { status, body } = await site.ask({ ...PRESS, ...here, ...from });
    assert.equal(status, 403, JSON.stringify(from));
    assert.match(body, /another site&#39;s page/);
    assert.equal(asked(site), undefined);
  }
  for (const from of [
    { fetchSite: "same-origin", origin: "https://a.proxy.example" },
    { fetchSite: "none" },
    { origin: "https://BL.example.org:8080" },
    { origin: "http://bl.example.org:8080" },
    {},
  ]) {
    await site.put({ standing: "blocks", why: "" });
    site.clock.advance(60_000);
    assert.equal(
      (await site.ask({ ...PRESS, ...here, ...from })).status,
      303,
      JSON.stringify(from),
    );
    assert.notEqual(asked(site), undefined);
  }
});

test("who is not to be tested is told why", async (t) => {
  const site = await openWebLists(t);
  const press = async (host: string) => {
    const path = `/listed/${encodeURIComponent(host)}/test`;
    const { status, body } = await site.ask({ method: "POST", path, accept: "*/*" });
    return `${status} ${body}`;
  };
  assert.match(await press("192.0.2.8"), /^409 192\.0\.2\.8 is not listed, and nobody has reported it\n$/); // prettier-ignore
  assert.match(await press("192.0.2.99"), /^409 192\.0\.2\.99 is not tested: it is protected/);
  assert.match(await press("192.0.2.0/24"), /^409 192\.0\.2\.0\/24 is no host/);
  assert.match(await press("example.org"), /^409 example\.org is no host/);
  assert.match(await press("what?"), /^400 expected an address/);
  await list(site.lists, HOST);
  assert.match(await press(HOST), /^409 .*not listed for a test/);
});

test("for programs: a line for curl, JSON for who wants it", async (t) => {
  const site = await openWebLists(t);
  await listHost(site.lists);
  const said = await site.ask({ ...PRESS, accept: "*/*" });
  assert.deepEqual([said.status, said.body], [303, `A test of ${HOST} is asked for; its result will be at /listed/${HOST}\n`]); // prettier-ignore
  const json = await site.ask({ ...PRESS, accept: "application/json" });
  assert.deepEqual([json.status, json.fields["Content-Type"]], [202, "application/json"]);
  const { testUnderWay } = JSON.parse(json.body) as { testUnderWay: boolean };
  assert.equal(testUnderWay, true);
  const bad = await site.ask({ path: "/listed/%ff", accept: "application/json" });
  assert.deepEqual([bad.status, Object.keys(JSON.parse(bad.body) as object)], [400, ["problem"]]);
});
