/** Who is greylisted and who is not, what is remembered of an attempt, and what it is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { IdentityLevel } from "../../src/mail/index.ts";
import {
  decide,
  stages,
  type Decision,
  type Greylist,
  type GreylistAttempt,
} from "../../src/policy/checks/index.ts";
import { RECIPIENT_CLASSES } from "../../src/policy/routing/index.ts";
import { subjectOf, told, type Asked } from "./stranger.ts";

const EARLY =
  "greylist: 450 4.7.1 greylisted: no mail server of your network 9.8.7.0/24 is known here yet; " +
  "send this again in 5 minutes, and from then on nothing from there has to wait";

const DELAY_MS = 3_600_000;

interface Plan {
  readonly below?: IdentityLevel;
  readonly passed?: readonly string[];
  readonly secondsLeft?: number;
}

/** Judges, and gives what was remembered. */
function setUp({ below = "certificate", passed = [], secondsLeft = 300 }: Plan = {}) {
  const attempts: GreylistAttempt[] = [];
  const greylist: Greylist = {
    below,
    delayMs: DELAY_MS,
    hasPassed: (network) => passed.includes(network),
    attempt: (attempt) => {
      attempts.push(attempt);
      return DELAY_MS - secondsLeft * 1000;
    },
  };
  const { recipient } = stages({ greylist });
  const judge = async (asked: Asked = {}): Promise<string> =>
    told(await recipient(subjectOf(asked)));
  return { attempts, judge, recipient };
}

test("a stranger's first attempt is put off, in words that say what happens and when to come again", async () => {
  const { attempts, judge } = setUp();
  assert.equal(await judge(), EARLY);
  assert.deepEqual(attempts, [
    { network: "9.8.7.0/24", sender: "foreign.example", recipient: "ann@local.example" },
  ]);
});

test("what is left is said in seconds where it is short, and never too early", async () => {
  for (const [secondsLeft, words] of [
    [1, "1 second"],
    [120, "120 seconds"],
    [121, "3 minutes"],
    [3600, "60 minutes"],
  ] as const)
    assert.match(await setUp({ secondsLeft }).judge(), new RegExp(` again in ${words}, and `));
});

test("whoever has waited, and whose network is known, is taken", async () => {
  assert.equal(await setUp({ secondsLeft: 0 }).judge(), "continue");
  const known = setUp({ passed: ["9.8.7.0/24"] });
  assert.equal(await known.judge({ level: () => assert.fail("nobody has to ask") }), "continue");
  assert.deepEqual(known.attempts, []);
});

test("an attempt is the network's, the sender's domain's and the recipient's, in one form each", async () => {
  const { attempts, judge } = setUp();
  const spellings: readonly Asked[] = [
    { ip: "9.8.7.250", from: "other=tag@FOREIGN.example", to: "Ann@Local.EXAMPLE" },
    { ip: "::ffff:9.8.7.1" },
  ];
  for (const asked of [{}, ...spellings]) await judge(asked);
  assert.equal(new Set(attempts.map((one) => JSON.stringify(one))).size, 1);
  await judge({ ip: "2a00:1450:1:2:3::4", from: "sam@[192.0.2.1]" });
  assert.deepEqual(attempts.at(-1), {
    network: "2a00:1450:1:2::/64",
    sender: "[192.0.2.1]",
    recipient: "ann@local.example",
  });
});

test("logins, trusted networks, the null path, postmaster and abuse are not asked", async () => {
  const spared: readonly Asked[] = [
    { client: { login: "ann@local.example" } },
    { client: { network: "9.8.7.0/28" } },
    { from: "" },
    { to: "postmaster", recipient: "role" },
    { to: "postmaster@local.example", recipient: "role" },
    { to: "Abuse@local.example", recipient: "mailbox" },
    { to: "postmaster@inner.example", recipient: "gateway recipient" },
  ];
  const { attempts, judge } = setUp();
  for (const asked of spared) assert.doesNotMatch(await judge(asked), /^greylist/);
  assert.deepEqual(attempts, []);
});

test("loopback and private addresses are strangers like any other", async () => {
  for (const ip of ["127.0.0.1", "10.0.0.1"])
    assert.match(await setUp().judge({ ip }), /^greylist/);
});

test("whoever is refused for good hears that, and nothing is remembered of what the table refuses", async () => {
  const { attempts, judge } = setUp();
  for (const recipient of RECIPIENT_CLASSES) {
    const said = await judge({ recipient });
    assert.match(
      said,
      recipient.endsWith("gateway recipient") ? /^gateway: 550/ : /^(?:relay|return|greylist): /,
    );
  }
  const taken = RECIPIENT_CLASSES.filter((one) => isDelivered(decide("public address", one)));
  assert.equal(attempts.length, taken.length);
});

function isDelivered({ kind }: Decision): boolean {
  return kind !== "refuse" && kind !== "keep";
}

test("the level says who is spared, and the DNS may take its time to tell", async () => {
  const levels = ["none", "forward-confirmed", "certificate", "pinned"] as const;
  for (const below of levels.slice(1))
    for (const level of levels) {
      const isSpared = levels.indexOf(level) >= levels.indexOf(below);
      const { attempts, judge } = setUp({ below });
      for (const known of [() => level, () => Promise.resolve(level)])
        assert.equal(await judge({ level: known }), isSpared ? "continue" : EARLY);
      assert.equal(attempts.length, isSpared ? 0 : 2);
    }
});

test("explain shows what it was judged on", async () => {
  const { recipient } = setUp();
  const evidence = { greylist: "early", network: "9.8.7.0/24", level: "none", secondsLeft: 300 };
  assert.deepEqual((await recipient(subjectOf())).evidence, evidence);
});

test("a memory that cannot be read decides nothing", async () => {
  const broken = (): never => {
    throw new Error("disk full");
  };
  const { recipient } = stages({
    greylist: { below: "certificate", delayMs: DELAY_MS, hasPassed: broken, attempt: broken },
  });
  await assert.rejects(async () => recipient(subjectOf()), /disk full/);
});
