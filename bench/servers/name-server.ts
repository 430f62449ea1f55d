/** The one name server of a private network: unbound with records of the bench, which it has without asking anybody but the servers of lists. */
import type { PrivateNetwork } from "../../test/interop/support/private-network.ts";
import { launchUnbound, type Stub } from "../../test/interop/support/unbound.ts";
import type { Peer } from "./peer.ts";

/** Seconds for which an answer may be remembered. */
const TTL = 3600;

/** Octets of a text's parts (RFC 1035 §3.3.14: 255). */
const PART = 250;

/** It validates nothing, and what it does not have and nobody else has is not there. */
const ALONE = ['module-config: "iterator"', 'local-zone: "." static'];

/** TXT records by name, and the names of addresses, which lead back to them. */
export interface WorldRecords {
  readonly texts: ReadonlyMap<string, string>;
  readonly hosts: ReadonlyMap<string, string>;
  /** Zones that another server has. */
  readonly stubs?: readonly Stub[];
}

export async function startNameServer(
  network: PrivateNetwork,
  { texts, hosts, stubs = [] }: WorldRecords,
): Promise<Pick<Peer, "stop">> {
  const lines = [
    `local-data: '. ${TTL} IN SOA ns.invalid. hostmaster.invalid. 1 7200 3600 1209600 ${TTL}'`,
    ...[...texts].map(([name, text]) => `local-data: '${name}. ${TTL} IN TXT ${inParts(text)}'`),
    ...[...hosts].flatMap(([address, name]) => [
      `local-data: '${name}. ${TTL} IN A ${address}'`,
      `local-data-ptr: "${address} ${TTL} ${name}."`,
    ]),
  ];
  const server = [...ALONE, ...lines].map((line) => `  ${line}\n`).join("");
  return launchUnbound(server, "", { network, stubs });
}

function inParts(text: string): string {
  const parts = text.match(new RegExp(`.{1,${PART}}`, "g")) ?? [];
  return parts.map((part) => `"${part}"`).join(" ");
}
