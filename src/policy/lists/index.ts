/** Lists of strangers, as a client of them: which there are, how they are asked, what their answers mean and weigh. */
export * from "./canary.ts";
export * from "./code-pattern.ts";
export * from "./list.ts";
export * from "./question.ts";
export * from "./reading.ts";
export * from "./watch.ts";
export type { ListedSettings } from "./settings.ts";
