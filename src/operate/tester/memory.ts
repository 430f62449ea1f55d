/**
 * What is remembered of tests: what was tried, with what result, and what came back. The interface is all that a test knows of it;
 * `MemoryOfNow` keeps it for as long as the program runs.
 */
import type { Utterance } from "../relaytest/index.ts";
import type { Grade } from "./grade.ts";
import type { Manner } from "./remote-cases.ts";
import type { Returned } from "./returns.ts";
import type { Token } from "./token.ts";

export interface BegunTest {
  readonly id: string;
  /** The server in its canonical form, by which tests are counted: a host name, an address or a domain. */
  readonly about: string;
  /** As it was asked for: "mx.example.org:25". */
  readonly target: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Plain data: what it takes to go on with it. */
  readonly asked: unknown;
}

/** A case whose turn has come: from now on its token may come back. */
export interface ExpectedCase {
  /** "192.0.2.1:25" */
  readonly endpoint: string;
  readonly key: string;
  readonly token: Token;
  readonly vector: string;
  /** "R30 from <>" */
  readonly title: string;
  readonly manner: Manner;
  /** Its sender was none of the server's own. */
  readonly foreignSender: boolean;
}

export interface TriedCase extends ExpectedCase {
  /** Without what came back. */
  readonly grade: Grade;
  readonly reason: string;
  /** Absent of most that were closed. */
  readonly transcript?: readonly Utterance[];
}

export interface TestMemory {
  /** Tests of a server that began at that time or later, milliseconds since 1970. */
  testsSince(about: string, since: number): Promise<number>;
  begin(test: BegunTest): Promise<void>;
  /** What this test has tried before, where it goes on after an interruption. */
  triedBefore(test: string): Promise<readonly TriedCase[]>;
  /** Resolves when all of them are known. */
  expects(test: string, expected: readonly ExpectedCase[]): Promise<void>;
  /** Kept a moment later, at the latest when the next call of `expects`, `returnsOf` or `conclude` resolves: nobody waits for each. */
  tried(test: string, tried: TriedCase): Promise<void>;
  /** Whether a test of the last days has sent such a token. */
  knows(token: Token): Promise<boolean>;
  came(returned: Returned): Promise<void>;
  returnsOf(test: string): Promise<readonly Returned[]>;
  /** Cases that were expected and have no result, because the test was interrupted; what came back of them is proof all the same. */
  cutOff(test: string): Promise<readonly ExpectedCase[]>;
  /** What there is to say beside the cases, as plain data; with `endedAt` (milliseconds since 1970) nobody goes on with it any more. */
  conclude(test: string, found: unknown, endedAt?: number): Promise<void>;
}

/** How long a message may be on its way, in milliseconds: so long a token is known after its case was tried. Servers give up after five days (RFC 5321 §4.5.4.1). */
export const TOKEN_LIFE_MS = 5 * 86_400_000;

/** Returns that are kept of one test: a server that sends a message a thousand times proves no more than with the first. */
export const RETURNS_LIMIT = 5000;

export class MemoryOfNow implements TestMemory {
  readonly #begun: BegunTest[] = [];
  readonly #tokens = new Map<Token, string>();
  readonly #tried = new Map<string, TriedCase[]>();
  readonly #returns = new Map<string, Returned[]>();

  testsSince(about: string, since: number): Promise<number> {
    const tests = this.#begun.filter((test) => test.about === about && test.at >= since);
    return Promise.resolve(tests.length);
  }

  begin(test: BegunTest): Promise<void> {
    this.#begun.push(test);
    return Promise.resolve();
  }

  triedBefore(test: string): Promise<readonly TriedCase[]> {
    return Promise.resolve(this.#tried.get(test) ?? []);
  }

  expects(test: string, expected: readonly ExpectedCase[]): Promise<void> {
    for (const { token } of expected) this.#tokens.set(token, test);
    return Promise.resolve();
  }

  tried(test: string, tried: TriedCase): Promise<void> {
    const before = this.#tried.get(test);
    if (before === undefined) this.#tried.set(test, [tried]);
    else before.push(tried);
    return Promise.resolve();
  }

  knows(token: Token): Promise<boolean> {
    return Promise.resolve(this.#tokens.has(token));
  }

  came(returned: Returned): Promise<void> {
    const test = this.#tokens.get(returned.token);
    if (test === undefined) return Promise.resolve();
    const before = this.#returns.get(test) ?? [];
    if (before.length < RETURNS_LIMIT) before.push(returned);
    this.#returns.set(test, before);
    return Promise.resolve();
  }

  returnsOf(test: string): Promise<readonly Returned[]> {
    return Promise.resolve(this.#returns.get(test) ?? []);
  }

  /** It is forgotten with the program. */
  cutOff(): Promise<readonly ExpectedCase[]> {
    return Promise.resolve([]);
  }

  conclude(): Promise<void> {
    return Promise.resolve();
  }
}
