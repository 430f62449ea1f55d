/**
 * In the tester's domain somebody is there for as long as a relay test awaits him: has one of the last days sent this token? Nobody can
 * guess one, so whoever brings it has the message of a test, or a report about it.
 */
import type { Route } from "../routing/index.ts";

/** Rejects, or throws, where nobody can say: the caller says 451. */
export type KnowsToken = (token: string) => boolean | Promise<boolean>;

/** Empty of everybody else's recipients. */
export type TestTokenFacts = {
  readonly relayTest?: "awaited" | "unknown";
};

export function testTokenFacts(
  { recipient, test }: Route,
  knows: KnowsToken,
): TestTokenFacts | Promise<TestTokenFacts> {
  if (recipient !== "relay test's return") return {};
  if (test === undefined) return factsOf(false);
  const known = knows(test.token);
  return known instanceof Promise ? known.then(factsOf) : factsOf(known);
}

function factsOf(known: boolean): TestTokenFacts {
  return { relayTest: known ? "awaited" : "unknown" };
}
