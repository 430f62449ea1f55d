/** Cases as their turn comes: spelled out, and made known to the memory some at a time, so that it has to flush once for all of these. */
import type { Domain } from "../../mail/index.ts";
import type { Random } from "../../runtime/index.ts";
import { endpointText, type Endpoint } from "./machine.ts";
import type { ExpectedCase } from "./memory.ts";
import { spellOut, type PlannedCase, type RemoteCase } from "./remote-cases.ts";
import { remoteNames } from "./remote-names.ts";
import type { Seen } from "./first-look.ts";
import { makeToken } from "./token.ts";

/** Cases that are made known together. */
const AT_ONCE = 32;

/** Each has a token of its own, which `expects` has been told when it comes. */
export async function* ahead(
  planned: readonly PlannedCase[],
  { names, offers }: Seen,
  foreign: Domain,
  random: Random,
  expects: (cases: readonly RemoteCase[]) => Promise<void>,
): AsyncGenerator<RemoteCase, void> {
  for (let at = 0; at < planned.length; at += AT_ONCE) {
    const cases = planned.slice(at, at + AT_ONCE).map((one) => {
      const token = makeToken(random);
      return spellOut(one, remoteNames(names, foreign, token), token, offers.mailbox);
    });
    await expects(cases);
    yield* cases;
  }
}

export function expectedCase(
  { key, token, manner, title, vector, foreignSender }: RemoteCase,
  endpoint: Endpoint,
): ExpectedCase {
  const where = endpointText(endpoint);
  return { endpoint: where, key, token, vector: vector.id, title, manner, foreignSender };
}
