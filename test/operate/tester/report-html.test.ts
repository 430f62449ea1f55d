/** The page: nothing that a hostile server says gets out of its place in it, and nothing is loaded from anywhere. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { prove, CATALOGUE } from "../../../src/operate/relaytest/index.ts";
import {
  htmlReport,
  proofFindings,
  testFindings,
  untestedFindings,
  type Findings,
} from "../../../src/operate/tester/index.ts";
import { smallSite } from "../relaytest/small-site.ts";
import { findingsOf, hostileFindings, HOSTILE_TEXTS } from "./made-findings.ts";
import { tested } from "./tested.ts";

const MAKER = { program: "Gatepost 0.0.0", by: "tester.example", began: 0, ended: 61_000 };

const TAGS = new Set(
  "html head meta title style body header h1 h2 h3 p ul li table thead tbody tr th td a span b div section details summary pre footer".split(
    " ",
  ),
);
const VOID = new Set(["meta"]);
const ATTRIBUTES = /^(?:lang|charset|http-equiv|content|name|class|id|href)$/;

/** Reads a page strictly: known elements, closed in order, known attributes in quotes, references that lead nowhere else. Returns its text. */
function textOf(page: string): string {
  const [, doctype, rest = ""] = /^(<!DOCTYPE html>)(.*)$/s.exec(page) ?? [];
  assert.ok(doctype !== undefined);
  const style = /<style>([^<]*)<\/style>/.exec(rest)?.[1] ?? "";
  assert.doesNotMatch(style, /url|@import|expression/i);
  const digest = createHash("sha256").update(style).digest("base64");
  assert.ok(rest.includes(`style-src &#39;sha256-${digest}&#39;`), "the policy is for this style");
  assert.ok(rest.includes("default-src &#39;none&#39;"));
  const open: string[] = [];
  const said = rest
    .replace(style, "")
    .replaceAll(/<(\/?)([a-z0-9]+)([^<>]*?)( ?\/)?>/g, (tag, ...parts) => {
      const [closing, name = "", attributes = ""] = parts as string[];
      assert.ok(TAGS.has(name), tag);
      if (closing === "/") assert.equal(open.pop(), name, tag);
      else if (!VOID.has(name)) open.push(name);
      const left = attributes.replaceAll(
        /\s([a-z-]+)="([^"<>]*)"/g,
        (_, attribute: string, value: string) => {
          assert.match(attribute, ATTRIBUTES);
          if (attribute === "href") assert.match(value, /^#t[0-9]+$/);
          return "";
        },
      );
      assert.equal(left.trim(), "", tag);
      return "";
    });
  assert.deepEqual(open, []);
  assert.doesNotMatch(said, /[<>"']/);
  assert.doesNotMatch(
    said,
    /[^\n\P{C}]/u,
    "nothing unseen, nothing that turns the direction of writing",
  );
  return said
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

test("hostile words stay words, wherever they stand", () => {
  const text = textOf(htmlReport([hostileFindings(), hostileFindings()], MAKER));
  for (const hostile of HOSTILE_TEXTS.filter((one) => !/[\p{C}\u2028]/u.test(one)))
    assert.ok(text.includes(hostile), hostile);
  assert.ok(text.includes("[U+202E]") && text.includes("[U+0000]") && text.includes("[U+200B]"));
});

test("any text at all", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      textOf(htmlReport([findingsOf(text)], MAKER));
    }),
    { numRuns: 100 },
  );
});

test("a server that says such things all the time: a page of bounded size", async () => {
  const said = HOSTILE_TEXTS.map((text) => text.replaceAll(/[\r\n]/g, " "));
  let turn = 0;
  const { result } = await tested({
    answer: (command) => {
      const words = Buffer.from(said[turn++ % said.length] ?? "").toString("latin1");
      if (command === "greeting") return `220 mx.local.example ${"</script>".repeat(1112)}`;
      return command.startsWith("RCPT") ? `250 2.1.5 ${words}` : undefined;
    },
    relays: () => true,
  });
  const page = htmlReport([testFindings(result)], MAKER);
  assert.match(textOf(page), /OPEN RELAY/);
  assert.ok(page.length < 3_000_000, String(page.length));
});

test("first the verdict, then what is wrong and how to mend it, then what was tried, then who tested", async () => {
  const { result } = await tested({
    answer: (command) => (/^RCPT TO:.*tester\.example/i.test(command) ? "250 good" : undefined),
    relays: () => true,
  });
  const text = textOf(htmlReport([testFindings(result)], MAKER));
  const order = [
    "OPEN RELAY: mx.local.example",
    "how to mend it",
    "HOLE",
    "Received: from tester",
    "127.0.0.1:25: relayed",
    "there is no relay control at all",
    "C: RCPT TO:",
    "Not tried from outside",
    "Tested by tester.example, from 1970-01-01 00:00:00 UTC to 1970-01-01 00:01:01 UTC, with Gatepost 0.0.0",
  ].map((words) => inOneLine(text).indexOf(words));
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  assert.ok(
    order.every((at) => at >= 0),
    order.join(),
  );
});

test("of what was closed there is a transcript too, where it was kept", async () => {
  const { result } = await tested({}, { everyTranscript: true });
  const text = textOf(htmlReport([testFindings(result)], MAKER));
  assert.match(text, /closed in \d+ tries, such as\s+R30 from/);
  assert.match(text, /C: RCPT TO:<t-[a-z2-7]+%tester\.example@local\.example>\nS: 550 5\.7\.1/);
});

test("several in one page, each under its name, with the worst as the verdict", async () => {
  const closed = testFindings((await tested({})).result);
  const all: readonly Findings[] = [closed, untestedFindings("nonsense", "it is no server")];
  const page = htmlReport(all, MAKER);
  assert.match(page, /<header class="inconclusive">/);
  const text = textOf(page);
  const heading = "2 servers tested for open relay: 0 open, 1 closed, 1 inconclusive";
  assert.ok(inOneLine(text).includes(heading));
  assert.match(text, /Not tested: it is no server/);
});

test("the site's own proof has the same page", async () => {
  const held = await prove(CATALOGUE, smallSite());
  const text = textOf(htmlReport([proofFindings("mx.example.org", held)], MAKER));
  assert.match(text, /Closed: mx\.example\.org refused everything/);
  assert.match(text, /decision table:\s+closed/);
  assert.match(text, /R30[\s\S]*the one right answer in \d+ sessions/);
});
