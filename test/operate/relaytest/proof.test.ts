/** The proof holds for a sound site, fails for what it cannot try, and its report shows the session that relayed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decide, enumerateDecisions } from "../../../src/policy/checks/index.ts";
import {
  CATALOGUE,
  holds,
  proofReport,
  proofSummary,
  prove,
  type DecisionCell,
  type Feature,
  type Vector,
} from "../../../src/operate/relaytest/index.ts";
import type { RecipientClass } from "../../../src/policy/routing/index.ts";
import { relaysTo } from "./breakage.ts";
import { ScriptedConnection } from "./scripted-connection.ts";
import { smallSite } from "./small-site.ts";

const BUILT: ReadonlySet<Feature> = new Set([
  "starttls",
  "idn-domain",
  "catch-all",
  "full-mailbox",
  "submission",
  "auth",
  "auth-login",
  "trusted-network",
  "alias-abroad",
  "gateway",
  "gateway-aliases",
  "srs",
  "certificate",
  "relay-tests",
  "allow-list",
]);

/** Features that are not built yet: their vectors wait. */
const WAITING_VECTORS = CATALOGUE.flatMap(({ vectors }) => vectors).filter(({ needs = [] }) =>
  needs.some((need) => !BUILT.has(need)),
);

test("a sound site: nothing in the catalogue works, on any listener", async () => {
  const result = await prove(CATALOGUE, smallSite());
  assert.ok(holds(result), proofReport(result));
  const all = CATALOGUE.flatMap(({ vectors }) => vectors).length;
  assert.equal(result.vectors, all - WAITING_VECTORS.length);
  assert.ok(result.sessions > 2 * result.vectors);
  const waiting = [...result.waiting.values()].reduce((sum, count) => sum + count, 0);
  assert.equal(waiting, WAITING_VECTORS.length);
  assert.match(
    proofSummary(result),
    /^relay proof holds: [0-9]+ relay vectors in [0-9]+ sessions, /,
  );
});

test("an open cell of the decision table fails the proof, whatever the sessions show", async () => {
  const open = enumerateDecisions((client, recipient) =>
    client === "loopback" && recipient === "foreign domain"
      ? { kind: "deposit" }
      : decide(client, recipient),
  );
  const result = await prove([], { listeners: [], decisions: open });
  assert.ok(!holds(result));
  assert.match(proofReport(result), /open: loopback to foreign domain: deposit/);
});

test("evidence of a relay test is kept, in no mailbox and on no way out; nobody else's mail is", async () => {
  const holdsWith = async (recipient: RecipientClass, decision: DecisionCell["decision"]) => {
    const cell = { client: "public address", recipient, decision };
    return holds(await prove([], { listeners: [], decisions: [cell] }));
  };
  assert.ok(await holdsWith("relay test's return", { kind: "keep" }));
  for (const kind of ["deposit", "report"] as const)
    assert.ok(!(await holdsWith("relay test's return", { kind })), kind);
  for (const basis of ["login", "network", "alias", "route", "return"])
    assert.ok(!(await holdsWith("relay test's return", { kind: "relay", basis })), basis);
  for (const recipient of ["mailbox", "unknown mailbox", "foreign domain"] as const)
    assert.ok(!(await holdsWith(recipient, { kind: "keep" })), recipient);
});

test("a cell of the decision table that relays does so on the strength that belongs there, and only there", async () => {
  const right: readonly (readonly [string, RecipientClass, string])[] = [
    ["login", "foreign domain", "login"],
    ["trusted network", "foreign domain", "network"],
    ["loopback", "alias abroad", "alias"],
    ["public address", "gateway recipient", "route"],
    ["public address", "forward's return", "return"],
  ];
  const holdsWith = async (client: string, recipient: RecipientClass, basis?: string) => {
    const decision = { kind: "relay", ...(basis !== undefined && { basis }) } as const;
    const result = await prove([], { listeners: [], decisions: [{ client, recipient, decision }] });
    return holds(result);
  };
  for (const [client, recipient, basis] of right) {
    assert.ok(await holdsWith(client, recipient, basis), `${client} ${recipient}`);
    assert.ok(!(await holdsWith(client, recipient)), `${client} ${recipient} on no strength`);
    for (const other of ["login", "network", "alias", "route", "return"])
      if (other !== basis)
        assert.ok(!(await holdsWith(client, recipient, other)), `${client} ${recipient} ${other}`);
  }
  for (const client of ["public address", "private address", "loopback"])
    for (const basis of ["login", "network", "alias", "route", "return"])
      assert.ok(!(await holdsWith(client, "foreign domain", basis)), `${client} ${basis}`);
  for (const recipient of ["mailbox", "stale return", "forged return", "source route"] as const)
    for (const basis of ["login", "network", "alias", "route", "return"])
      assert.ok(!(await holdsWith("login", recipient, basis)), `${recipient} ${basis}`);
});

test("the session that relayed is printed whole, and first; the others by name", async () => {
  const result = await prove(CATALOGUE, smallSite(relaysTo("foreign domain")));
  const report = proofReport(result).split("\n");
  const at = report.findIndex((line) => line.includes("RELAYED"));
  assert.match(
    report[at] ?? "",
    /^R01 from <x@foreign\.example> on smtp: RELAYED to tok-5f3a9c1e@/,
  );
  assert.deepEqual(
    report.slice(at + 1).filter((line) => /^ {2}C: (?:EHLO|MAIL|RCPT|DATA|\.)/.test(line)),
    [
      "  C: EHLO foreign.example",
      "  C: MAIL FROM:<x@foreign.example>",
      "  C: RCPT TO:<tok-5f3a9c1e@foreign.example>",
      "  C: DATA",
      "  C: .",
    ],
  );
  assert.ok(report.some((line) => /^R02 .*RELAYED/.test(line)));
});

test("a session that cannot be had, or that breaks the server, proves nothing", async () => {
  const [listener] = smallSite().listeners;
  assert.ok(listener);
  const vector: Vector = { id: "R00", origin: "D", why: "test", script: [["NOOP", "250 2.0.0"]] };
  const catalogue = [{ section: 1, title: "test", from: [], vectors: [vector] }];
  for (const [open, reason] of [
    [openSilent, "no greeting: silence"],
    [openBroken, "broken"],
  ] as const) {
    const result = await prove(catalogue, { listeners: [{ ...listener, open }], decisions: [] });
    assert.ok(!holds(result));
    assert.match(proofReport(result), new RegExp(`could not be tried: ${reason}`));
  }
});

function openSilent() {
  return { connection: new ScriptedConnection(""), acceptances: () => [] };
}

function openBroken(): never {
  throw new Error("broken");
}
