/** The way to the policy of a domain: its web server's addresses, as those of a mail server are found, and one after the other asked. */
import type { Domain } from "../../mail/index.ts";
import { fetchHttpsFile, type FetchedFile } from "../../net/index.ts";
import { STS_POLICY_OCTETS_LIMIT } from "../../policy/identity/index.ts";
import { parseName, type Resolver } from "../../protocol/dns/index.ts";
import { addressesOf } from "./addresses.ts";

export interface StsFileDeps {
  readonly resolver: Resolver;
  readonly port: number;
  readonly privateAllowed: boolean;
  /** For one address, milliseconds. */
  readonly timeMs: number;
  readonly authorities: () => readonly string[];
}

/** RFC 8461 §3.3. */
const PATH = "/.well-known/mta-sts.txt";

/** Addresses that are asked. */
const ADDRESSES_LIMIT = 2;

export function stsFile(deps: StsFileDeps): (domain: Domain) => Promise<FetchedFile> {
  const { resolver, port, privateAllowed, timeMs, authorities } = deps;
  return async (domain) => {
    const name = parseName(`mta-sts.${domain}`);
    if (name === undefined) return noWay("its web server's name is too long");
    const at = { kind: "name", name } as const;
    const rules = { port, privateAllowed, isOwn: () => false };
    const found = await addressesOf({ host: name, at }, resolver, rules);
    if (found.kind !== "addresses") return noWay(`${name} has no address to ask`);
    let last: FetchedFile = noWay(`${name} has no address to ask`);
    for (const endpoint of found.endpoints.slice(0, ADDRESSES_LIMIT)) {
      const octetsLimit = STS_POLICY_OCTETS_LIMIT;
      const file = { ...endpoint, host: name, path: PATH, timeMs, octetsLimit };
      last = await fetchHttpsFile({ ...file, authorities: authorities() });
      if (last.kind === "fetched" || last.at !== "way") return last;
    }
    return last;
  };
}

function noWay(why: string): FetchedFile {
  return { kind: "failed", at: "way", why };
}
