/** Every hole has its name, its words and something to do; every vector that can be tried belongs to one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CATALOGUE } from "../../../src/operate/relaytest/index.ts";
import { mendingOf } from "../../../src/operate/tester/mending.ts";
import { openingOf, OPENINGS } from "../../../src/operate/tester/openings.ts";
import { planCases } from "../../../src/operate/tester/remote-cases.ts";
import { SERVER_KINDS, serverKind } from "../../../src/operate/tester/server-kind.ts";

const EVERYTHING = { ehlo: true, startTls: true, chunking: true, mailbox: true, wayBack: true };

test("every hole is told in words with something to do, for every server", () => {
  for (const name of OPENINGS)
    for (const server of SERVER_KINDS) {
      const { wrong, todo } = mendingOf({ name, grade: "relayed", vectors: [] }, server);
      assert.match(wrong, /\.$/);
      assert.ok(todo.length > 0 && todo.every((text) => text.length > 10));
    }
});

test("the server is known by its greeting", () => {
  for (const [banner, kind] of [
    ["220 mx.example.org ESMTP Postfix (Debian)", "Postfix"],
    ["220 mx.example.org ESMTP Exim 4.96 Sat, 28 Nov 2026", "Exim"],
    ["220 mx.example.org ESMTP Sendmail 8.17.1; Sat", "sendmail"],
    ["220 mx.example.org ESMTP OpenSMTPD", "OpenSMTPD"],
    ["220 mx.example.org Microsoft ESMTP MAIL Service ready", "Exchange"],
    ["220 mx.example.org ESMTP Haraka/3.0 ready", "Haraka"],
    ["220 mx.example.org ESMTP", "unknown"],
  ] as const)
    assert.equal(serverKind(banner), kind);
});

test("every vector that can be tried has a hole of its own name, but for a few", () => {
  const { cases } = planCases(CATALOGUE, EVERYTHING);
  const nameless = new Set(
    cases.map(({ vector }) => vector.id).filter((id) => openingOf(id) === "other"),
  );
  assert.deepEqual([...nameless].toSorted(), [
    "R58",
    "R59",
    "R64a",
    "R64b",
    "R64c",
    "R64d",
    "R66",
    "R67a",
  ]);
});

test("a vector is put to the hole that it is about, also where another's id begins alike", () => {
  for (const [id, name] of [
    ["R14a", "greeting name"],
    ["R144a", "backscatter"],
    ["R10", "sender"],
    ["R100a", "session state"],
    ["R13", "client told by itself"],
    ["R130e", "smuggling"],
    ["R134", "backscatter"],
  ] as const)
    assert.equal(openingOf(id), name);
});

test("a case is in the plan once, and a vector is tried or told why not", () => {
  const { cases, untried } = planCases(CATALOGUE, EVERYTHING);
  assert.equal(new Set(cases.map(({ key }) => key)).size, cases.length);
  const ids = new Set([...cases.map(({ vector }) => vector.id), ...[...untried.values()].flat()]);
  assert.equal(ids.size, CATALOGUE.flatMap(({ vectors }) => vectors).length);
});

test("without a mailbox, a way back or STARTTLS less is tried, and it is said", () => {
  const bare = planCases(CATALOGUE, {
    ehlo: true,
    startTls: false,
    chunking: false,
    mailbox: false,
    wayBack: false,
  });
  const full = planCases(CATALOGUE, EVERYTHING);
  assert.ok(bare.cases.length < full.cases.length);
  assert.ok([...bare.untried.keys()].some((why) => why.includes("--mailbox")));
  assert.ok(bare.cases.every(({ vector }) => !/^R(?:130|132)/.test(vector.id)));
});
