/** What is asked of the writer thread about questions to published lists. */
import type { FreshListQuestions } from "../index.ts";

export interface ListQuestionsOperation {
  readonly kind: "list questions";
  readonly write: ListQuestionsWrite;
}

export type ListQuestionsWrite =
  | { readonly kind: "add"; readonly fresh: FreshListQuestions }
  /** One step; "more" when there is more to forget. */
  | { readonly kind: "prune"; readonly hour: number; readonly clientsHour: number };
