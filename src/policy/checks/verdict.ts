/** What a check found and what follows from it: a JSON-safe value, the same live, in a test and in a rehearsal. */
import type { Status } from "../../mail/index.ts";

/** Facts and evidence hold no password, no body and no key. */
export type Evidence = Readonly<Record<string, string | number | boolean>>;

export type Verdict =
  | { readonly action: "continue"; readonly check: string; readonly evidence: Evidence }
  | MarkVerdict
  | {
      readonly action: "accept" | "defer" | "refuse";
      readonly check: string;
      readonly status: Status;
      readonly evidence: Evidence;
    };

/** Taken, and its reader is told what is odd about it. Further checks are asked: they may still refuse. */
export interface MarkVerdict {
  readonly action: "mark";
  readonly check: string;
  /** Printable ASCII, the method first: "dmarc=fail (p=quarantine)". */
  readonly marks: readonly string[];
  readonly evidence: Evidence;
}

/** A check is one file: `gather` may ask others and wait, `judge` is pure. */
export interface Check<Subject, Facts extends Evidence> {
  readonly name: string;
  gather(subject: Subject): Facts | Promise<Facts>;
  judge(facts: Facts): Verdict;
}

/** Every check of a stage gathers, all together; then they judge in the listed order, and the first that decides has decided. */
export type Stage<Subject> = (subject: Subject) => Verdict | Promise<Verdict>;

export function stage<Subject>(checks: readonly Check<Subject, Evidence>[]): Stage<Subject> {
  return (subject) => {
    const gathered = checks.map((check) => gather(check, subject));
    return gathered.some((facts) => facts instanceof Promise)
      ? Promise.all(gathered.map(async (facts) => facts)).then((facts) =>
          judgeInOrder(checks, facts),
        )
      : judgeInOrder(checks, gathered as Evidence[]); // none of them is a promise, as just seen
  };
}

/** An exception becomes a rejection: thrown, it would leave the promises of other checks with nobody to look after them. */
function gather<Subject>(
  check: Check<Subject, Evidence>,
  subject: Subject,
): Evidence | Promise<Evidence> {
  try {
    return check.gather(subject);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Nobody decided: the verdict names them all, or those that marked, and the facts of each. */
function judgeInOrder<Subject>(
  checks: readonly Check<Subject, Evidence>[],
  facts: readonly Evidence[],
): Verdict {
  let evidence: Evidence = {};
  const marking: MarkVerdict[] = [];
  for (const [i, check] of checks.entries()) {
    const verdict = check.judge(facts[i] ?? {});
    if (verdict.action !== "continue" && verdict.action !== "mark") return verdict;
    if (verdict.action === "mark") marking.push(verdict);
    evidence = { ...evidence, ...verdict.evidence };
  }
  if (marking.length === 0) return { action: "continue", check: namesOf(checks), evidence };
  const marks = marking.flatMap((one) => one.marks);
  const check = marking.map((one) => one.check).join(", ");
  return { action: "mark", check, marks, evidence };
}

function namesOf(checks: readonly { readonly name: string }[]): string {
  return checks.map(({ name }) => name).join(", ");
}
