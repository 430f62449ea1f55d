/** What strangers wrote stays words on the page; every request has an answer; the browser is told to allow nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { CATALOGUE } from "../../src/operate/relaytest/index.ts";
import type { Token } from "../../src/operate/tester/index.ts";
import { planCases, spellOut } from "../../src/operate/tester/remote-cases.ts";
import { remoteNames } from "../../src/operate/tester/remote-names.ts";
import { withoutTokens } from "../../src/web/listed-evidence.ts";
import { list } from "../operate/listing/site.ts";
import { HOSTILE_TEXTS } from "../operate/tester/made-findings.ts";
import {
  domain,
  HOST,
  listHost,
  openWebLists,
  seenTest,
  TEST,
  type Asking,
} from "./listed-lists.ts";

const TAGS = new Set(
  "html head meta title style body header footer h1 h2 h3 p b ul li dl dt dd a span form label input button details summary pre code".split(" "),
); // prettier-ignore
const VOID = new Set(["meta", "input"]);
const ATTRIBUTES = /^(?:lang|charset|http-equiv|content|name|class|id|for|type|href|method|action|value|maxlength|autocomplete|open)$/; // prettier-ignore

/** Reads a page strictly; returns its words. */
function wordsOf(page: string): string {
  const style = /<style>([^<]*)<\/style>/.exec(page)?.[1] ?? assert.fail("no style");
  const open: string[] = [];
  const said = page
    .replace("<!DOCTYPE html>", "")
    .replace(style, "")
    .replaceAll(/<(\/?)([a-z0-9]+)([^<>]*?)( ?\/)?>/g, (tag, ...parts) => {
      const [closing, name = "", attributes = ""] = parts as string[];
      assert.ok(TAGS.has(name), tag);
      if (closing === "/") assert.equal(open.pop(), name, tag);
      else if (!VOID.has(name)) open.push(name);
      const left = attributes.replaceAll(/\s([a-z-]+)(?:="([^"<>]*)")?/g, (_, attribute: string, value = "") => {
        assert.match(attribute, ATTRIBUTES);
        if (attribute === "href" || attribute === "action") assert.match(String(value), /^\/listed\//);
        return "";
      });
      assert.equal(left.trim(), "", tag);
      return "";
    });
  assert.deepEqual(open, []);
  assert.doesNotMatch(said, /[<>"']/);
  assert.doesNotMatch(said, /[^\n\P{C}]/u, "nothing unseen");
  return said;
} // prettier-ignore

test("hostile words of servers, reporters and files stay words", async (t) => {
  const site = await openWebLists(t);
  await listHost(site.lists);
  await list(site.lists, "192.0.2.8", { evidence: { kind: "note", text: "<script>x</script>" }, reason: "<b>" }); // prettier-ignore
  const words = wordsOf(await site.page("/listed/192.0.2.8"));
  assert.ok(words.includes("&lt;script&gt;x&lt;/script&gt;") && words.includes("&lt;b&gt;"));
  for (const text of HOSTILE_TEXTS) {
    site.beside.tests.set(TEST.test, seenTest(text));
    site.clock.advance(30_000);
    site.beside.files = [{ codes: [text], texts: [text] }];
    await site.put({ standing: "unknown", why: text });
    wordsOf(await site.page(`/listed/${HOST}`));
  }
});

test("any words at all", async (t) => {
  const site = await openWebLists(t);
  await listHost(site.lists);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
      site.beside.tests.set(TEST.test, seenTest(text));
      site.clock.advance(30_000);
      site.clock.advance(30_000);
      site.beside.files = [{ codes: [text], texts: [text] }];
      wordsOf(await site.page(`/listed/${HOST}`));
    }),
    { numRuns: 100 },
  );
});

test("however the catalogue writes a token, it is hidden whole, and nothing else is", () => {
  const token = "t-klmnopqrstuvwxyz" as Token; // of its form
  const ours = domain("victim.example");
  const names = remoteNames(
    { domain: ours, hostname: ours, address: HOST, user: "ann", assumed: false },
    domain("test.example"),
    token,
  );
  const offers = { ehlo: true, startTls: true, chunking: true, mailbox: true, wayBack: true };
  const cases = planCases(CATALOGUE, offers).cases.map((one) => spellOut(one, names, token, true));
  const spelt = cases.map(({ title, hello, steps }) => JSON.stringify([title, hello, steps]));
  assert.ok(spelt.filter((said) => said.includes("klmno")).length > 100);
  for (const said of spelt) {
    assert.doesNotMatch(withoutTokens(said), /klmno|vwxyz/i);
    for (const [word] of withoutTokens(said).matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g))
      assert.doesNotMatch(Buffer.from(word, "base64").toString("latin1"), /klmno|vwxyz/);
  }
  assert.equal(withoutTokens("<t-klmnopq> T-KLMNOPQRSTUVWXYZ"), "<(hidden)> (hidden)");
  const kept = "smart-relaying as-t-abc postmaster@xxxxxxxxxxxxxxxxxxxxxxxxxx first-timers";
  assert.equal(withoutTokens(kept), kept);
});

