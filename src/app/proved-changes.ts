/** How an administrator's change is made: proved where it touches the relay decision, in one transaction, or refused in words. */
import type { Directory, DirectoryChange, DirectoryReads } from "../store/index.ts";

/** Done, or why not, in words for the administrator. */
export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "problem"; readonly problem: string };

/** The relay proof on the directory that a change would lead to; undefined when it holds, else its report. */
export type ProveDirectory = (after: DirectoryReads) => Promise<string | undefined>;

export class ProvedChanges {
  readonly #directory: Pick<Directory, "change">;
  readonly #prove: ProveDirectory;

  constructor(directory: Pick<Directory, "change">, prove: ProveDirectory) {
    this.#directory = directory;
    this.#prove = prove;
  }

  async proved(change: DirectoryChange): Promise<Outcome> {
    let report: string | undefined;
    const outcome = await this.#commit(change, async (after) => {
      report = await this.#prove(after);
      return report === undefined;
    });
    return report === undefined
      ? outcome
      : no(`the relay proof fails with this change:\n${report}`);
  }

  /** What the relay decision does not depend on. */
  plain(change: DirectoryChange): Promise<Outcome> {
    return this.#commit(change, () => true);
  }

  async #commit(
    change: DirectoryChange,
    inspect: (after: DirectoryReads) => boolean | Promise<boolean>,
  ): Promise<Outcome> {
    const result = await this.#directory.change(change, inspect);
    switch (result.kind) {
      case "changed":
        return { kind: "done" };
      case "rejected":
        return no("the change was not made");
      case "conflict":
        return no(result.problem);
    }
  }
}

export function no(problem: string): Outcome {
  return { kind: "problem", problem };
}
