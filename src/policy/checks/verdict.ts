/** What a check found and what follows from it: a JSON-safe value, the same live, in a test and in a rehearsal. */
import type { Status } from "../../mail/index.ts";

/** Facts and evidence hold no password, no body and no key. */
export type Evidence = Readonly<Record<string, string | number | boolean>>;

export type Verdict =
  | { readonly action: "continue"; readonly check: string; readonly evidence: Evidence }
  | {
      readonly action: "accept" | "defer" | "refuse";
      readonly check: string;
      readonly status: Status;
      readonly evidence: Evidence;
    };

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

/** Nobody decided: the verdict names them all, and the facts of each. */
function judgeInOrder<Subject>(
  checks: readonly Check<Subject, Evidence>[],
  facts: readonly Evidence[],
): Verdict {
  let evidence: Evidence = {};
  for (const [i, check] of checks.entries()) {
    const verdict = check.judge(facts[i] ?? {});
    if (verdict.action !== "continue") return verdict;
    evidence = { ...evidence, ...verdict.evidence };
  }
  return { action: "continue", check: checks.map(({ name }) => name).join(", "), evidence };
}
