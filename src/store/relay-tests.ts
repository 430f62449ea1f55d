/**
 * Tests of other mail servers for open relay, of the store's contract: what was asked, each case with its token, what came of it, what
 * came back. Nothing that was kept is changed: a case gets its outcome once, a test its end. What is JSON the store never looks
 * into. Times are milliseconds since 1970.
 */

/** Returns that are kept of one test: a server that sends a message a thousand times proves no more than with the first. */
export const RELAY_TEST_RETURNS = 5000;

export interface RelayTest {
  readonly id: string;
  /** The server in its canonical form, by which tests are counted. */
  readonly about: string;
  /** As it was asked for. */
  readonly target: string;
  /** When it began. */
  readonly at: number;
  /** Who runs it: whoever goes on with it is another. */
  readonly holder: string;
  /** JSON: what it takes to go on with it. */
  readonly asked: string;
}

export interface StoredRelayTest extends RelayTest {
  /** Absent while it is under way, and of one that was interrupted. */
  readonly endedAt?: number;
  /** JSON: what was found, beside the cases. Of one that was interrupted as far as it came, where it could still say so. */
  readonly found?: string;
  /** Cases that have an outcome. */
  readonly tried: number;
  /** Returns that are kept, of each kind. */
  readonly relays: number;
  readonly reports: number;
}

/** A case whose turn comes: from now on its token may come back. */
export interface RelayTestCase {
  readonly token: string;
  readonly at: number;
  /** JSON: which one it is. */
  readonly planned: string;
}

export interface RelayTestOutcome {
  readonly token: string;
  readonly at: number;
  /** JSON */
  readonly outcome: string;
}

export interface StoredRelayTestCase extends RelayTestCase {
  readonly triedAt?: number;
  readonly outcome?: string;
}

export const RELAY_RETURN_KINDS = ["relay", "report"] as const;

export interface RelayTestReturn {
  readonly token: string;
  /** `relay`: the message. `report`: a report about it. */
  readonly kind: (typeof RELAY_RETURN_KINDS)[number];
  readonly at: number;
  /** JSON: by which way. */
  readonly way: string;
}

export interface RelayTestQuery {
  readonly about?: string;
  /** Those alone that have no end. */
  readonly unfinished?: true;
  /** Begun before that one, which has this id: the page behind it. */
  readonly before?: string;
  readonly limit: number;
}

export interface RelayTests {
  /** Rejects where there is one of this id. */
  begin(test: RelayTest): Promise<void>;
  /** Whoever goes on with it takes it from the holder before; false where he has it no more, or it has ended. */
  take(id: string, before: string, holder: string): Promise<boolean>;
  /** Rejects where there is no such test, or a token is taken. */
  expect(id: string, cases: readonly RelayTestCase[]): Promise<void>;
  /** Rejects where no case with that token waits for its outcome. */
  tried(outcome: RelayTestOutcome): Promise<void>;
  /** Whether there is a case with that token that was expected or tried at that time or later. Synchronous, like the directory's reads. */
  isKnown(token: string, since: number): boolean;
  /** The test whose case has that token. Synchronous. */
  testOf(token: string): string | undefined;
  /** Of unknown tokens, and beyond RELAY_TEST_RETURNS of a test, nothing is kept. */
  came(returned: RelayTestReturn): Promise<void>;
  /** What was found of a test that has not ended; with `endedAt` it ends. */
  conclude(id: string, end: { readonly found: string; readonly endedAt?: number }): Promise<void>;
  /** Tests of a server that began at that time or later. */
  countSince(about: string, since: number): Promise<number>;
  find(id: string): Promise<StoredRelayTest | undefined>;
  /** The latest first. */
  list(query: RelayTestQuery): Promise<readonly StoredRelayTest[]>;
  /** In the order in which they were expected. */
  cases(id: string): Promise<readonly StoredRelayTestCase[]>;
  /** In the order in which they came. */
  returns(id: string): Promise<readonly RelayTestReturn[]>;
  /** Forgets tests that began before and have not been gone on with since, step by step. */
  prune(before: number): Promise<void>;
}
