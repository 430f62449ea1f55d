/** The catalogue as data: complete, without doubles, and each vector able to run for any names. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain, parsePath } from "../../../src/mail/index.ts";
import { casesFor } from "../../../src/operate/relaytest/case.ts";
import {
  CATALOGUE,
  featuresNamed,
  type Feature,
  type Names,
} from "../../../src/operate/relaytest/index.ts";
import { readReturn } from "../../../src/policy/routing/index.ts";
import { NAMES, RETURN_KEY, TODAY } from "./small-directory.ts";

const VECTORS = CATALOGUE.flatMap(({ vectors }) => vectors);

/** A server that has nothing of what only some have. */
const PLAIN: Names = {
  domain: NAMES.domain,
  hostname: NAMES.hostname,
  address: NAMES.address,
  foreign: NAMES.foreign,
  attacker: NAMES.attacker,
  token: NAMES.token,
  user: NAMES.user,
  postmaster: NAMES.postmaster,
  limits: NAMES.limits,
};

/** The rows of the known tricks, by section; those that are no session with this server are left out. */
const ROWS = [
  [1, 1, 23],
  [2, 30, 68],
  [3, 70, 82],
  [4, 100, 115],
  [4, 117, 117],
  [5, 130, 139],
  [5, 141, 144],
] as const;

test("every row of the known tricks is there, in its section", () => {
  for (const [section, first, last] of ROWS) {
    const chapter = CATALOGUE.find((candidate) => candidate.section === section);
    const rows = new Set(
      chapter?.vectors.map(({ id }) => Number(/^R([0-9]+)[a-z]?$/.exec(id)?.[1])),
    );
    for (let row = first; row <= last; row++) assert.ok(rows.has(row), `R${row}`);
  }
});

test("each vector has an id of its own, an origin, a reason and an answer", () => {
  assert.equal(new Set(VECTORS.map(({ id }) => id)).size, VECTORS.length);
  for (const { id, origin, why, script } of VECTORS) {
    assert.ok(origin !== "" && why !== "" && !why.includes("{"), id);
    const answered = script.every(([say, ...answers]) => {
      const silent = typeof say === "object" && "handshake" in say;
      return silent || answers.length > 0;
    });
    assert.ok(script.length > 0 && answered, id);
  }
});

test("a vector that names what not every server has says that it needs it", () => {
  assert.deepEqual(featuresNamed(PLAIN), []);
  assert.ok(casesFor(CATALOGUE, new Set(), PLAIN).length > 0);
  const some = casesFor(CATALOGUE, new Set(featuresNamed(NAMES)), NAMES);
  assert.ok(some.length > casesFor(CATALOGUE, new Set(), PLAIN).length);
});

test("a name that nothing stands for is a mistake that shows", () => {
  assert.throws(() => casesFor(CATALOGUE, new Set(["alias-abroad"]), PLAIN), /ALIAS ABROAD/);
});

// ---- The ways out ----

const WAYS_OUT = ["trusted-network", "alias-abroad", "gateway", "gateway-aliases", "srs"] as const;

test("the vectors of a way out wait until there is one to name, and are whole then", () => {
  const features = new Set(featuresNamed(NAMES));
  const live = new Set(casesFor(CATALOGUE, features, NAMES).map(({ vector }) => vector.id));
  for (const feature of WAYS_OUT) {
    assert.ok(features.has(feature));
    const wanting = VECTORS.filter(
      ({ needs = [] }) => needs.includes(feature) && !needs.includes("submission"),
    );
    assert.ok(wanting.length >= 4, feature);
    for (const { id } of wanting) assert.ok(live.has(id), id);
  }
});

test("a return that a stranger can make of a valid one is forged, each in its own way", () => {
  const said = casesFor(CATALOGUE, new Set(["srs"]), NAMES)
    .filter(({ vector }) => /^R54[l-q]$/.test(vector.id))
    .flatMap(({ turns }) => turns.flatMap((turn) => (turn.kind === "say" ? [turn.octets] : [])))
    .flatMap((octets) => /^RCPT TO:<(.*)@.*>\r\n$/.exec(octets)?.[1] ?? []);
  assert.equal(new Set(said).size, 7);
  const kind = (local: string) => readReturn(local, NAMES.domain, [RETURN_KEY], TODAY).kind;
  for (const local of said) assert.equal(kind(local), "forged", local);
  const { expired, valid } = NAMES.returns;
  assert.deepEqual(
    [kind(valid), kind(valid.toUpperCase()), kind(expired)],
    ["valid", "valid", "expired"],
  );
});

test("a submission port is tried with what is about one, and nothing else is", () => {
  const submission = casesFor(CATALOGUE, new Set<Feature>(["submission"]), NAMES);
  assert.deepEqual(
    [...new Set(submission.map(({ vector }) => vector.id))],
    ["R117", "R117c", "R117d", "R117g"],
  );
  const other = casesFor(CATALOGUE, new Set(), NAMES);
  assert.ok(!other.some(({ vector }) => vector.needs?.includes("submission")));
});

test("each sender of a chapter is tried", () => {
  const titles = casesFor(CATALOGUE, new Set(), NAMES).map(({ title }) => title);
  for (const sender of ["<ann@kite.example>", "<x@[192.0.2.25]>", "<>"])
    assert.ok(titles.includes(`R30 from ${sender}`), sender);
  assert.ok(titles.includes("R75b from <> SMTPUTF8"));
});

/** Domains without the letters that the lookalikes swap, with A-labels, short and long. */
const DOMAINS = [
  "kite.example",
  "bdfg.hlmn",
  "xn--bcher-kva.example",
  "w3.org",
  `${"d".repeat(60)}.${"f".repeat(30)}.net`,
];

test("a domain that looks like ours is not ours, whatever ours is", () => {
  for (const text of DOMAINS) {
    const domain = parseDomain(text);
    assert.ok(domain);
    const names: Names = { ...NAMES, domain };
    const lookalikes = casesFor(CATALOGUE, new Set(), names).filter(({ vector }) =>
      /^R7[56]/.test(vector.id),
    );
    assert.ok(lookalikes.length >= 8);
    for (const { title, turns } of lookalikes) {
      const said = turns.map((turn) => (turn.kind === "say" ? turn.octets : "")).join("");
      const [, path = ""] = /RCPT TO:(.*)\r\n/.exec(Buffer.from(said, "latin1").toString()) ?? [];
      const read = parsePath(path, 0, true);
      const host = read.kind === "address" ? read.address.host : undefined;
      assert.notEqual(
        host?.kind === "domain" ? host.domain : undefined,
        domain,
        `${title} ${text}`,
      );
      assert.equal(read.kind, /^R76[abcdf]/.test(title) ? "fault" : "address", `${title} ${text}`);
    }
  }
});
