/**
 * A stage: every check of it gathers, all together; then they judge in the listed order, and the first that decides has decided. Facts
 * that were gathered before are judged in the same way; what they do not hold is unknown, and never guessed.
 */
import { factOctets, type CheckedFacts, type Facts } from "../../mail/index.ts";
import type { Check, Evidence, MarkVerdict, StageVerdict, Verdict } from "./verdict.ts";

/** As the server asks it. */
export type AskStage<Subject> = (subject: Subject) => StageVerdict | Promise<StageVerdict>;

export type Stage<Subject> = AskStage<Subject> & {
  /** The names of its checks, in their order. */
  readonly checks: readonly string[];
  readonly judge: (gathered: readonly GatheredFacts[]) => Rejudged;
  /** What would have to be otherwise for this check to have nothing against it, each half a sentence; empty: it does not say. */
  readonly otherwise: (gathered: GatheredFacts) => readonly string[];
};

/** Of a check of before. Without facts: they were too large to keep. */
export type GatheredFacts = Pick<CheckedFacts, "check" | "facts">;

/** Octets of all facts of one stage that are kept for later; what is larger is judged, and then left out, the largest first. */
export const STAGE_FACTS_OCTETS = 16_384;

/** What was gathered before, judged under the settings of now. */
export interface Rejudged {
  /** As if checks without facts had nothing against it. */
  readonly verdict: StageVerdict;
  /** Checks without facts that might have decided otherwise; empty: the verdict is what it would have been. */
  readonly unknown: readonly string[];
}

type AnyCheck<Subject> = Check<Subject, Evidence>;
type Kept = CheckedFacts & Required<Pick<CheckedFacts, "facts">>;

export function stage<Subject>(checks: readonly AnyCheck<Subject>[]): Stage<Subject> {
  const ask: AskStage<Subject> = (subject) => {
    const gathered = checks.map((check) => gather(check, subject));
    return gathered.some((facts) => facts instanceof Promise)
      ? Promise.all(gathered.map(async (facts) => facts)).then((facts) => judged(checks, facts))
      : judged(checks, gathered as Evidence[]); // none of them is a promise, as just seen
  };
  return Object.assign(ask, {
    checks: checks.map(({ name }) => name),
    judge: (gathered: readonly GatheredFacts[]) => rejudged(checks, gathered),
    otherwise: ({ check, facts }: GatheredFacts) =>
      (facts && checks.find(({ name }) => name === check)?.otherwise?.(facts)) ?? [],
  });
}

/** An exception becomes a rejection: thrown, it would leave the promises of other checks with nobody to look after them. */
function gather<Subject>(check: AnyCheck<Subject>, subject: Subject): Evidence | Promise<Evidence> {
  try {
    return check.gather(subject);
  } catch (error) {
    return Promise.reject(error);
  }
}

function judged<Subject>(
  checks: readonly AnyCheck<Subject>[],
  facts: readonly Evidence[],
): StageVerdict {
  const verdicts = checks.map((check, i) => check.judge(facts[i] ?? {}));
  return {
    ...merged(verdicts),
    checks: bounded(
      verdicts.map((verdict, i) => checked(checks[i]?.name ?? "", verdict, facts[i] ?? {})),
    ),
  };
}

function rejudged<Subject>(
  checks: readonly AnyCheck<Subject>[],
  gathered: readonly GatheredFacts[],
): Rejudged {
  const byName = new Map(gathered.map(({ check, facts }) => [check, facts]));
  const verdicts: Verdict[] = [];
  const told: CheckedFacts[] = [];
  const unknown: string[] = [];
  let isDecided = false;
  for (const check of checks) {
    const facts = byName.get(check.name);
    const verdict = facts && judgedAgain(check, facts);
    if (facts === undefined || verdict === undefined) {
      if (!isDecided) unknown.push(check.name);
      continue;
    }
    isDecided ||= decides(verdict);
    verdicts.push(verdict);
    told.push(checked(check.name, verdict, facts));
  }
  return { verdict: { ...merged(verdicts), checks: told }, unknown };
}

/** Undefined where the facts do not say enough, also those that another version had gathered and this one does not understand. */
function judgedAgain<Subject>(check: AnyCheck<Subject>, facts: Facts): Verdict | undefined {
  try {
    return check.suffices?.(facts) === false ? undefined : check.judge(facts);
  } catch {
    return undefined;
  }
}

function checked(check: string, verdict: Verdict, facts: Facts): Kept {
  const setting = "setting" in verdict ? verdict.setting : undefined;
  return { check, action: verdict.action, facts, ...(setting !== undefined && { setting }) };
}

function decides({ action }: Verdict): boolean {
  return action !== "continue" && action !== "mark";
}

/** Nobody decided: the verdict names them all, or those that marked, and the evidence of each. */
function merged(verdicts: readonly Verdict[]): Verdict {
  const decided = verdicts.find(decides);
  if (decided !== undefined) return decided;
  const evidence: Evidence = {};
  for (const one of verdicts) Object.assign(evidence, one.evidence); // of one thing, and not a copy for each
  const marking = verdicts.filter((one): one is MarkVerdict => one.action === "mark");
  if (marking.length === 0) return { action: "continue", check: namesOf(verdicts), evidence };
  return {
    action: "mark",
    check: namesOf(marking),
    marks: marking.flatMap(({ marks }) => marks),
    evidence,
  };
}

function namesOf(verdicts: readonly { readonly check: string }[]): string {
  return verdicts.map(({ check }) => check).join(", ");
}

/** The largest facts go first: they are what a stranger made large. */
function bounded(checks: readonly Kept[]): readonly CheckedFacts[] {
  const sizes = checks.map(({ facts }) => factOctets(facts));
  let total = sizes.reduce((sum, octets) => sum + octets, 0);
  if (total <= STAGE_FACTS_OCTETS) return checks;
  const leftOut = new Set<number>();
  for (const [i, octets] of [...sizes.entries()].toSorted(([, a], [, b]) => b - a)) {
    if (total <= STAGE_FACTS_OCTETS) break;
    leftOut.add(i);
    total -= octets;
  }
  return checks.map((one, i) => {
    const { facts: _, ...told } = one;
    return leftOut.has(i) ? told : one;
  });
}
