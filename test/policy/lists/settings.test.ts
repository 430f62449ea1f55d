/** What an operator may write about lists, and that no key is in anything that is shown. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import type { List } from "../../../src/policy/lists/index.ts";
import { PRESETS } from "../../../src/policy/lists/presets.ts";
import { listedSchema, listsSchema } from "../../../src/policy/lists/settings.ts";
import { listsOf, zoneList } from "./lists.ts";

test("no list by default, and a list only observes", () => {
  assert.deepEqual(listsSchema.parse(undefined), []);
  for (const preset of PRESETS.keys())
    assert.deepEqual(
      listsOf({ preset }).map(({ mode }) => mode),
      ["observe"],
      preset,
    );
});

test("a list has the test entry of RFC 5782, its preset's, or the one that is written; of its own kind", () => {
  const entries = listsOf(
    { zone: "a.example" },
    { preset: "spamhaus-dbl" },
    { preset: "uribl", test: "other.example" },
    { zone: "b.example", test: "192.0.2.99" },
  ).map((list) => list.test);
  assert.deepEqual(entries, [
    undefined,
    { kind: "name", domain: "dbltest.com" },
    { kind: "name", domain: "other.example" },
    { kind: "address", ip: "192.0.2.99" },
  ]);
  const wrong = listsSchema.safeParse([{ zone: "a.example", test: "test.example" }]);
  assert.match(wrong.error?.message ?? "", /no entry of a list of addresses; expected an address/);
});

test("a zone needs nothing but its name", () => {
  const [list] = listsOf({ zone: "BL.Example." });
  assert.ok(list?.source === "zone");
  const { name, zone, kind, ask, answers, errors, relays } = list;
  assert.deepEqual(
    { name, zone, kind, ask: [...ask], answers: rules(list), errors, relays },
    {
      name: "BL.Example.",
      zone: "bl.example",
      kind: "addresses",
      ask: ["client"],
      answers: "127.0.0.2 listed 10",
      errors: [],
      relays: false,
    },
  );
  assert.equal(answers.length, 1);
});

const FILLED: readonly (readonly [
  title: string,
  written: Readonly<Record<string, unknown>>,
  filled: string,
])[] = [
  [
    "open relays are asked about hosts on the way too",
    { zone: "r.example", relays: true },
    "r.example client,hop 127.0.0.2 listed 10",
  ],
  [
    "names",
    { zone: "d.example", kind: "names" },
    "d.example helo,reverse,sender,author 127.0.0.2 listed 10",
  ],
  [
    "a file says itself what its entries answer",
    { file: "lists/own.txt" },
    "own.txt client 127.*.*.* listed 10",
  ],
  [
    "a weight of one's own",
    { zone: "w.example", weight: 3 },
    "w.example client 127.0.0.2 listed 3",
  ],
  [
    "answers with and without a weight",
    {
      zone: "a.example",
      weight: 4,
      answers: { "127.0.0.2": { meaning: "x", weight: 7 }, "127.0.0.3": { meaning: "y" } },
    },
    "a.example client 127.0.0.2 x 7, 127.0.0.3 y 4",
  ],
  ["a preset", { preset: "spamcop" }, "SpamCop client 127.0.0.2 reported as spam 5"],
  [
    "a preset with another weight and name",
    { preset: "spamcop", weight: 2, name: "SC" },
    "SC client 127.0.0.2 reported as spam 2",
  ],
  [
    "a preset with other answers",
    { preset: "spamcop", answers: { "127.0.0.2": { meaning: "z" } } },
    "SpamCop client 127.0.0.2 z 10",
  ],
  [
    "a preset's mirror",
    { preset: "psbl", zone: "psbl.inner.example" },
    "PSBL client 127.0.0.2 sent to spam traps 5",
  ],
];

for (const [title, written, filled] of FILLED)
  test(`filled in: ${title}`, () => {
    const [list] = listsOf(written);
    assert.ok(list !== undefined);
    assert.equal(`${list.name} ${[...list.ask].join(",")} ${rules(list)}`, filled);
  });

const FAULTS: readonly (readonly [written: Readonly<Record<string, unknown>>, fault: RegExp])[] = [
  [{}, /^0\.zone: expected one of preset, zone and file$/],
  [{ zone: "a.example", file: "a.txt" }, /^0\.file: expected one of zone and file$/],
  [{ preset: "zen" }, /^0\.preset: there is no preset "zen"; expected one of spamhaus-zen, /],
  [{ zone: "example" }, /^0\.zone: expected a name of the DNS/],
  [{ zone: "a..example" }, /^0\.zone: expected a name of the DNS/],
  [{ file: "a.txt", key: "abc" }, /^0\.key: a file needs no key$/],
  [{ zone: "a.example", key: "abc" }, /^0\.zone: expected \{key\} where the key belongs/],
  [{ zone: "{key}.a.example" }, /^0\.key: the zone has \{key\}, and there is no key$/],
  [{ preset: "spamcop", key: "abc" }, /^0\.key: SpamCop has no customers' zone/],
  [{ preset: "spamhaus-zen", key: "a.b" }, /^0\.key: expected letters, digits and hyphens/],
  [{ zone: "a.example", ask: ["helo"] }, /^0\.ask: "helo" is nothing for a list of addresses/],
  [
    { zone: "a.example", kind: "names", ask: ["client"] },
    /^0\.ask: "client" is nothing for a list of names/,
  ],
  [
    { zone: "a.example", ask: ["hop"] },
    /^0\.ask: hosts on the way are asked of lists of open relays alone/,
  ],
  [{ zone: "a.example", kind: "names", relays: true }, /^0\.relays: open relays are addresses/],
  [
    { zone: "a.example", relays: true, weight: -1 },
    /^0\.ask: a list that vouches .* is asked about the address that connects alone/,
  ],
  [
    { zone: "a.example", answers: { "127.0.0.1000": { meaning: "x" } } },
    /^0\.answers: "127\.0\.0\.1000" is no code/,
  ],
  [{ zone: "a.example", errors: ["10.0.0.1"] }, /^0\.errors\.0: "10\.0\.0\.1" is outside 127/],
  [{ zone: "a.example", name: 'a "b"' }, /^0\.name: expected printable ASCII without quotes/],
  // What lists say is written down with these between their names, and read again by `gatepost lists amnesty`.
  [{ zone: "a.example", name: "a; b" }, /^0\.name: expected printable ASCII without .*semicolons$/],
  [
    { zone: "a.example", answers: { "127.0.0.2": { meaning: "spam; B: client" } } },
    /^0\.answers\.127\.0\.0\.2\.meaning: expected no semicolon/,
  ],
  ...["a; B.txt", "a: b.txt", "a, b.txt", 'a "b".txt'].map(
    (file) =>
      [
        { file },
        /^0\.name: the file's name is no name of a list; expected name = "…": printable ASCII without/,
      ] as const,
  ),
  [{ zone: "a.example", mode: "on" }, /^0\.mode: /],
  [{ zone: "a.example", tresholds: 1 }, /tresholds/],
];

for (const [written, fault] of FAULTS)
  test(`a list that cannot be meant: ${JSON.stringify(written)}`, () => {
    assert.match(faults([written]), fault);
  });

test("a file whose own name is no list's has one that is written", () => {
  assert.equal(listsOf({ file: "a; b.txt", name: "Own" })[0]?.name, "Own");
});

test("nothing that a preset is called or means has what separates votes", () => {
  for (const { name, answers } of PRESETS.values())
    for (const text of [name, ...Object.values(answers).map(({ meaning }) => meaning)])
      assert.doesNotMatch(text, /;/);
});

test("no two lists have one name or one place", () => {
  const a = { zone: "a.example" };
  assert.match(
    faults([a, a]),
    /two lists are called a\.example.*there twice, and would count twice/s,
  );
  assert.match(
    faults([a, { zone: "A.example", name: "b" }]),
    /^1\.zone: A\.example is there twice/,
  );
  assert.match(faults([a, { zone: "b.example", name: "a.example" }]), /^1\.name: two lists/);
});

test("a key is in the zone that is asked, and in nothing that is shown", () => {
  const list = zoneList({ preset: "spamhaus-dbl", key: "s3cret" });
  assert.equal(list.zone, "s3cret.dbl.dq.spamhaus.net");
  assert.deepEqual([list.name, list.shownZone], ["Spamhaus DBL", "dbl.dq.spamhaus.net"]);
  const own = zoneList({ zone: "{key}.bl.example", key: "s3cret" });
  assert.deepEqual(
    [own.zone, own.name, own.shownZone],
    ["s3cret.bl.example", "bl.example", "bl.example"],
  );
});

test("a key that is written into a zone is refused, and no fault says a key", () => {
  const keyed = [
    { zone: "s3cret.zen.dq.spamhaus.net" },
    { zone: "a.example", key: "s3cret" },
    { preset: "spamcop", key: "s3cret" },
    { zone: "{key}..example", key: "s3cret" },
    { file: "a.txt", key: "s3cret" },
    { preset: "spamhaus-zen", key: "s3cret!" },
    { zone: "{key}.a.example", key: "s3cret", ask: ["helo"] },
  ];
  for (const written of keyed) {
    const said = faults([written]);
    assert.notEqual(said, "", inspect(written));
    assert.doesNotMatch(said, /s3cret/);
  }
});

test("the weights of presets: one alone refuses only where it says who is abusing, and dnswl vouches", () => {
  const heaviest = [...PRESETS].map(([key, { answers }]) => {
    const weights = Object.values(answers).map(({ weight }) => weight);
    return `${key} ${Math.min(...weights)} ${Math.max(...weights)}`;
  });
  assert.deepEqual(heaviest, [
    "spamhaus-zen 10 10",
    "spamhaus-dbl 3 10",
    "spamcop 5 5",
    "dnswl -10 -1",
    "barracuda 5 5",
    "psbl 5 5",
    "mailspike 3 6",
    "surbl 3 5",
    "uribl 2 5",
  ]);
});

test("thresholds and times have defaults, and the mark is not above the refusal", () => {
  const settings = listedSchema.parse({});
  const { trusted_hops, ...plain } = settings;
  assert.deepEqual(trusted_hops, []);
  assert.deepEqual(plain, {
    refuse: 10,
    mark: 5,
    received: "mark",
    hop_share: 0.5,
    confirm_minutes: 15,
    confirm_clients: 20,
    appeal: "",
    question_ms: 3000,
    total_ms: 5000,
    private_clients: false,
  });
  assert.match(listedFaults({ mark: 11 }), /^mark: expected at most refuse, which is 10$/);
  assert.match(
    listedFaults({ trusted_hops: ["0.0.0.0/0"] }),
    /^trusted_hops\.0: this would believe everybody/,
  );
  assert.match(
    listedFaults({ trusted_hops: ["mx"] }),
    /^trusted_hops\.0: expected an address or a block/,
  );
  assert.match(listedFaults({ appeal: "ask us" }), /^appeal: expected an address or a URL/);
  assert.match(listedFaults({ hop_share: 1.5 }), /^hop_share: /);
});

function rules({ answers }: List): string {
  return answers
    .map(({ pattern, meaning, weight }) => `${pattern.text} ${meaning} ${weight}`)
    .join(", ");
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function faults(written: unknown): string {
  return issuesText(listsSchema.safeParse(written).error?.issues);
}

function listedFaults(written: unknown): string {
  return issuesText(listedSchema.safeParse(written).error?.issues);
}

function issuesText(issues: readonly Issue[] = []): string {
  return issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n");
}
