/**
 * Holds recipients back while the directory in force is not the one that was proved. A command proves its change before
 * it commits; the server proves it again when it sees it, so that a change made by any other way cannot make
 * it a relay. Nothing is held while nothing changed: one small read for each recipient.
 */
export interface ProvedDirectory {
  proofRevision(): number;
}

export class DirectoryGate {
  readonly #directory: ProvedDirectory;
  readonly #prove: () => Promise<boolean>;
  #proved: number;
  /** The revision for which the proof does not hold: it is not tried again for each recipient. */
  #refuted: number | undefined;
  #proving: Promise<void> | undefined;

  /** `proved` is the revision that the server's start has proved; `prove` reports its own failures. */
  constructor(directory: ProvedDirectory, proved: number, prove: () => Promise<boolean>) {
    this.#directory = directory;
    this.#proved = proved;
    this.#prove = prove;
  }

  /** Undefined when all is proved; else a promise that resolves when it is, and rejects while it fails. */
  check(): Promise<void> | undefined {
    if (this.#directory.proofRevision() === this.#proved) return undefined;
    this.#proving ??= this.#catchUp().finally(() => (this.#proving = undefined));
    return this.#proving;
  }

  /** The directory may change again while it is proved: whoever waits goes on with what was proved and nothing newer. */
  async #catchUp(): Promise<void> {
    for (;;) {
      const revision = this.#directory.proofRevision();
      if (revision === this.#proved) return;
      if (revision === this.#refuted || !(await this.#prove())) {
        this.#refuted = revision;
        throw new Error("the relay proof fails with the directory as it is now");
      }
      this.#proved = revision;
    }
  }
}
