/** One case of the POP3 server: made from dice, and tried in every manner. */
import assert from "node:assert/strict";
import type { Pop3Answer, Pop3Ask, Pop3Tell } from "../../../src/protocol/pop3/index.ts";
import { Dice } from "../dice.ts";
import { play } from "../play.ts";
import type { Scenario } from "../scenario.ts";
import type { TraceItem } from "../trace.ts";
import { pop3Happenings } from "./generator.ts";
import { keepsPromises } from "./promises.ts";
import { explain } from "./reference.ts";
import { POP3, SETTINGS, settingsOf } from "./subject.ts";

export function makePop3(seed: number): Scenario {
  const dice = new Dice(seed);
  const settings = dice.below(SETTINGS.length);
  return { protocol: "pop3", settings, mood: dice.next(), happenings: pop3Happenings(dice) };
}

/** Throws when anything is not as it must be. */
export function tryPop3(scenario: Scenario): void {
  const settings = settingsOf(scenario.settings);
  const whole = play(POP3, scenario, "whole");
  explain(scenario.happenings, settings, whole);
  const pieces = play(POP3, scenario, "pieces");
  assert.deepEqual(comparable(pieces), comparable(whole), "octets in pieces lead to the same");
  const wild = play(POP3, scenario, "wild");
  for (const items of [whole, pieces, wild]) keepsPromises(items, settings);
}

type Item = TraceItem<Pop3Ask, Pop3Tell, Pop3Answer>;

/** Whether plaintext behind STLS is there at once or comes in a moment, the client reads the same; only TLS begins or not. */
function comparable(items: readonly Item[]): unknown {
  const ending = items.findLast((item) => item.kind === "told")?.tell;
  if (ending?.kind !== "ended" || ending.ending !== "plaintext after STLS") return items;
  return {
    said: items.map((item) => (item.kind === "said" ? item.text : "")).join(""),
    done: items.filter(({ kind }) => kind !== "said" && kind !== "start-tls"),
  };
}
