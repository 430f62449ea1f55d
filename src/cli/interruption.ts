/** Ctrl-C while servers are tested: the first lets the tries under way come to their end, the second ends at once. Both say how to go on. */
import { ofSite, type SiteOptions } from "./site-options.ts";

export class Interruption {
  /** Tests that are kept and have no end yet. */
  readonly #unfinished = new Set<string>();
  readonly #options: SiteOptions;
  readonly #onSignal = (): void => this.#signal();
  stopped = false;

  constructor(options: SiteOptions) {
    this.#options = options;
    process.on("SIGINT", this.#onSignal);
  }

  begun(id: string): void {
    this.#unfinished.add(id);
  }

  finished(id: string): void {
    this.#unfinished.delete(id);
  }

  /** Says how to go on with what is not finished. */
  end(): void {
    process.off("SIGINT", this.#onSignal);
    this.#sayHowToGoOn();
  }

  #signal(): void {
    if (this.stopped) {
      process.stderr.write("\n");
      this.#sayHowToGoOn();
      process.exit(130);
    }
    this.stopped = true;
    process.stderr.write("\nstopping after this try; Ctrl-C again stops at once\n");
  }

  #sayHowToGoOn(): void {
    if (this.#unfinished.size === 0) return;
    const site = ofSite(this.#options);
    const lines = [...this.#unfinished].map((id) => `gatepost test --resume ${id}${site}\n`);
    process.stderr.write(`not finished; to go on:\n${lines.join("")}`);
    this.#unfinished.clear();
  }
}
