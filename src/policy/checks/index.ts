/** One file a check; the stages; the decision table. Facts in, verdicts out. */
export * from "./decision-table.ts";
export type { HopFacts } from "./hops.ts";
export type { RecipientSubject } from "./recipient.ts";
export * from "./stages.ts";
export type { Check, Evidence, Stage, Verdict } from "./verdict.ts";
