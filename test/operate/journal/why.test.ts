/** Why it was decided so: the setting, other values tried with the real checks, what else would have changed it, and what it would be now. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  messageId,
  sessionId,
  status,
  type AttemptFacts,
  type CheckedFacts,
  type FactDecision,
  type FactEvent,
  type FactValue,
  type Facts,
} from "../../../src/mail/index.ts";
import { decisionLines } from "../../../src/operate/journal/decision-text.ts";
import { endLines, messageEnds } from "../../../src/operate/journal/ends.ts";
import type { Judges } from "../../../src/operate/journal/index.ts";
import { whyOf } from "../../../src/operate/journal/why.ts";
import { stages, type OriginActions } from "../../../src/policy/checks/index.ts";
import { DEFAULT_ORIGIN_ACTIONS } from "../../../src/policy/checks/origin.ts";

interface Set {
  readonly hops?: number;
  readonly spf?: OriginActions["spf"];
}

/** A configuration of two settings. */
function judgesOf(settings: Set = {}): Judges {
  const { hops = 100, spf = "refuse" } = settings;
  const table: Readonly<Record<string, FactValue>> = {
    "limits.hops": hops,
    "authentication.spf": spf,
  };
  const change = (key: string, value: FactValue): Set | undefined => {
    if (key === "limits.hops" && typeof value === "number") return { ...settings, hops: value };
    if (key === "authentication.spf") return { ...settings, spf: value as OriginActions["spf"] }; // a choice
    return undefined;
  };
  const of = (set: Set) =>
    stages({
      hops: set.hops ?? 100,
      origin: { ...DEFAULT_ORIGIN_ACTIONS, spf: set.spf ?? "refuse" },
    });
  return {
    file: "/etc/gatepost.toml",
    stages: of(settings),
    setting: (key) => {
      const value = table[key];
      return value === undefined ? undefined : { value, written: key === "authentication.spf" };
    },
    choices: (key) => (key === "authentication.spf" ? ["mark", "refuse", "ignore"] : []),
    changed: (key, value) => {
      const set = change(key, value);
      return set && of(set);
    },
  };
}

const NOT_CONCERNED = ["return size", "dmarc", "dkim", "iprev", "admission"];

function decision(check: string, checks: readonly CheckedFacts[]): FactDecision {
  const others = NOT_CONCERNED.map(
    (name) => ({ check: name, action: "continue", facts: {} }) as const,
  );
  return {
    check,
    action: "refuse",
    status: status(550, "5.7.23", "SPF says no", "policy/spf"),
    evidence: {},
    checks: [...checks, ...others],
  };
}

const HOPS: CheckedFacts = { check: "hops", action: "continue", facts: { received: 2 } };

const BY_SPF = decision("spf", [
  HOPS,
  {
    check: "spf",
    action: "refuse",
    facts: { spf: "fail", spfDomain: "bad.example", dmarc: "none" },
    setting: { key: "authentication.spf", value: "refuse" },
  },
]);

const LOOPING = decision("hops", [
  {
    check: "hops",
    action: "refuse",
    facts: { received: 117 },
    setting: { key: "limits.hops", value: 100 },
  },
  { check: "spf", action: "continue", facts: {} },
]);

test("a setting that decided is named with its file, and each other word for it is tried", () => {
  const why = whyOf("message", BY_SPF, judgesOf());
  const [setting] = why?.settings ?? [];
  assert.equal(setting?.file, "/etc/gatepost.toml");
  assert.deepEqual(setting.now, { value: "refuse", written: true });
  assert.deepEqual(
    setting.tried.map(({ value, told }) => [value, told.action, told.check]),
    [
      ["mark", "mark", "spf"],
      ["ignore", "continue", setting.tried[1]?.told.check],
    ],
  );
  assert.match(why?.otherwise.join() ?? "", /an SPF record of bad\.example that names this host/);
  assert.equal(why?.now, undefined);
});

test("of a number the least larger one that would have changed it is found", () => {
  const [setting] = whyOf("message", LOOPING, judgesOf())?.settings ?? [];
  assert.deepEqual(
    setting?.tried.map(({ value, andMore, told }) => [value, andMore, told.action]),
    [[117, true, "continue"]],
  );
});

test("settings that have changed since are said, with what it would be now", () => {
  const why = whyOf("message", BY_SPF, judgesOf({ spf: "mark" }));
  assert.deepEqual([why?.now?.action, why?.now?.check], ["mark", "spf"]);
  const text = decisionLines(BY_SPF, why).join("\n");
  assert.match(
    text,
    /authentication\.spf = "refuse"; by now it is "mark" in \/etc\/gatepost\.toml/,
  );
  assert.match(text, /now +marked by spf: settings have changed since/);
});

