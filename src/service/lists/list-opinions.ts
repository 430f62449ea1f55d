/**
 * What lists say of the same subject, held beside each other: a hit that another list shares says little against the one that has it. Lists
 * that vouch are held against their own kind. In memory, bounded.
 */
import { placeOf, type DnsList, type ListEvent } from "../../policy/lists/index.ts";
import { putLast } from "../../runtime/index.ts";

/** Subjects, of all lists. */
const SUBJECTS = 2000;

type Answer = Extract<ListEvent, { readonly kind: "answer" }>;

/** To be told to the list `about`: what another one says. */
export interface Opinion {
  readonly about: string;
  readonly place: string;
  readonly isListed: boolean;
}

export class ListOpinions {
  /** By kind and place: which list says what. */
  readonly #said = new Map<string, Map<string, boolean>>();

  /** `isWell`: whether what a list says counts for others. */
  after(
    list: DnsList,
    { as, subject, answer }: Answer,
    isWell: (list: string) => boolean,
  ): readonly Opinion[] {
    if (as === "hop" || answer.kind === "error") return [];
    const place = placeOf(subject);
    const key = `${vouches(list) ? "for" : "against"} ${place}`;
    const said = this.#said.get(key) ?? new Map<string, boolean>();
    const isListed = answer.kind === "listed";
    said.set(list.name, isListed);
    putLast(this.#said, key, said, SUBJECTS);
    const others = [...said].filter(([other]) => other !== list.name);
    return [
      ...others
        .filter(([other]) => isWell(other))
        .map(([, otherSays]) => ({ about: list.name, place, isListed: otherSays })),
      ...(isWell(list.name) ? others.map(([other]) => ({ about: other, place, isListed })) : []),
    ];
  }
}

function vouches({ answers }: DnsList): boolean {
  return answers.every(({ weight }) => weight < 0);
}
