/** Shows how far a command has come, as a bar where it is known how far it is: on a terminal's standard error, and nowhere else. */

const WIDTH = 24;

/** Milliseconds between two pictures: a terminal far away shall not be flooded. */
const INTERVAL_MS = 100;

export class ProgressBar {
  readonly #out = process.stderr;
  #shownAt = 0;
  #shown = false;

  show(done: number, of: number | undefined, what: string): void {
    const now = performance.now();
    if (!this.#out.isTTY || (now - this.#shownAt < INTERVAL_MS && done !== of)) return;
    this.#shownAt = now;
    const line = of === undefined ? `${done} ${what}` : `${bar(done, of)}  ${what}`;
    this.#out.write(`\r\u001b[K${line.slice(0, this.#out.columns - 1)}`);
    this.#shown = true;
  }

  /** Takes it off again, so that what is printed stands alone. */
  clear(): void {
    if (this.#shown) this.#out.write("\r\u001b[K");
    this.#shown = false;
  }
}

function bar(done: number, of: number): string {
  const full = Math.round((WIDTH * done) / Math.max(1, of));
  return `[${"=".repeat(full)}${" ".repeat(WIDTH - full)}] ${done}/${of}`;
}
