/** Servers that begin to refuse the tester in the middle of a test: what they refuse from then on makes nobody closed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tested } from "./tested.ts";
import type { HostScript } from "./scripted-host.ts";

const USUAL = /^MAIL FROM:<t-[a-z2-7]+\.b@tester\.example>$/;
const NO = "554 5.7.1 go away";

/** From the twentieth connection on it answers so. */
function later(matches: RegExp): HostScript {
  return {
    offers: ["STARTTLS"],
    answer: (command, { number }) => (number >= 20 && matches.test(command) ? NO : undefined),
  };
}

const isBlocker = ({ endpoint }: Awaited<ReturnType<typeof tested>>): boolean =>
  endpoint.character.some(({ trait }) => trait === "tester-blocker");

test("a refusal of what was taken at the beginning is about the tester, wherever it is", async () => {
  for (const [what, matches] of [
    ["the greeting", /^greeting$/],
    ["the greeting commands", /^(?:EHLO|HELO)/],
    ["STARTTLS", /^STARTTLS$/],
    ["every sender", /^MAIL/],
    ["the usual sender", USUAL],
    ["every recipient", /^RCPT/],
  ] as const) {
    const blocked = await tested(later(matches));
    assert.equal(blocked.result.verdict, "inconclusive", what);
    assert.ok(isBlocker(blocked), what);
    assert.match(blocked.report, /go away/, what);
  }
});

test("most of a test is not said to a server that has begun to refuse the tester", async () => {
  const { endpoint } = await tested(later(/^(?:EHLO|HELO)/));
  assert.ok(endpoint.cases.length < 300, `${endpoint.cases.length} cases`);
});

test("a refusal at the last look alone is seen, also where nobody was known before", async () => {
  const unknown = (said: string): string => `550 5.1.1 ${said}`;
  const { endpoint } = await tested({
    answer: (command, { number }) => {
      if (!command.startsWith("RCPT TO:<user@")) return undefined;
      return unknown(number < 20 ? "no such user" : "you are on our blocklist");
    },
  });
  assert.equal(endpoint.grade, "inconclusive");
});

test("one that takes nobody's MAIL is not called closed, but where it wants a login first", async () => {
  const refusing = (reply: string): HostScript => ({
    answer: (command) => (command.startsWith("MAIL") ? reply : undefined),
  });
  const blocked = await tested(refusing(NO));
  assert.equal(blocked.result.verdict, "inconclusive");
  assert.ok(isBlocker(blocked));
  const login = await tested(refusing("530 5.7.0 Authentication required"));
  assert.equal(login.result.verdict, "closed");
});

test("a case's own greeting and own sender may be refused, for now or for good", async () => {
  for (const [code, grade] of [
    ["550 5.7.1 no", "closed"],
    ["450 4.7.1 not now", "weak"],
  ] as const) {
    const { result, host } = await tested({
      answer: (command) =>
        /^(?:EHLO|HELO) (?!tester\.example$)/.test(command) ||
        /^MAIL FROM:<[^>]*local\.example>/.test(command)
          ? code
          : undefined,
    });
    assert.equal(result.grade, grade);
    assert.equal(result.verdict, "closed");
    assert.deepEqual(
      host.slept.filter((ms) => ms >= 5000),
      [],
    );
  }
});

test("who puts off the usual sender for a while is waited for, and tested to the end", async () => {
  let puts = 0;
  const { result, host } = await tested(
    {
      answer: (command, { number }) =>
        number >= 2 && USUAL.test(command) && puts++ < 3 ? "450 4.7.1 slow down" : undefined,
    },
    { only: ({ id }) => id === "R01" },
  );
  assert.equal(result.grade, "closed");
  assert.ok(host.slept.includes(5000));
});
