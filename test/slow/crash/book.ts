/**
 * What was handed in and what became of it, as senders and other servers see it, and what the queue and the journal say
 * about it. A message that was answered 250 has all its ends, each once; one that was not has all of them or none.
 */
import type { Ending } from "./foreign-server.ts";
import type { Maildrop } from "./maildrop.ts";

/** One message, named by its token; what is to become of a recipient abroad is in its address. */
export interface Letter {
  readonly token: string;
  /** Of its body, about. */
  readonly octets: number;
  /** Goes into our own mailbox too. */
  readonly here: boolean;
  readonly abroad: readonly string[];
}

/** A row as a server finds it at its start. */
export interface LeftRow {
  readonly forwardPath: string;
  /** Its attempt was under way when the server before died, or its end was not known already then. */
  readonly inDoubt: boolean;
}

export interface Ends {
  readonly delivered: number;
  readonly failed: number;
}

/** What is found when all is over. */
export interface Found extends Maildrop {
  /** Rows that are still in the queue. */
  readonly queued: number;
  readonly ends: (forwardPath: string) => Promise<Ends>;
}

export interface Counts {
  readonly answered: number;
  readonly unanswered: number;
  /** Of the unanswered, what is there all the same: the answer was lost, not the message. */
  readonly unansweredButStored: number;
  /** Recipients whose attempt was cut off by a kill, or whose connection broke after the final dot. */
  readonly inDoubt: number;
  /** Recipients who got it more than once. */
  readonly takenTwice: number;
  /** Recipients whose failure was reported. */
  readonly reported: number;
}

interface Taken {
  readonly round: number;
  readonly ending: Ending;
}

export class Book {
  readonly #letters = new Map<string, Letter>();
  readonly #answered = new Set<string>();
  readonly #taken = new Map<string, Taken[]>();
  /** At the start of which rounds a forward-path was in doubt. */
  readonly #doubts = new Map<string, number[]>();
  readonly #problems: string[] = [];

  /** It is about to be handed in. */
  write(letter: Letter): void {
    this.#letters.set(letter.token, letter);
  }

  /** 250 was said. */
  answered({ token }: Letter): void {
    this.#answered.add(token);
  }

  complain(problem: string): void {
    this.#problems.push(problem);
  }

  isTaken(forwardPath: string): boolean {
    return this.#taken.has(forwardPath);
  }

  find(token: string): Letter | undefined {
    return this.#letters.get(token);
  }

  /** Another server took it. */
  taken(forwardPath: string, taken: Taken): void {
    const before = this.#taken.get(forwardPath) ?? [];
    this.#taken.set(forwardPath, [...before, taken]);
  }

  /** What the server of this round found in the queue when it started. */
  left(rows: readonly LeftRow[], round: number): void {
    for (const { forwardPath, inDoubt } of rows) {
      if (inDoubt) this.#doubts.set(forwardPath, [...this.#doubtsOf(forwardPath), round]);
      else if (this.#taken.has(forwardPath))
        this.complain(`${forwardPath}: taken, and in the queue without doubt`);
    }
  }

  async problems(found: Found): Promise<readonly string[]> {
    if (found.queued > 0) this.complain(`${found.queued} rows are in the queue at the end`);
    for (const letter of this.#letters.values())
      if (this.#answered.has(letter.token) || this.#isThere(letter, found))
        await this.#checkLetter(letter, found);
    this.#checkStrangers(found);
    return this.#problems;
  }

  counts(found: Maildrop): Counts {
    const unanswered = [...this.#letters.values()].filter(
      ({ token }) => !this.#answered.has(token),
    );
    return {
      answered: this.#answered.size,
      unanswered: unanswered.length,
      unansweredButStored: unanswered.filter((letter) => this.#isThere(letter, found)).length,
      inDoubt: this.#doubts.size,
      takenTwice: [...this.#taken.values()].filter(({ length }) => length > 1).length,
      reported: found.reported.size,
    };
  }

  /** Something of it: then all of it must be. */
  #isThere({ token, abroad }: Letter, { stored, reported }: Maildrop): boolean {
    return stored.has(token) || abroad.some((path) => this.#taken.has(path) || reported.has(path));
  }

  async #checkLetter({ token, here, abroad }: Letter, found: Found): Promise<void> {
    const stored = found.stored.get(token) ?? 0;
    if (stored !== (here ? 1 : 0)) this.complain(`${token}: stored ${stored} times`);
    for (const forwardPath of abroad) await this.#checkEnds(forwardPath, found);
  }

  async #checkEnds(forwardPath: string, found: Found): Promise<void> {
    const taken = this.#taken.get(forwardPath) ?? [];
    const reported = found.reported.get(forwardPath) ?? 0;
    const { delivered, failed } = await found.ends(forwardPath);
    const said = `taken ${taken.length} times, reported ${reported} times; the journal has ${delivered} deliveries, ${failed} failures`;
    const good = isRefused(forwardPath)
      ? taken.length === 0 && reported === 1 && delivered === 0 && failed === 1
      : taken.length > 0 && reported === 0 && delivered === 1 && failed === 0;
    if (!good) this.complain(`${forwardPath}: ${said}`);
    this.#checkDoubles(forwardPath, taken);
  }

  /** Again only after a connection that broke behind the final dot, or a death that left the row in doubt. */
  #checkDoubles(forwardPath: string, taken: readonly Taken[]): void {
    taken.forEach(({ round }, i) => {
      const before = taken[i - 1];
      if (before === undefined || before.ending === "taken and dropped") return;
      const doubts = this.#doubtsOf(forwardPath);
      if (!doubts.some((doubt) => before.round < doubt && doubt <= round))
        this.complain(`${forwardPath}: taken again without doubt, in round ${round}`);
    });
  }

  #checkStrangers({ stored, reported }: Maildrop): void {
    const paths = new Set([...this.#letters.values()].flatMap(({ abroad }) => abroad));
    for (const token of stored.keys())
      if (!this.#letters.has(token)) this.complain(`${token}: stored, and nobody sent it`);
    for (const path of [...reported.keys(), ...this.#taken.keys()])
      if (!paths.has(path)) this.complain(`${path}: nobody wrote to it`);
  }

  #doubtsOf(forwardPath: string): readonly number[] {
    return this.#doubts.get(forwardPath) ?? [];
  }
}

/** At RCPT or after the final dot: see `ForeignServer`. */
function isRefused(forwardPath: string): boolean {
  return /-(?:refused|unwanted)/.test(forwardPath);
}
