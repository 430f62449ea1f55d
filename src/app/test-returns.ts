/** What comes back of this site's relay tests: routing, checks and receiving ask what the tester remembers. */
import type { Config } from "../config/index.ts";
import { readReturn, readToken, type TestMemory, type Token } from "../operate/tester/index.ts";
import type { KnowsToken } from "../policy/checks/index.ts";
import type { TestDomain } from "../policy/routing/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { RelayTests } from "../store/index.ts";
import type { TestReturns } from "../service/receive/index.ts";

/** What of its memory a server needs. */
export type ReturnMemory = Pick<TestMemory, "knows" | "came">;

/** How long what a test has sent may come back, in milliseconds: a server may try for days (RFC 5321 §4.5.4.1). */
const AWAITED_MS = 5 * 86_400_000;

/** Of the store, so that whatever process tests, a server knows. */
export function returnMemory(
  tests: Pick<RelayTests, "isKnown" | "came">,
  clock: Clock,
): ReturnMemory {
  return {
    knows: async (token) => tests.isKnown(token, clock.now() - AWAITED_MS),
    came: ({ token, kind, at, ...way }) =>
      tests.came({ token, kind, at, way: JSON.stringify(way) }),
  };
}

/** Only a domain that was set for it: nobody's mail may be held against tests because of a default. */
export function testDomain({ tester }: Pick<Config, "tester">): TestDomain | undefined {
  return tester.domain === undefined ? undefined : { domain: tester.domain, read: readToken };
}

export function knowsToken(memory: Pick<ReturnMemory, "knows">): KnowsToken {
  return (text) => {
    const token = tokenOf(text);
    return token !== undefined && memory.knows(token);
  };
}

export function testReturns(memory: Pick<ReturnMemory, "came">): TestReturns {
  return {
    came: async ({ to, section, ...arrived }) => {
      const kinds: string[] = [];
      for (const { token: text, isSender: toSender } of to) {
        const token = tokenOf(text);
        if (token === undefined) throw new Error(`${text} is no token`);
        const returned = readReturn({ ...arrived, token, toSender, content: section });
        await memory.came(returned);
        kinds.push(returned.kind);
      }
      return kinds;
    },
  };
}

/** Routing keeps it as text. */
function tokenOf(text: string): Token | undefined {
  return readToken(text)?.token;
}
