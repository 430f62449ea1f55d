/** A decision as a person reads it: what was said, what each check had gathered, on which setting it hung, and what would have changed it. */
import {
  beyondFacts,
  factText,
  formatStatus,
  type CheckedFacts,
  type FactAction,
  type FactDecision,
  type FactValue,
} from "../../mail/index.ts";
import type { DecidingSetting, Told, Tried, Why } from "./why.ts";

const VERBS: Readonly<Record<FactAction, string>> = {
  accept: "accepted",
  continue: "passed",
  defer: "deferred",
  refuse: "refused",
  mark: "marked",
};

/** Characters of a check's name and of what it says. */
const NAME = 15;
const VERB = 9;

export function decisionLines(decision: FactDecision, why?: Why): readonly string[] {
  const { check, action, status, checks } = decision;
  const said = status === undefined ? "" : `: ${formatStatus(status)}`;
  return [
    `  ${VERBS[action]}${isAll(decision) ? "" : ` by ${check}`}${said}`,
    ...reasonLines(status?.reason),
    ...evidenceLines(decision),
    ...(checks ?? []).flatMap(checkLine),
    ...silentLine(checks ?? []),
    ...(why === undefined ? [] : whyLines(why)),
  ];
}

export function reasonLines(reason: string | undefined): readonly string[] {
  return reason === undefined ? [] : [`  because ${reason}`];
}

/** Nobody decided: the names of all of them say nothing. */
function isAll({ action, checks }: FactDecision): boolean {
  return checks !== undefined && (action === "continue" || action === "accept");
}

/** What was made of the facts; all of it where there are no facts, as in records from before they were kept. */
function evidenceLines({ evidence, checks = [] }: FactDecision): readonly string[] {
  const facts = factsText(beyondFacts(evidence, checks));
  return facts === "" ? [] : [`  judged on ${facts}`];
}

function checkLine(one: CheckedFacts): readonly string[] {
  if (isSilent(one)) return [];
  const { check, action, facts } = one;
  const told = facts === undefined ? "facts that were too large to keep" : factsText(facts);
  return [`    ${check.padEnd(NAME)} ${VERBS[action].padEnd(VERB)} ${told}`.trimEnd()];
}

/** It was not concerned, and had nothing to say. */
function isSilent({ action, facts }: CheckedFacts): boolean {
  return action === "continue" && facts !== undefined && Object.keys(facts).length === 0;
}

function silentLine(checks: readonly CheckedFacts[]): readonly string[] {
  const silent = checks.filter(isSilent).map(({ check }) => check);
  return silent.length === 0 ? [] : [`    not concerned: ${silent.join(", ")}`];
}

function factsText(facts: Readonly<Record<string, FactValue>>): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name}=${factText(value)}`)
    .join(" ");
}

function whyLines({ settings, otherwise, now }: Why): readonly string[] {
  const changes = [
    ...settings.flatMap(({ key, tried }) => tried.map((one) => triedText(key, one))),
    ...otherwise,
  ];
  return [
    ...(settings.length === 0
      ? ["  setting  none decides this"]
      : settings.map((one) => `  setting  ${settingText(one)}`)),
    ...changes.map((text, i) => `  ${i === 0 ? "else with" : "         "} ${text}`),
    ...(now === undefined ? [] : [`  now      ${toldText(now)}: settings have changed since`]),
  ];
}

function settingText({ key, value, now, file }: DecidingSetting): string {
  const then = `${key} = ${JSON.stringify(value)}`;
  if (now === undefined) return `${then}; ${file} has no such setting now`;
  if (JSON.stringify(now.value) !== JSON.stringify(value))
    return `${then}; by now it is ${JSON.stringify(now.value)} in ${file}`;
  return now.written ? `${then} in ${file}` : `${then}, the default; ${file} does not name it`;
}

function triedText(key: string, { value, andMore, told }: Tried): string {
  const more = andMore === true ? " or more" : "";
  return `${key} = ${JSON.stringify(value)}${more}: ${toldText(told)}`;
}

function toldText({ action, check, status }: Told): string {
  if (action === "continue" || action === "accept") return VERBS[action];
  return `${VERBS[action]} by ${check}${status === undefined ? "" : ` (${formatStatus(status)})`}`;
}
