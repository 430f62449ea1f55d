/** What comes back of this site's relay tests: routing, checks and receiving ask what the tester remembers. */
import type { Config } from "../config/index.ts";
import { readReturn, readToken, type TestMemory, type Token } from "../operate/tester/index.ts";
import type { KnowsToken } from "../policy/checks/index.ts";
import type { TestDomain } from "../policy/routing/index.ts";
import type { TestReturns } from "../service/receive/index.ts";

/** Only a domain that was set for it: nobody's mail may be held against tests because of a default. */
export function testDomain({ tester }: Pick<Config, "tester">): TestDomain | undefined {
  return tester.domain === undefined ? undefined : { domain: tester.domain, read: readToken };
}

export function knowsToken(memory: Pick<TestMemory, "knows">): KnowsToken {
  return (text) => {
    const token = tokenOf(text);
    return token !== undefined && memory.knows(token);
  };
}

/** `returned`: told of each message that came back, once it is kept. */
export function testReturns(
  memory: Pick<TestMemory, "came">,
  returned: (token: string) => void,
): TestReturns {
  return {
    came: async ({ to, section, ...arrived }) => {
      const kinds: string[] = [];
      for (const { token: text, isSender: toSender } of to) {
        const token = tokenOf(text);
        if (token === undefined) throw new Error(`${text} is no token`);
        const one = readReturn({ ...arrived, token, toSender, content: section });
        await memory.came(one);
        if (one.kind === "relay") returned(token);
        kinds.push(one.kind);
      }
      return kinds;
    },
  };
}

/** Routing keeps it as text. */
function tokenOf(text: string): Token | undefined {
  return readToken(text)?.token;
}