const FIELDS = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  "Cache-Control": "no-store",
};

test("the browser is told that nothing else may happen, and no cookie is set", async (t) => {
  const { ask } = await openWebLists(t);
  for (const path of ["/listed/", `/listed/${HOST}`, "/listed/%3Cscript%3E"]) {
    const { fields } = await ask({ path });
    assert.deepEqual({ ...fields, ...FIELDS }, fields);
    assert.match(fields["Content-Security-Policy"] ?? "", /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/); // prettier-ignore
    assert.equal(fields["Set-Cookie"], undefined);
  }
});

test("the form leads to a page, or says what it expected and keeps what was written", async (t) => {
  const { ask } = await openWebLists(t);
  const look = async (query: string) => ask({ path: "/listed/", query });
  for (const [query, path] of [
    ["host=192.0.2.7", "/listed/192.0.2.7"],
    ["host=+%5B2001%3ADB8%3A%3A7%5D+", "/listed/2001:db8::7"],
    ["host=%3A%3Affff%3A192.0.2.7", "/listed/192.0.2.7"],
    ["host=192.0.2.0/24", "/listed/192.0.2.0/24"],
    ["host=EXAMPLE.org.", "/listed/example.org"],
    ["host=b%C3%BCcher.example", "/listed/xn--bcher-kva.example"],
  ] as const) {
    const { status, fields } = await look(query);
    assert.deepEqual([status, fields["Location"]], [303, path]);
  }
  for (const text of ["", "192.0.2.300", "a b", "*.example.org", ".example.org", "\r\nX: y", `"><b>`, "x".repeat(5000)]) {
    const { status, body } = await look(`host=${encodeURIComponent(text)}`);
    assert.equal(status, 400, text);
    assert.match(wordsOf(body), /expected an address/);
  }
  for (const path of ["/", "/listed"]) assert.equal((await ask({ path })).fields["Location"], "/listed/");
}); // prettier-ignore

test("every request has an answer, and only a POST to a test does anything", async (t) => {
  const { ask, acts, lists } = await openWebLists(t);
  await listHost(lists);
  for (const [method, path, status, allow] of [
    ["POST", `/listed/${HOST}`, 405, "GET, HEAD"],
    ["DELETE", `/listed/${HOST}`, 405, "GET, HEAD"],
    ["GET", `/listed/${HOST}/test`, 405, "POST"],
    ["PUT", `/listed/${HOST}/test`, 405, "POST"],
    ["GET", "/listedx", 404, undefined],
    ["GET", "/listed/test", 200, undefined],
    ["GET", "/listed/192.0.2.7/", 400, undefined],
    ["GET", "/listed/../listed/", 400, undefined],
    ["GET", "/listed/%", 400, undefined],
    ["GET", "/listed/%00", 400, undefined],
  ] as const) {
    const { status: said, fields } = await ask({ method, path });
    assert.deepEqual([said, fields["Allow"]], [status, allow], `${method} ${path}`);
  }
  const part = fc.oneof(fc.string({ unit: "binary-ascii" }), fc.webPath(), fc.constantFrom(HOST, "test", "%2e", "::1"));
  const anything: fc.Arbitrary<Asking> = fc.record({
    method: fc.constantFrom("GET", "HEAD", "OPTIONS", ""),
    path: fc.tuple(part, part).map(([a, b]) => `/listed/${a}/${b}`),
    query: fc.oneof(part, part.map((text) => `host=${text}`)),
    accept: fc.constantFrom("", "text/html", "application/json"),
    fetchSite: part,
    origin: part,
    authority: fc.option(part, { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(anything, async (asking) => {
      const { status, fields } = await ask(asking);
      assert.ok([200, 303, 400, 405].includes(status), String(status));
      for (const value of Object.values(fields)) assert.match(value, /^[\x20-\x7e]*$/);
    }),
  );
  assert.equal(acts.suspects.find(HOST), undefined);
}); // prettier-ignore
