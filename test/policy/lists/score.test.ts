/** The policy tables: which answers of which lists mark, put off or refuse; and that nothing else does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  confirmStatus,
  judgeLists,
  markText,
  refusalStatus,
  voteText,
  wereAsked,
  type AskedAs,
  type ListedRules,
  type ListFact,
  type ListFacts,
  type ListJudgement,
} from "../../../src/policy/lists/index.ts";
import { boundedAnswers } from "../../../src/policy/lists/facts.ts";
import { listsOf } from "./lists.ts";

const CODES = {
  "127.0.0.2": { meaning: "ten", weight: 10 },
  "127.0.0.3": { meaning: "six", weight: 6 },
  "127.0.0.4": { meaning: "four", weight: 4 },
  "127.0.0.5": { meaning: "more than six", weight: 6.4 },
};

const RULES: ListedRules = {
  lists: listsOf(
    { zone: "a.example", name: "A", mode: "vote", answers: CODES },
    { zone: "b.example", name: "B", mode: "vote", answers: CODES },
    { zone: "new.example", name: "New", answers: CODES },
    { zone: "n.example", name: "Names", kind: "names", mode: "vote", answers: CODES },
    { zone: "r.example", name: "Relays", relays: true, mode: "vote", answers: CODES },
    { zone: "r2.example", name: "Relays2", relays: true, mode: "vote", answers: CODES },
    {
      zone: "bits.example",
      name: "Bits",
      mode: "vote",
      answers: {
        "127.0.0.&2": { meaning: "two", weight: 2 },
        "127.0.0.&8": { meaning: "eight", weight: 8 },
      },
    },
    { preset: "dnswl", name: "Good", mode: "vote" },
    { preset: "dnswl", zone: "good2.example", name: "GoodNew" },
    { file: "own.txt", name: "Own", mode: "vote" },
  ),
  refuse: 10,
  mark: 5,
  received: "mark",
  hopShare: 0.5,
  confirmMinutes: 15,
  confirmClients: 20,
};

/** "A client 127.0.0.2", with what is said of it behind: "since=20 others=30", "error=timeout", "sick". Confirmed for a day unless it says since when. */
function fact(text: string): ListFact {
  const [list = "", as = "", ...more] = text.split(" ");
  const value = (name: string): string | undefined =>
    more.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const codes = more.filter((word) => /^[0-9.]+$/.test(word));
  const error = value("error");
  const health = (["sick", "trial", "unproven"] as const).find((word) => more.includes(word));
  return {
    list,
    as: as as AskedAs, // the tables below have nothing else there
    subject: value("subject") ?? `${as}-subject`,
    ...(codes.length > 0 && { codes }),
    ...(error !== undefined && { error }),
    ...(health !== undefined && { health }),
    sinceMinutes: Number(value("since") ?? 1440),
    others: Number(value("others") ?? 0),
  };
}

function factsOf(texts: readonly string[]): ListFacts {
  return { about: {}, answers: texts.map(fact), clear: [] };
}

function judged(texts: readonly string[], rules: Partial<ListedRules> = {}): string {
  const { action, score } = judgeLists(factsOf(texts), { ...RULES, ...rules });
  return `${action} ${score}`;
}

type Case = readonly [facts: readonly string[], verdict: string, rules?: Partial<ListedRules>];

