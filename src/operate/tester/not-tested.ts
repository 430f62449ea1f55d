/** A server was not tested: in words, and by a word for whoever has to do something about it. */
import { OperatorError } from "../../runtime/index.ts";

export type NotTestedReason =
  /** Its owner, or the local list, says no. */
  | "opted out"
  /** So many tests have been done in the last day. */
  | "cap reached"
  | "nobody agreed"
  /** Whether its owner wants it nobody knows now. */
  | "DNS does not answer"
  | "nothing to test";

export class NotTested extends OperatorError {
  override readonly name = "NotTested";
  readonly reason: NotTestedReason;

  constructor(reason: NotTestedReason, words: string) {
    super(words);
    this.reason = reason;
  }
}
