/** The page of whoever is listed: what it says of whom, and what it keeps to itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TOKEN_LIFE_MS } from "../../src/operate/tester/index.ts";
import { removeEntry, retireZone } from "../../src/operate/listing/index.ts";
import { reportSuspect } from "../../src/operate/suspects/index.ts";
import { DAY, list, NOW, SHA } from "../operate/listing/site.ts";
import { HOST, listHost, openWebLists, seenTest, TEST, TOKEN } from "./listed-lists.ts";

test("who is not listed reads so, of addresses and of names", async (t) => {
  const { page, json } = await openWebLists(t);
  const said = await page("/listed/192.0.2.8");
  assert.match(said, /<h1>192\.0\.2\.8 is not listed<\/h1>/);
  assert.match(said, /none of the lists kept here: relays\.bl\.example\.org\./);
  assert.doesNotMatch(said, /method="post"/, "there is nothing to test");
  assert.match(await page("/listed/2001:DB8::8"), /2001:db8::8 is not listed/);
  assert.match(await page("/listed/%32001%3adb8%3A%3a8"), /2001:db8::8 is not listed/);
  assert.match(await page("/listed/Host.Example.NET"), /host\.example\.net is not listed.*names\.bl/s);
  assert.deepEqual(await json("/listed/192.0.2.8"), {
    subject: "192.0.2.8",
    at: "2026-11-28T12:00:00.000Z",
    listed: false,
    lists: [{ list: "relays.bl.example.org", contact: "hostmaster@example.org", retired: false, entry: null, files: [], before: [] }],
    standing: null,
    why: null,
    lastTest: null,
    nextTest: null,
    testUnderWay: false,
    canBeAskedFor: false,
  });
}); // prettier-ignore

test("listed by a test: since when, until when, how it leaves, and what was said and came back", async (t) => {
  const { page, json, lists, beside, put } = await openWebLists(t);
  await listHost(lists);
  await put({});
  beside.tests.set(TEST.test, seenTest("mx.victim.example ready"));
  lists.at += TOKEN_LIFE_MS;
  const said = await page(`/listed/${HOST}`);
  for (const wanted of [
    `<h1>${HOST} is listed</h1>`,
    "<dd>open relay</dd>",
    "<dd>2026-11-28 12:00:00 UTC</dd>",
    "<dd>2026-12-28 12:00:00 UTC, by itself</dd>",
    "With the first test that finds it closed",
    "Relay test t4k2, ended at 2026-11-28 12:00:00 UTC.",
    `<code>${SHA}</code>`,
    "S: 220 mx.victim.example ready",
    `C: RCPT TO:&lt;${TOKEN}@test.example&gt;`,
    "(connection closed)",
    "It came back from 192.0.2.7 at 2026-11-28 12:00:00 UTC:",
    `Received: from x by y for &lt;${TOKEN}@test.example&gt;`,
    "The last test has shown an open relay",
    "How to mend it",
    `<form method="post" action="/listed/${HOST}/test">`,
    "hostmaster@example.org",
  ])
    assert.ok(said.includes(wanted), `${wanted}\n${said}`);
  assert.doesNotMatch(said, /pipeline-mark/, "who did it is nobody's business");
  const { listed, lists: all, standing, canBeAskedFor } = await json(`/listed/${HOST}`);
  assert.deepEqual([listed, standing, canBeAskedFor], [true, "proved", true]);
  const [{ entry }] = all as [{ entry: { evidence: { kind: string; sha256: string; cases: unknown[] } } }]; // prettier-ignore
  assert.deepEqual([entry.evidence.kind, entry.evidence.sha256], ["test", SHA]);
  assert.deepEqual(entry.evidence.cases, [
    {
      title: "R30 from <>",
      manner: "EHLO",
      endpoint: "192.0.2.7:25",
      transcript: ["S: 220 mx.victim.example ready", `C: RCPT TO:<${TOKEN}@test.example>`, "   (connection closed)"],
      returned: [{ from: HOST, at: "2026-11-28T12:00:00.000Z", received: [`from x by y for <${TOKEN}@test.example>; mx.victim.example ready`] }],
    },
  ]); // prettier-ignore
});

test("as long as a token takes mail it is nowhere to be read, not as a half either", async (t) => {
  const { ask, lists, beside, put, clock } = await openWebLists(t);
  await listHost(lists);
  const long = `${"x".repeat(185)}<${TOKEN}`; // cut by the printer in the middle of it
  beside.tests.set(TEST.test, seenTest(`${TOKEN.toUpperCase()} ${long}`));
  await put({ standing: "unknown", why: `550 <${TOKEN}@test.example> no` });
  const read = async (accept: string) => (await ask({ path: `/listed/${HOST}`, accept })).body;
  for (const accept of ["text/html", "application/json"]) {
    clock.advance(30_000);
    lists.at = NOW + TOKEN_LIFE_MS - 1;
    const before = await read(accept);
    assert.doesNotMatch(before, /t-abcde/i);
    assert.match(before, /2026-12-03/, "it says until when");
    lists.at = NOW + TOKEN_LIFE_MS;
    clock.advance(30_000);
    assert.match(await read(accept), /t-abcdefghijklmnaa@/);
  }
});

test("many cases are shown as far as there is room, and the rest is counted", async (t) => {
  const { page, lists, beside } = await openWebLists(t);
  await listHost(lists);
  beside.tests.set(TEST.test, seenTest("x", 53));
  const said = await page(`/listed/${HOST}`);
  assert.equal(said.match(/<details/g)?.length, 50);
  assert.match(said, /53 tries of which.*and 3 more like these/s);
});

test("a test that is kept no longer leaves its hash", async (t) => {
  const { page, lists } = await openWebLists(t);
  await listHost(lists);
  const said = await page(`/listed/${HOST}`);
  assert.match(said, /Relay test t4k2\.<\/p>.*kept no longer/s);
  assert.ok(said.includes(SHA));
});

test("an output is shown whose test it was", async (t) => {
  const { page, lists, beside } = await openWebLists(t, {
    zone: "relays.elsewhere.example",
    outputs: "relays.bl.example.org",
  });
  await list(lists, "192.0.2.20", { evidence: TEST });
  beside.tests.set(TEST.test, seenTest("x"));
  assert.match(await page("/listed/192.0.2.20"), /When the host is mended.*tested is <a href="\/listed\/192\.0\.2\.7">192\.0\.2\.7</s);
}); // prettier-ignore

test("a note has its text, a sample and a file their hash; no test lets them off", async (t) => {
  const { page, lists } = await openWebLists(t);
  await list(lists, HOST, { evidence: { kind: "note", text: "see ticket 7" } });
  const note = await page(`/listed/${HOST}`);
  assert.match(note, /What a person has seen: see ticket 7/);
  assert.doesNotMatch(note, /method="post"/);
  await list(lists, "192.0.2.8", { evidence: { kind: "sample", sha256: "ab".repeat(32) } });
  assert.match(await page("/listed/192.0.2.8"), /message that came from there.*(?:ab){32}/s);
  const file = { kind: "import", file: "/srv/partner/secret.ip4set", sha256: "cd".repeat(32) } as const; // prettier-ignore
  await list(lists, "192.0.2.9", { evidence: file });
  const imported = await page("/listed/192.0.2.9");
  assert.match(imported, /(?:cd){32}/);
  assert.doesNotMatch(imported, /partner/);
});

test("by a block around him, and by a file", async (t) => {
  const { page, lists, beside } = await openWebLists(t);
  await list(lists, "192.0.2.0/28");
  const said = await page(`/listed/${HOST}`);
  assert.match(said, /is listed<.*<dt>Listed is<\/dt>\s*<dd>192\.0\.2\.0\/28/s);
  assert.match(await page("/listed/192.0.2.0/28"), /<h1>192\.0\.2\.0\/28 is listed/);
  beside.files = [{ codes: ["127.0.0.3"], texts: ["of a <file>"] }];
  const filed = await page("/listed/192.0.2.77");
  assert.match(filed, /192\.0\.2\.77 is listed<.*a file that is served.*127\.0\.0\.3\): of a &lt;file&gt;/s);
}); // prettier-ignore

test("what was before is told by time, and not who did it or why", async (t) => {
  const { page, json, lists } = await openWebLists(t);
  const zone = lists.relays;
  await listHost(lists);
  lists.at += DAY;
  await removeEntry(lists, { zone, subject: HOST, by: "carol", origin: "person", why: "his friend" }); // prettier-ignore
  lists.at += DAY;
  await listHost(lists);
  lists.at += DAY;
  await removeEntry(lists, { zone, subject: HOST, by: "machine", origin: "pipeline", why: "clean" }); // prettier-ignore
  const said = await page(`/listed/${HOST}`);
  assert.match(said, /is not listed/);
  assert.match(said, /2026-12-01 12:00:00 UTC: taken off after a test.*2026-11-30 12:00:00 UTC: listed: open relay.*2026-11-29 12:00:00 UTC: taken off by whoever keeps the list.*2026-11-28/s); // prettier-ignore
  assert.doesNotMatch(said, /carol|friend/);
  const [first] = (await json(`/listed/${HOST}`))["lists"] as readonly { before: readonly unknown[] }[]; // prettier-ignore
  assert.deepEqual(first?.before[0], { at: "2026-12-01T12:00:00.000Z", what: "taken off after a test" }); // prettier-ignore
});

test("who comes back stays a while, and is told how long", async (t) => {
  const { page, lists, put } = await openWebLists(t);
  const zone = lists.relays;
  for (let times = 0; times < 3; times++) {
    if (times > 0)
      await removeEntry(lists, { zone, subject: HOST, by: "m", origin: "pipeline", why: "clean" });
    await listHost(lists);
  }
  assert.match(await page(`/listed/${HOST}`), /for the third time.*found it closed for 2 days/s);
  await put({
    standing: "clean",
    why: "it refused every try",
    cleanSince: NOW,
    due: NOW + 2 * DAY,
  });
  const clean = await page(`/listed/${HOST}`);
  assert.match(clean, /found no open relay.*at 2026-11-30 12:00:00 UTC/s);
  assert.match(clean, /With its next test, if that finds it closed/);
});

test("who was reported and nothing more is not shown: a mailbox would be known for a trap", async (t) => {
  const { page, json, acts } = await openWebLists(t);
  const cause = { kind: "note", text: "saw it" } as const;
  await reportSuspect(acts, { host: HOST, origin: "trap", by: "trap@example.org", cause });
  const said = await page(`/listed/${HOST}`);
  assert.match(said, /is not listed/);
  assert.doesNotMatch(said, /report|trap|saw it|Tests/);
  assert.equal((await json(`/listed/${HOST}`))["standing"], null);
});

test("each standing has its words, and is tested on request unless it is clean or left alone, and off", async (t) => {
  const { page, put } = await openWebLists(t);
  const words = {
    pending: /may take five days/,
    clean: /found no open relay/,
    blocks: /neither clean nor a proof/,
    unknown: /could not find out/,
    dismissed: /left alone/,
  };
  for (const [standing, wanted] of Object.entries(words)) {
    await put({ standing: standing as keyof typeof words }); // its own keys
    const said = await page(`/listed/${HOST}`);
    assert.match(said, wanted);
    assert.equal(
      /method="post"/.test(said),
      standing !== "clean" && standing !== "dismissed",
      standing,
    );
  }
});

test("a retired list lists nobody", async (t) => {
  const { page, lists, beside } = await openWebLists(t);
  await listHost(lists);
  beside.files = [{ codes: ["127.0.0.3"], texts: [] }];
  await retireZone(lists, lists.relays, { by: "ann", why: "the end" });
  const said = await page(`/listed/${HOST}`);
  assert.match(said, /is not listed.*This list was ended/s);
});
