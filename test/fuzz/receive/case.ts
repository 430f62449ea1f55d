/**
 * One case of the receiving service: the SMTP engine with its real desk, on a small site where everything may fail. The
 * client is the SMTP fuzzer's.
 */
import assert from "node:assert/strict";
import { Conversation, MemoryWire } from "../../../src/protocol/dialogue/index.ts";
import type { SmtpAnswer, SmtpAsk, SmtpTell } from "../../../src/protocol/smtp/index.ts";
import { CheckedSession } from "../checked-session.ts";
import { Dice } from "../dice.ts";
import { happen } from "../happen.ts";
import type { Scenario } from "../scenario.ts";
import { smtpHappenings } from "../smtp/generator.ts";
import { SMTP } from "../smtp/subject.ts";
import { Trace, type TraceItem } from "../trace.ts";
import { ChaosSite, isOurs } from "./site.ts";

/** The limits here are wide: what is tried is the desk. */
const SETTINGS = 3;

/** Promises that may have to be kept before a desk answers. */
const PATIENCE_TURNS = 100;

export function makeReceive(seed: number): Scenario {
  const dice = new Dice(seed);
  const happenings = smtpHappenings(dice);
  return { protocol: "receive", settings: SETTINGS, mood: dice.next(), happenings };
}

/** Rejects when anything is not as it must be. */
export async function tryReceive(scenario: Scenario): Promise<void> {
  const dice = new Dice(scenario.mood);
  const site = new ChaosSite(dice);
  const trace = new Trace<SmtpAsk, SmtpTell, SmtpAnswer>();
  const engine = SMTP.engine(scenario.settings);
  const session = new CheckedSession(engine, SMTP.contract(scenario.settings), trace);
  const wire = new MemoryWire();
  const conversation = new Conversation(session, site.desk(), wire);
  /** Waits until it is the client's turn, or a little while. */
  const settle = async (turns = PATIENCE_TURNS): Promise<void> => {
    while (turns-- > 0 && (session.waitsFor === "desk" || wire.paused)) {
      site.drain();
      await Promise.resolve();
    }
  };
  conversation.start();
  for (const happening of scenario.happenings) {
    happen(conversation, wire, happening);
    await settle(dice.chance(70) ? PATIENCE_TURNS : dice.below(3));
  }
  await settle();
  conversation.closed();
  for (let turns = PATIENCE_TURNS; turns > 0; turns--) await Promise.resolve(); // a commit that was under way ends
  trace.flush();
  site.account(acceptedIds(trace.items));
}

type Item = TraceItem<SmtpAsk, SmtpTell, SmtpAnswer>;

/** Ids of the messages that the client was told were taken; no other recipients than ours were taken on the way. */
function acceptedIds(items: readonly Item[]): string[] {
  const ids: string[] = [];
  let ask: SmtpAsk | undefined;
  for (const item of items) {
    if (item.kind === "asked") ask = item.ask;
    if (item.kind !== "answered" || ask === undefined) continue;
    const { answer } = item;
    if (ask.kind === "recipient" && answer.kind === "proceed" && ask.forwardPath !== "postmaster")
      assert.ok(isOurs(ask.forwardPath), "a recipient that is not ours was taken");
    if (ask.kind !== "message") continue;
    assert.equal(answer.kind, "status");
    const id = /^accepted as (.+)$/.exec(answer.kind === "status" ? answer.status.text : "")?.[1];
    if (id !== undefined) ids.push(id);
  }
  return ids;
}
