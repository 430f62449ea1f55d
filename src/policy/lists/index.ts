/** Lists of strangers, as a client of them: which there are, how they are asked, what their answers mean and what follows from it. */
export * from "./asking.ts";
export * from "./canary.ts";
export * from "./code-pattern.ts";
export * from "./facts.ts";
export * from "./file-answer.ts";
export * from "./files/index.ts";
export * from "./first-hits.ts";
export * from "./inquiry.ts";
export * from "./list.ts";
export * from "./question.ts";
export * from "./reading.ts";
export { reasonText } from "./reason-text.ts";
export * from "./received-chain.ts";
export * from "./score.ts";
export * from "./watch.ts";
export * from "./words.ts";
export type { ListedSettings } from "./settings.ts";
