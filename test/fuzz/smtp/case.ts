/** One case of the SMTP server: made from dice, and tried in every manner. */
import assert from "node:assert/strict";
import type { SmtpAnswer, SmtpAsk, SmtpTell } from "../../../src/protocol/smtp/index.ts";
import { Dice } from "../dice.ts";
import { play } from "../play.ts";
import type { Scenario } from "../scenario.ts";
import type { TraceItem } from "../trace.ts";
import { smtpHappenings } from "./generator.ts";
import { explain } from "./reference.ts";
import { SETTINGS, settingsOf, SMTP } from "./subject.ts";

export function makeSmtp(seed: number): Scenario {
  const dice = new Dice(seed);
  const settings = dice.below(SETTINGS.length);
  const { submission, tls } = settingsOf(settings);
  const port = submission && (tls === undefined ? "starttls" : "tls");
  return { protocol: "smtp", settings, mood: dice.next(), happenings: smtpHappenings(dice, port) };
}

/** Throws when anything is not as it must be. */
export function trySmtp(scenario: Scenario): void {
  const whole = play(SMTP, scenario, "whole");
  explain(scenario.happenings, settingsOf(scenario.settings), whole);
  const pieces = play(SMTP, scenario, "pieces");
  assert.deepEqual(comparable(pieces), comparable(whole), "octets in pieces lead to the same");
  play(SMTP, scenario, "wild");
}

type Item = TraceItem<SmtpAsk, SmtpTell, SmtpAnswer>;

/** Plaintext behind STARTTLS ends the session either way: by a refusal when it is there already, in silence when it comes later. */
function comparable(items: readonly Item[]): readonly Item[] {
  const inTheClear = items.some(
    (item) =>
      item.kind === "told" &&
      item.tell.kind === "ended" &&
      item.tell.ending === "plaintext after STARTTLS",
  );
  if (!inTheClear) return items;
  const asks = items.findLastIndex((item) => item.kind === "answered");
  return items.filter((item, i) => i <= asks || (item.kind !== "said" && !isAboutTls(item)));
}

function isAboutTls(item: Item): boolean {
  return item.kind === "start-tls" || (item.kind === "told" && item.tell.kind === "refused");
}
