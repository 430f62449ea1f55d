/** What a check found and what follows from it: a JSON-safe value, the same live, in a test and in a rehearsal. */
import type { CheckedFacts, Facts as AnyFacts, SettingFact, Status } from "../../mail/index.ts";

/** Facts and evidence hold no password, no body and no key. */
export type Evidence = AnyFacts;

export type Verdict =
  | { readonly action: "continue"; readonly check: string; readonly evidence: Evidence }
  | MarkVerdict
  | {
      readonly action: "accept" | "defer" | "refuse";
      readonly check: string;
      readonly status: Status;
      readonly evidence: Evidence;
      /** On which it hangs. Absent: no setting has a say. */
      readonly setting?: SettingFact;
    };

/** Taken, and its reader is told what is odd about it. Further checks are asked: they may still refuse. */
export interface MarkVerdict {
  readonly action: "mark";
  readonly check: string;
  /** Printable ASCII, the method first: "dmarc=fail (p=quarantine)". */
  readonly marks: readonly string[];
  readonly evidence: Evidence;
  readonly setting?: SettingFact;
}

/** A stage's verdict, and what each of its checks had gathered and says by itself, in their order. */
export type StageVerdict = Verdict & { readonly checks: readonly CheckedFacts[] };

/**
 * A check is one file: `gather` may ask others and wait; `judge` is pure, and reads nothing but facts and settings, so that facts that
 * were gathered before can be judged again.
 */
export interface Check<Subject, Facts extends Evidence> {
  readonly name: string;
  gather(subject: Subject): Facts | Promise<Facts>;
  judge(facts: Facts): Verdict;
  /** Facts of before may have been gathered under settings by which they do not say what is asked now. Absent: they always do. */
  suffices?(facts: Facts): boolean;
  /** Of facts that it has something against: what would have to be otherwise, each half a sentence. For people; no settings that only take other values. */
  otherwise?(facts: Facts): readonly string[];
}
