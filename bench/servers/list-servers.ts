/**
 * The three lists of the bench, and who answers for them: rbldnsd has them, the name server of a private network asks it. What Gatepost
 * and postscreen(8) are told about them is the same: two lists of what 10 refuses, and one that vouches.
 */
import type { PrivateNetwork } from "../../test/interop/support/private-network.ts";
import { startRbldnsd } from "../../test/interop/support/rbldnsd.ts";
import { startNameServer } from "./name-server.ts";
import type { Peer } from "./peer.ts";
import { freePort, stopAll } from "./together.ts";

/** On both lists that refuse: 127.64.0.0/10. All other clients are on none. */
export const LISTED_FROM = "127.64.0.0";

const HEAD = `$SOA 1h ns.list.example admin.list.example 0 2h 2h 1w 1h
$NS 1h ns.list.example
$TTL 1h
`;
const BAD = `${HEAD}:127.0.0.2:see https://list.example/?ip=$
127.0.0.2
${LISTED_FROM}/10
`;
const GOOD = `${HEAD}:127.0.5.3:
127.0.0.2
127.128.0.0/16
`;

const [SPAM_ZONE, RELAYS_ZONE, GOOD_ZONE] = [
  "spam.list.example",
  "relays.list.example",
  "good.list.example",
] as const;

export const GATEPOST_LISTS: readonly string[] = [
  "listed.private_clients=true",
  `lists=[${[
    `zone = "${SPAM_ZONE}"`,
    `zone = "${RELAYS_ZONE}", relays = true`,
    `zone = "${GOOD_ZONE}", preset = "dnswl"`,
  ]
    .map((table) => `{ ${table}, mode = "vote" }`)
    .join(", ")}]`,
];

/** Without the test of who talks first: it waits seconds for each new client, and needs no list. */
export const POSTSCREEN_LISTS = `postscreen_dnsbl_sites = ${SPAM_ZONE}=127.0.0.2*10, ${RELAYS_ZONE}=127.0.0.2*10, ${GOOD_ZONE}=127.0.[2..15].3*-10
postscreen_dnsbl_threshold = 10
postscreen_dnsbl_action = enforce
postscreen_greet_banner =
`;

export async function startListServers(network: PrivateNetwork): Promise<Pick<Peer, "stop">> {
  const port = await freePort();
  const zones = [
    { zone: SPAM_ZONE, dataset: "ip4set", text: BAD },
    { zone: RELAYS_ZONE, dataset: "ip4set", text: BAD },
    { zone: GOOD_ZONE, dataset: "ip4set", text: GOOD },
  ];
  const rbldnsd = await startRbldnsd(zones, port, network);
  const stubs = zones.map(({ zone }) => ({ zone, port }));
  try {
    const world = { texts: new Map<string, string>(), hosts: new Map<string, string>(), stubs };
    const resolver = await startNameServer(network, world);
    return { stop: () => stopAll([resolver, rbldnsd]) };
  } catch (error) {
    await rbldnsd.stop();
    throw error;
  }
}