const TABLES: Readonly<Record<string, readonly Case[]>> = {
  "weights and thresholds": [
    [[], "pass 0"],
    [["A client 127.0.0.2"], "refuse 10"],
    [["A client 127.0.0.3"], "mark 6"],
    [["A client 127.0.0.4"], "pass 4"],
    [["A client 127.0.0.3", "B client 127.0.0.4"], "refuse 10"],
    [["A client 127.0.0.4", "B client 127.0.0.4"], "mark 8"],
    [["A client 127.0.0.3"], "refuse 6", { refuse: 6 }],
    [["A client 127.0.0.4"], "mark 4", { mark: 4 }],
    [["A client 127.0.0.2"], "mark 10", { refuse: 10.5 }],
  ],
  "a list counts once, with the strongest it says": [
    [["A client 127.0.0.4 127.0.0.3"], "mark 6"],
    [["Bits client 127.0.0.2"], "pass 2"],
    [["Bits client 127.0.0.10"], "mark 8"],
    [["Names helo 127.0.0.3", "Names sender 127.0.0.3", "Names author 127.0.0.4"], "mark 6"],
    [["Names helo 127.0.0.3", "A client 127.0.0.4"], "refuse 10"],
  ],
  "only lists that vote, are well, and say what is known of them": [
    [["New client 127.0.0.2"], "pass 0"],
    [["Gone client 127.0.0.2"], "pass 0"],
    [["A client 127.0.0.2 sick"], "pass 0"],
    [["A client 127.0.0.2 trial"], "pass 0"],
    [["A client 127.0.0.2 unproven"], "pass 0"],
    [["A client error=timeout"], "pass 0"],
    [["A client error=void"], "pass 0"],
    [["A client 127.0.0.77"], "pass 0"],
    [["A client 127.255.255.254"], "pass 0"],
    [["A client 127.0.0.2 127.255.255.254"], "pass 0"],
    [["A client 192.0.2.80"], "pass 0"],
    [["A client 127.0.0.2 192.0.2.80"], "pass 0"],
    [["A client 127.0.0.2 sick", "B client 127.0.0.3"], "mark 6"],
  ],
  "lists that vouch": [
    [["A client 127.0.0.2", "Good client 127.0.5.2"], "mark 5"],
    [["A client 127.0.0.2", "Good client 127.0.5.3"], "pass 0"],
    [["A client 127.0.0.2", "Good client 127.0.5.0"], "mark 9"],
    [["A client 127.0.0.2", "B client 127.0.0.2", "Good client 127.0.5.3"], "refuse 10"],
    [["A client 127.0.0.2", "Good client 127.0.5.3 sick"], "confirm 10"],
    [["A client 127.0.0.2", "GoodNew client 127.0.5.3"], "refuse 10"],
    [["Good client 127.0.5.3"], "pass -10"],
    // It says nothing: whether it would vouch is not known.
    [["A client 127.0.0.2", "Good client error=timeout"], "confirm 10"],
    [["A client 127.0.0.2", "Good client 127.0.0.255"], "confirm 10"],
    [["A client 127.0.0.2", "Good client sick"], "confirm 10"],
    [["A client 127.0.0.2", "GoodNew client error=timeout"], "refuse 10"],
    [["A client 127.0.0.2", "B client 127.0.0.2", "Good client error=timeout"], "refuse 20"],
    [["A client 127.0.0.3", "Good client error=timeout"], "mark 6"],
    // What somebody says of himself makes him no better.
    [["A client 127.0.0.2", "Good helo 127.0.5.3"], "refuse 10"],
    [["A client 127.0.0.2", "Good hop 127.0.5.3"], "refuse 10"],
  ],
  "hosts on the way": [
    [["Relays hop 127.0.0.2"], "mark 5"],
    [["Relays hop 127.0.0.3"], "pass 3"],
    [["A hop 127.0.0.2"], "pass 0"],
    [["Relays hop 127.0.0.2 subject=1", "Relays hop 127.0.0.2 subject=2"], "mark 5"],
    [["Relays hop 127.0.0.2", "Relays2 hop 127.0.0.2"], "mark 10"],
    [["Relays hop 127.0.0.2", "Relays2 hop 127.0.0.2", "A client 127.0.0.3"], "mark 16"],
    [["Relays hop 127.0.0.2", "Relays client 127.0.0.2"], "refuse 10"],
    [["Relays hop 127.0.0.2", "A client 127.0.0.2"], "refuse 10"],
    [["Relays hop 127.0.0.2"], "pass 0", { received: "ignore" }],
    [["Relays hop 127.0.0.2", "A client 127.0.0.3"], "mark 6", { received: "ignore" }],
    [["Relays hop 127.0.0.2"], "mark 5", { received: "refuse" }],
    [["Relays hop 127.0.0.2", "Relays2 hop 127.0.0.2"], "refuse 10", { received: "refuse" }],
    [["Relays hop 127.0.0.2", "A client 127.0.0.3"], "refuse 11", { received: "refuse" }],
    [["Relays hop 127.0.0.2"], "refuse 10", { received: "refuse", hopShare: 1 }],
    [["Relays hop 127.0.0.2"], "pass 0", { hopShare: 0 }],
    [["Relays hop 127.0.0.2"], "mark 10", { hopShare: 1 }],
  ],
  "alone or together": [
    [["A client 127.0.0.2 since=0 others=0"], "confirm 10"],
    [["A client 127.0.0.2 since=14 others=500"], "confirm 10"],
    [["A client 127.0.0.2 since=15 others=19"], "confirm 10"],
    [["A client 127.0.0.2 since=15 others=20"], "refuse 10"],
    [["A client 127.0.0.2 since=1439 others=0"], "confirm 10"],
    [["A client 127.0.0.2 since=1440 others=0"], "refuse 10"],
    [["A client 127.0.0.2 since=0"], "refuse 10", { confirmMinutes: 0 }],
    [["A client 127.0.0.2 since=15 others=0"], "refuse 10", { confirmClients: 0 }],
    [["A client 127.0.0.2 since=0", "B client 127.0.0.2 since=0"], "refuse 20"],
    // A list that goes mad has everybody, also those whom a weak one has: any one of them must be one too many.
    [["A client 127.0.0.2 since=0", "B client 127.0.0.4 since=0"], "confirm 14"],
    [["A client 127.0.0.2", "B client 127.0.0.4 since=0"], "refuse 14"],
    // 16.4 - 6.4 is a little less than 10, as computers count.
    [["A client 127.0.0.2", "B client 127.0.0.5 since=0"], "refuse 16.4"],
    [["A client 127.0.0.3 since=0", "B client 127.0.0.3 since=0"], "confirm 12"],
    [["A client 127.0.0.3", "B client 127.0.0.3 since=0"], "confirm 12"],
    [["A client 127.0.0.3", "B client 127.0.0.3"], "refuse 12"],
    [
      ["A client 127.0.0.2 since=0", "B client 127.0.0.2 since=0", "Good client 127.0.5.2"],
      "confirm 15",
    ],
    [["Own client 127.0.0.2 since=0", "B client 127.0.0.4 since=0"], "refuse 14"],
    [["A client 127.0.0.2 since=0", "New client 127.0.0.2"], "confirm 10"],
    [["A client 127.0.0.2 since=0", "B client 127.0.0.2 sick"], "confirm 10"],
    [["A client 127.0.0.2 since=0", "Good client 127.0.5.0"], "mark 9"],
    [["A client 127.0.0.3 since=0"], "mark 6"],
    [["Own client 127.0.0.2 since=0"], "refuse 10"],
    [["A client 127.0.0.2 since=0", "Relays hop 127.0.0.2"], "confirm 10"],
  ],
};

