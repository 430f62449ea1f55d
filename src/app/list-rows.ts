/** The lists of a site as an operator reads them: for `gatepost check`. No key is in it. */
import type { Config } from "../config/index.ts";
import type { AnswerRule } from "../policy/lists/index.ts";

/** In words, because it is read and not worked with. */
export interface ListRow extends Readonly<Record<string, string | readonly string[]>> {
  readonly list: string;
  readonly where: string;
  readonly about: readonly string[];
  readonly does: string;
  readonly answers: string;
}

export function listRows({ lists }: Config): readonly ListRow[] {
  return lists.map((list) => ({
    list: list.name,
    where: list.source === "zone" ? list.shownZone : list.file,
    about: [...list.ask],
    does: list.mode === "vote" ? "votes" : "observes: nothing follows from it",
    answers: list.answers.map(answerText).join(", "),
  }));
}

function answerText({ pattern, meaning, weight }: AnswerRule): string {
  return `${pattern.text} ${meaning} ${weight}`;
}
