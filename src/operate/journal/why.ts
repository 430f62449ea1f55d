/**
 * Why a decision was what it was: the settings that it hung on, what they are now, which other values would have led elsewhere, and what
 * the client could have done. Other values are tried with the real checks on the facts of then; none is guessed.
 */
import type {
  CheckedFacts,
  FactAction,
  FactDecision,
  FactEvent,
  FactValue,
  SettingFact,
  Status,
} from "../../mail/index.ts";
import type { Verdict } from "../../policy/checks/index.ts";
import type { Judges, PastStages, SettingNow, StageName } from "./judges.ts";

export interface Why {
  /** Where no setting has a say: empty. */
  readonly settings: readonly DecidingSetting[];
  /** Beside settings, each half a sentence. */
  readonly otherwise: readonly string[];
  /** What it would be now; absent where it would be the same, or nobody can tell. */
  readonly now?: Told;
}

export interface DecidingSetting extends SettingFact {
  readonly check: string;
  readonly file: string;
  /** Absent: there is no such setting any more. */
  readonly now?: SettingNow;
  /** Values under which it would have gone another way, and which. */
  readonly tried: readonly Tried[];
}

export interface Tried {
  readonly value: FactValue;
  /** And all that are larger. */
  readonly andMore?: true;
  readonly told: Told;
}

/** A verdict in short. */
export interface Told {
  readonly action: FactAction;
  readonly check: string;
  readonly status?: Status;
}

/** Doublings of a number that is tried. */
const DOUBLINGS = 20;

/** Undefined where nothing was against it, and where what was gathered was not kept. */
export function whyOf(stage: StageName, decision: FactDecision, judges: Judges): Why | undefined {
  const { checks = [] } = decision;
  const against = checks.filter(({ check, action }) => isAgainst(decision, check, action));
  if (against.length === 0) return undefined;
  const now = toldBy(judges.stages, stage, checks);
  return {
    settings: against.flatMap(({ check, setting }) =>
      setting === undefined ? [] : [decidingSetting(stage, decision, { check, setting }, judges)],
    ),
    otherwise: against.flatMap((one) => judges.stages[stage].otherwise(one)),
    ...(now !== undefined && !isSame(now, decision) && { now }),
  };
}

/** Of each event that something was against. */
export function whysOf(
  events: readonly FactEvent[],
  judges: Judges | undefined,
): ReadonlyMap<FactEvent, Why> {
  const whys = new Map<FactEvent, Why>();
  for (const event of judges === undefined ? [] : events) {
    const isJudged =
      event.kind === "sender" || event.kind === "recipient" || event.kind === "message";
    if (judges === undefined || !isJudged || event.decision === undefined) continue;
    const why = whyOf(event.kind, event.decision, judges);
    if (why !== undefined) whys.set(event, why);
  }
  return whys;
}

/** As JSON, in the order of the events. */
export function whysJson(whys: ReadonlyMap<FactEvent, Why>): readonly object[] {
  return [...whys].map(([event, why]) => ({ kind: event.kind, at: event.at, ...why }));
}

/** Whoever decided; where nobody did, all that marked. */
function isAgainst({ check, action }: FactDecision, name: string, said: FactAction): boolean {
  if (action === "refuse" || action === "defer") return name === check;
  return said === "mark";
}

function decidingSetting(
  stage: StageName,
  decision: FactDecision,
  { check, setting }: Pick<CheckedFacts, "check"> & { readonly setting: SettingFact },
  judges: Judges,
): DecidingSetting {
  const { key, value } = setting;
  const now = judges.setting(key);
  const { checks = [] } = decision;
  const tell = (other: FactValue): Told | undefined => {
    const changed = judges.changed(key, other);
    const told = changed && toldBy(changed, stage, checks);
    return told === undefined || isSame(told, decision) ? undefined : told;
  };
  const tried =
    typeof value === "number"
      ? largerThan(value, tell)
      : judges.choices(key).flatMap((other): readonly Tried[] => {
          const told = other === value ? undefined : tell(other);
          return told === undefined ? [] : [{ value: other, told }];
        });
  return { check, ...setting, file: judges.file, ...(now !== undefined && { now }), tried };
}

/** The least larger number that leads elsewhere. */
function largerThan(value: number, tell: (value: number) => Told | undefined): readonly Tried[] {
  let [same, other] = [value, value];
  for (let i = 0; i < DOUBLINGS && tell(other) === undefined; i++)
    [same, other] = [other, Math.max(1, other * 2)];
  if (tell(other) === undefined) return [];
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (tell(middle) === undefined) same = middle;
    else other = middle;
  }
  const told = tell(other);
  return told === undefined ? [] : [{ value: other, andMore: true, told }];
}

/** Undefined where it hangs on what was not kept. */
function toldBy(
  stages: PastStages,
  stage: StageName,
  checks: readonly CheckedFacts[],
): Told | undefined {
  const { verdict, unknown } = stages[stage].judge(checks);
  return unknown.length > 0 ? undefined : toldOf(verdict);
}

export function toldOf(verdict: Verdict): Told {
  const { action, check } = verdict;
  return { action, check, ...("status" in verdict && { status: verdict.status }) };
}

/** What is taken is taken, whatever word the stage and the desk have for it. */
function isSame(told: Told, { action, check }: FactDecision): boolean {
  if (isTaken(told.action) && isTaken(action)) return true;
  if (told.action === "mark" && action === "mark") return told.check === check;
  return told.action === action && told.check === check;
}

export function isTaken(action: FactAction): boolean {
  return action === "accept" || action === "continue";
}