for (const [title, cases] of Object.entries(TABLES))
  test(title, () => {
    for (const [facts, verdict, rules] of cases)
      assert.equal(judged(facts, rules), verdict, `${facts.join(", ")} ${JSON.stringify(rules)}`);
  });

// ---- Properties ----

const anyFact: fc.Arbitrary<ListFact> = fc
  .tuple(
    fc.constantFrom(...RULES.lists.map(({ name }) => name), "Gone"),
    fc.constantFrom("client", "helo", "reverse", "sender", "author", "hop"),
    fc.constantFrom(
      "127.0.0.2",
      "127.0.0.3",
      "127.0.0.4",
      "127.0.5.3",
      "127.255.255.254",
      "192.0.2.80",
      "error=timeout",
    ),
    fc.constantFrom("", "sick", "trial", "unproven"),
    fc.constantFrom("", "since=0", "since=20 others=30"),
  )
  .map((words) => fact(words.filter((word) => word !== "").join(" ")));

const anyFacts = fc
  .array(anyFact, { maxLength: 12 })
  .map((answers): ListFacts => ({ about: {}, answers, clear: [] }));

const SEVERITY = ["pass", "mark", "confirm", "refuse"];

function severity({ action }: ListJudgement): number {
  return SEVERITY.indexOf(action);
}