test("what is not kept is not guessed: nothing is said to change it", () => {
  const gone = decision("hops", [
    { check: "hops", action: "refuse", setting: { key: "limits.hops", value: 100 } },
  ]);
  const why = whyOf("message", gone, judgesOf());
  assert.deepEqual([why?.settings[0]?.tried, why?.otherwise, why?.now], [[], [], undefined]);
});

test("nothing against it: nothing to explain", () => {
  const passed: FactDecision = { check: "hops", action: "continue", evidence: {}, checks: [HOPS] };
  assert.equal(whyOf("message", passed, judgesOf()), undefined);
});

test("a decision reads as what was said, each check with its facts, the setting, what would have changed it", () => {
  assert.equal(
    decisionLines(BY_SPF, whyOf("message", BY_SPF, judgesOf())).join("\n"),
    `  refused by spf: 550 5.7.23 SPF says no
    hops            passed    received=2
    spf             refused   spf=fail spfDomain=bad.example dmarc=none
    not concerned: return size, dmarc, dkim, iprev, admission
  setting  authentication.spf = "refuse" in /etc/gatepost.toml
  else with authentication.spf = "mark": marked by spf
            authentication.spf = "ignore": passed
            an SPF record of bad.example that names this host
            a pass of its author's domain by DMARC`,
  );
});

test("facts that were too large, and settings that nobody has written, are said to be so", () => {
  const why = whyOf("message", LOOPING, judgesOf());
  const large: FactDecision = { ...LOOPING, checks: [{ check: "spf", action: "continue" }] };
  assert.match(
    decisionLines(large, why).join("\n"),
    /spf +passed +facts that were too large to keep/,
  );
  assert.match(
    decisionLines(LOOPING, why).join("\n"),
    /limits\.hops = 100, the default; \/etc\/gatepost\.toml does not name it\n {2}else with limits\.hops = 117 or more: passed\n/,
  );
});

// ---- What became of what was taken ----

const MESSAGE = messageId(sessionId(new Uint8Array(12)), 1);

function taken(recipient: string, kind: string, more: Facts = {}): FactEvent {
  return {
    at: 0,
    kind: "recipient",
    address: recipient,
    decision: {
      check: "relay",
      action: "continue",
      evidence: {},
      checks: [
        {
          check: "relay",
          action: "continue",
          facts: { client: "login", recipient: kind, ...more },
        },
      ],
    },
  };
}

const ACCEPTED: FactEvent = {
  at: 0,
  kind: "message",
  message: MESSAGE,
  octets: 1,
  decision: { check: "", action: "accept", evidence: {} },
};

test("what stays here is there; what leaves is followed by its attempts to its end", () => {
  const events = [
    taken("ann@local.example", "mailbox"),
    taken("x@foreign.example", "foreign domain"),
    ACCEPTED,
  ];
  const outcome = {
    status: status(250, "2.0.0", "Ok", "remote"),
    reply: { host: "mx", lines: ["250 2.0.0 queued as 4X"] },
  };
  const later = { status: status(451, "4.3.0", "later", "remote") };
  const attempt = (at: number, delivered: boolean): AttemptFacts => ({
    v: 1,
    protocol: "delivery",
    message: MESSAGE,
    at,
    endedAt: at,
    sender: "",
    destination: "foreign.example",
    recipients: [
      {
        address: "x@foreign.example",
        outcome: delivered ? outcome : later,
        end: delivered ? { kind: "delivered" } : { kind: "due again", dueAt: at + 60_000 },
      },
    ],
  });
  const at = Date.UTC(2026, 0, 31, 23, 59, 58);
  const [waiting] = messageEnds(events, [attempt(at, false)], []);
  assert.match(
    endLines(waiting ?? assert.fail()).join("\n"),
    /<x@foreign\.example> in the queue after 1 attempt, the next at 2026-02-01 00:00:58 UTC: 451 4\.3\.0 later/,
  );
  const [done] = messageEnds(events, [attempt(at + 60_000, true), attempt(at, false)], []);
  assert.deepEqual(endLines(done ?? assert.fail()), [
    `delivery ${MESSAGE}`,
    "  <ann@local.example> in its mailbox here since it was accepted",
    "  <x@foreign.example> delivered at 2026-02-01 00:00:58 UTC, after 2 attempts: 250 2.0.0 queued as 4X",
  ]);
});

test("an alias that leads abroad and to mailboxes here is here too", () => {
  const ends = (here: Facts): readonly (readonly string[])[] =>
    messageEnds([taken("all@local.example", "alias abroad", here), ACCEPTED], [], []).map(
      (end) => end.here,
    );
  assert.deepEqual(ends({ here: true }), [["all@local.example"]]);
  assert.deepEqual(ends({}), [[]]);
});

test("a message that was refused has no end", () => {
  const refused: FactEvent = { ...ACCEPTED, decision: { ...BY_SPF } };
  assert.deepEqual(messageEnds([taken("ann@local.example", "mailbox"), refused], [], []), []);
});
