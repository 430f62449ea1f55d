/**
 * How the journal writes what the checks of a session's events had gathered: each fact once. Of a hundred recipients of one message most
 * is the same; what a check of the event before had too is not written again, nor that a check had nothing against it, nor as evidence
 * what is among the facts. Both ways stand here, so that what is read is what was there.
 */
import type { Facts, FactValue } from "./facts.ts";
import type {
  CheckedFacts,
  FactAction,
  FactDecision,
  FactEvent,
  SettingFact,
} from "./session-facts.ts";

/** A decision's `checks`, as they stand in a record: by name, in their order. */
interface LeanChecks {
  readonly facts: Readonly<Record<string, LeanFacts>>;
  /** Of whoever had something to say. */
  readonly said?: Readonly<Record<string, Said>>;
}

type Said = FactAction | (SettingFact & { readonly action: FactAction });

/** Those of the same check in the last event of the kind. */
const SAME = "=";

/** Too large to keep. */
const LEFT_OUT = "";

type LeanFacts = Facts | typeof SAME | typeof LEFT_OUT;

/** An event as it stands in a record; all but its checks is as it is. */
export type LeanEvent = object;

/** What the checks of the stage had gathered in the last event of each kind. */
type Seen<Gathered> = Map<string, Map<string, Gathered>>;

/** `text`: its JSON, once it was needed. */
interface Written {
  readonly facts: Facts;
  text?: string;
}

/** Of one record, in their order. Nothing here is done twice: each message that is accepted waits for it. */
export function leanEvents(events: readonly FactEvent[]): readonly LeanEvent[] {
  const seen: Seen<Written> = new Map();
  return events.map((event) => {
    const decision = decisionOf(event);
    if (decision?.checks === undefined) return event;
    const evidence = beyondFacts(decision.evidence, decision.checks);
    const checks = lean(decision.checks, seenOf(event.kind, seen));
    return { ...event, decision: { ...decision, evidence, checks } };
  });
}

/** The same, read again. Records of before facts were kept have none. */
export function wholeEvents(events: readonly LeanEvent[]): readonly FactEvent[] {
  const seen: Seen<Facts> = new Map();
  return events.map((one) => {
    const event = one as FactEvent; // this program wrote it
    const decision = decisionOf(event);
    if (decision?.checks === undefined) return event;
    const leanChecks = decision.checks as unknown as LeanChecks; // in this form
    const checks = whole(leanChecks, seenOf(event.kind, seen));
    return { ...event, decision: { ...decision, checks } } as FactEvent; // with nothing changed but this
  });
}

function seenOf<Gathered>(kind: string, seen: Seen<Gathered>): Map<string, Gathered> {
  const known = seen.get(kind);
  if (known !== undefined) return known;
  const fresh = new Map<string, Gathered>();
  seen.set(kind, fresh);
  return fresh;
}

function lean(checks: readonly CheckedFacts[], seen: Map<string, Written>): LeanChecks {
  const facts: Record<string, LeanFacts> = {}; // by names of ours
  let said: Record<string, Said> | undefined;
  for (const one of checks) {
    const { check, action, setting, facts: gathered } = one;
    facts[check] = gathered === undefined ? LEFT_OUT : written(check, gathered, seen);
    if (action === "continue" && setting === undefined) continue;
    said ??= {};
    said[check] = setting === undefined ? action : { action, ...setting };
  }
  return said === undefined ? { facts } : { facts, said };
}

function written(check: string, facts: Facts, seen: Map<string, Written>): LeanFacts {
  const before = seen.get(check);
  if (before === undefined) {
    seen.set(check, { facts });
    return facts;
  }
  const text = JSON.stringify(facts);
  before.text ??= JSON.stringify(before.facts);
  if (before.text === text) return SAME;
  seen.set(check, { facts, text });
  return facts;
}

/** What of the evidence is not, in the same words, among the facts. */
export function beyondFacts(evidence: Facts, checks: readonly CheckedFacts[]): Facts {
  const entries = Object.entries(evidence);
  const beyond = entries.filter(([name, value]) => !isAmongFacts(name, value, checks));
  return beyond.length === entries.length ? evidence : Object.fromEntries(beyond);
}

function isAmongFacts(name: string, value: FactValue, checks: readonly CheckedFacts[]): boolean {
  for (const { facts } of checks)
    if (facts !== undefined && isSame(facts[name], value)) return true;
  return false;
}

function isSame(one: FactValue | undefined, other: FactValue): boolean {
  if (typeof one !== "object" || typeof other !== "object") return one === other;
  return JSON.stringify(one) === JSON.stringify(other);
}

function saying(said: Said): Pick<CheckedFacts, "action" | "setting"> {
  if (typeof said === "string") return { action: said };
  const { action, ...setting } = said;
  return { action, setting };
}

function whole(
  { facts, said = {} }: LeanChecks,
  seen: Map<string, Facts>,
): readonly CheckedFacts[] {
  return Object.entries(facts).map(([check, kept]) => {
    const gathered = kept === SAME ? seen.get(check) : kept;
    const told = { check, ...saying(said[check] ?? "continue") };
    if (gathered === undefined || typeof gathered === "string") return told;
    seen.set(check, gathered);
    return { ...told, facts: gathered };
  });
}

function decisionOf(event: FactEvent): FactDecision | undefined {
  return "decision" in event ? event.decision : undefined;
}