test("whatever a header section claims, nothing but a mark follows from it at the default setting", () => {
  fc.assert(
    fc.property(anyFacts, fc.array(anyFact, { maxLength: 20 }), (facts, claims) => {
      const hops = claims.map((claim) => ({ ...claim, as: "hop" as const }));
      const before = judgeLists(withoutHops(facts), RULES);
      const after = judgeLists({ ...facts, answers: [...facts.answers, ...hops] }, RULES);
      if (severity(before) >= SEVERITY.indexOf("confirm"))
        assert.equal(after.action, before.action);
      else assert.ok(severity(after) <= SEVERITY.indexOf("mark"), after.action);
    }),
  );
});

test("nothing that somebody says of himself makes him better", () => {
  fc.assert(
    fc.property(anyFacts, fc.array(anyFact, { maxLength: 20 }), (facts, said) => {
      const own = said
        .filter(({ as }) => as !== "client")
        .filter(({ codes }) => codes !== undefined);
      const after = judgeLists({ ...facts, answers: [...facts.answers, ...own] }, RULES);
      assert.ok(severity(after) >= severity(judgeLists(facts, RULES)));
    }),
  );
});

test("lists that only observe, are sick, or fail change nothing but that a vouching one is waited for", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const heard = facts.answers.filter(
        ({ list, health, codes }) =>
          list !== "New" && list !== "GoodNew" && health === undefined && codes !== undefined,
      );
      const [all, some] = [
        judgeLists(facts, RULES),
        judgeLists({ ...facts, answers: heard }, RULES),
      ];
      assert.equal(all.score, some.score);
      if (all.wait?.for !== "answer") assert.equal(all.action, some.action);
    }),
  );
});

test("the same facts, written to the journal and read again, are judged the same", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      // What was written is what was there.
      const read = JSON.parse(JSON.stringify(facts)) as ListFacts;
      assert.deepEqual(judgeLists(read, RULES), judgeLists(facts, RULES));
    }),
  );
});

function withoutHops(facts: ListFacts): ListFacts {
  return { ...facts, answers: facts.answers.filter(({ as }) => as !== "hop") };
}

// ---- What is kept ----

test("whoever floods the facts with hosts loses those, and not what is known of the client", () => {
  const text = "x".repeat(200);
  const hops = Array.from({ length: 300 }, (_, i) => ({
    ...fact(`Relays hop 127.0.0.2 subject=${i}`),
    text,
  }));
  const { answers, leftOut = 0 } = boundedAnswers([...hops, fact("A client 127.0.0.2")]);
  assert.equal(answers[0]?.list, "A");
  assert.equal(answers.length + leftOut, 301);
  assert.ok(JSON.stringify(answers).length < 13_000);
});

test("facts of before suffice for lists that had been asked all of it", () => {
  const lists = listsOf(
    { zone: "a.example", name: "A", mode: "vote" },
    { zone: "n.example", name: "N", mode: "vote", kind: "names", ask: ["helo", "reverse"] },
    { zone: "new.example", name: "New" },
  );
  const about = { client: ["192.0.2.7"], helo: ["mx.example"], reverse: ["mx.example"] };
  const asked = { about, answers: [fact("A client 127.0.0.2")], clear: ["helo N", "reverse N"] };
  assert.equal(wereAsked(asked, lists), true);
  assert.equal(wereAsked({ ...asked, answers: [] }, lists), false, "a list that was not asked");
  assert.equal(wereAsked({ ...asked, clear: ["helo N"] }, lists), false, "nor about a part");
  assert.equal(
    wereAsked({ ...asked, about: { ...about, reverse: [] }, clear: ["helo N"] }, lists),
    true,
    "a part that was not there",
  );
  const { reverse: _, ...without } = about;
  assert.equal(
    wereAsked({ ...asked, about: without, clear: ["helo N"] }, lists),
    false,
    "names that nobody wanted",
  );
});

// ---- What it hangs on ----

