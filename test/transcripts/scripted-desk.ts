/** A desk that answers from a transcript's rules and writes down what it was asked and told. */
import type { Desk, Session } from "../../src/protocol/dialogue/index.ts";
import { encodeLines } from "./escapes.ts";
import type { Roles, Setup } from "./transcript.ts";

/** One engine with its vocabulary: what a folder of transcripts is about. */
export interface Area<Ask, Tell, Answer> {
  /** Whose part its engine plays; a server's, when left out. */
  readonly roles?: Roles;
  /** A fresh engine with the settings of a transcript. */
  engine(setup: Setup): Session<Ask, Tell, Answer>;
  /** The record line of an ask, without the word "ask"; rules are matched against it. */
  describeAsk(ask: Ask): string;
  describeTell(tell: Tell): string;
  /** The answer in a rule's words; undefined where no rule fits. `earlier`: how often the same was asked before. */
  answer(ask: Ask, ruling: string | undefined, setup: Setup, earlier: number): Answer;
  /** The content passed so far belongs to nothing any more. */
  voidsContent(tell: Tell): boolean;
}

interface Habits {
  /** Answers wait for `answerNext`. */
  readonly late: boolean;
  /** Each slice of content is answered with "wait", until `drain`. */
  readonly slow: boolean;
}

export class ScriptedDesk<Ask, Tell, Answer> implements Desk<Ask, Tell, Answer> {
  readonly #area: Area<Ask, Tell, Answer>;
  readonly #setup: Setup;
  readonly #habits: Habits;
  readonly #content: Uint8Array[] = [];
  readonly #asked = new Map<string, number>();
  #pending: (() => void) | undefined;
  #drained: (() => void) | undefined;
  /** Asks and tells so far, a line each, with the content that was asked about. */
  readonly record: string[] = [];

  constructor(area: Area<Ask, Tell, Answer>, setup: Setup, habits: Habits) {
    this.#area = area;
    this.#setup = setup;
    this.#habits = habits;
  }

  ask(ask: Ask, reply: (answer: Answer) => void): void {
    if (this.#pending !== undefined) throw new Error("asked although an ask is open");
    const described = this.#area.describeAsk(ask);
    const content = Buffer.concat(this.#content.splice(0));
    this.record.push(...encodeLines(content).map((line) => `| ${line}`), `ask ${described}`);
    const earlier = this.#asked.get(described) ?? 0;
    this.#asked.set(described, earlier + 1);
    const answer = this.#area.answer(ask, this.#setup.ruling(described), this.#setup, earlier);
    if (this.#habits.late) this.#pending = () => reply(answer);
    else reply(answer);
  }

  tell(tell: Tell): void {
    this.record.push(`tell ${this.#area.describeTell(tell)}`);
    if (this.#area.voidsContent(tell)) this.#content.length = 0;
  }

  body(slice: Uint8Array, drained: () => void): boolean {
    if (slice.length === 0) throw new Error("an empty slice of content");
    this.#content.push(Uint8Array.from(slice));
    if (this.#habits.slow) this.#drained = drained;
    return !this.#habits.slow;
  }

  /** Gives a late answer; false when nothing was asked. */
  answerNext(): boolean {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.();
    return pending !== undefined;
  }

  /** Says that there is room for content again; false when that was never in doubt. */
  drain(): boolean {
    const drained = this.#drained;
    this.#drained = undefined;
    drained?.();
    return drained !== undefined;
  }
}
