/** What a thread needs of whoever answers: the class is the one of `answering`, tests have another. */
import type { Answerer, AnswerRules, PublishedZone } from "../answering/index.ts";

export type ZoneAnswerer = Pick<Answerer, "answer" | "out" | "replace" | "takeCounts" | "transfer">;

export type MakeAnswerer = (zones: readonly PublishedZone[], rules: AnswerRules) => ZoneAnswerer;