test("a judgement names the setting without which it would be less", () => {
  const cases: readonly (readonly [
    facts: readonly string[],
    setting: string,
    rules?: Partial<ListedRules>,
  ])[] = [
    [["A client 127.0.0.2"], "refuse refuse"],
    [["A client 127.0.0.2 since=0"], "confirm confirm_minutes"],
    [["A client 127.0.0.2", "Good client sick"], "confirm refuse"],
    [["A client 127.0.0.3"], "mark mark"],
    [["A client 127.0.0.3", "Relays hop 127.0.0.2"], "mark mark"],
    [["A client 127.0.0.4", "Relays hop 127.0.0.2"], "mark received"],
    [["A client 127.0.0.3", "Relays hop 127.0.0.2"], "refuse received", { received: "refuse" }],
    [["A client 127.0.0.2", "Relays hop 127.0.0.2"], "refuse refuse", { received: "refuse" }],
  ];
  for (const [facts, setting, rules] of cases) {
    const { action, hangsOn } = judgement(facts, rules);
    assert.equal(`${action} ${hangsOn}`, setting, facts.join(", "));
  }
});

// ---- What is said ----

function judgement(texts: readonly string[], rules: Partial<ListedRules> = {}): ListJudgement {
  const facts = factsOf(texts);
  const answers = facts.answers.map((one) => ({ ...one, text: "see https://a.example/q" }));
  return judgeLists({ ...facts, answers }, { ...RULES, ...rules });
}

test("a refusal names the lists, what they are about, the reason, and where to turn to", () => {
  const { code, enhanced, text } = refusalStatus(
    judgement([
      "A client 127.0.0.2 subject=192.0.2.7",
      "B client 127.0.0.4 subject=192.0.2.7",
      "Names helo 127.0.0.4 subject=mx.bad.example",
    ]),
    "postmaster@local.example",
  );
  assert.equal(`${code} ${enhanced}`, "550 5.7.1");
  assert.equal(
    text,
    "your address 192.0.2.7 is listed by A (ten), B (four); the name you gave, mx.bad.example is listed by Names (four); A says: see https://a.example/q; if this is wrong, turn to postmaster@local.example",
  );
});

test("whoever is put off hears why, and when to come again", () => {
  const alone = confirmStatus(
    judgement(["A client 127.0.0.2 since=5 subject=192.0.2.7"]),
    "https://x.example",
  );
  assert.equal(`${alone.code} ${alone.enhanced}`, "451 4.7.1");
  assert.match(
    alone.text,
    /^your address 192\.0\.2\.7 is listed by A \(ten\); A says: .*; without A it would not be refused, and A is being confirmed; come again in 10 minutes; if this is wrong, turn to https:\/\/x\.example$/,
  );
  const silent = confirmStatus(
    judgement(["A client 127.0.0.2", "Good client sick"]),
    "x@y.example",
  );
  assert.match(silent.text, /; Good, which may vouch for you, does not answer; come again later; /);
});

test("what a list that observes would have said is told beside what counts", () => {
  const { observed, score } = judgement([
    "New client 127.0.0.2",
    "New helo 127.0.0.4",
    "A client 127.0.0.4",
  ]);
  assert.deepEqual([score, observed.map(voteText)], [4, ["New: client client-subject ten 10"]]);
});

test("however long names and reasons are, the appeal is said", () => {
  const long = `${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(60)}`;
  const facts = factsOf([`Names helo 127.0.0.2 subject=${long}`, `A client 127.0.0.2`]);
  const answers = facts.answers.map((one) => ({ ...one, text: "t".repeat(200) }));
  const appeal = "h".repeat(100);
  for (const status of [refusalStatus, confirmStatus]) {
    const { text } = status(judgeLists({ ...facts, answers }, RULES), appeal);
    assert.ok(text.endsWith(`; if this is wrong, turn to ${appeal}`), text);
    assert.ok(text.length <= 400);
  }
});

test("a mark says the score and what it is made of", () => {
  assert.equal(
    markText(judgement(["A client 127.0.0.4", "Relays hop 127.0.0.2", "Good client 127.0.5.0"])),
    "listed=8 (Relays 5, A 4, Good -1)",
  );
});
