/**
 * Lists as a site has them: Debian's rbldnsd serves them, unbound is the resolver in between, Gatepost asks unbound. Addresses of
 * loopback are listed, so that programs can come from them.
 */
import { startRbldnsd } from "./rbldnsd.ts";
import { freePortBase } from "./site.ts";
import { launchUnbound, STUBS_ALONE } from "./unbound.ts";

/** On the list of senders of spam; on that of open relays too; on the first and on that of good senders. */
export const LISTED = "127.0.0.66";
export const ON_TWO = "127.0.0.67";
export const VOUCHED_FOR = "127.0.0.68";
/** As the first one, and asked about later. */
export const LISTED_TOO = "127.0.0.69";
/** On none. */
export const UNLISTED = "127.0.0.5";
/** Open relays that are elsewhere. */
export const RELAYS = ["7.7.7.7", "2001:db8::66"] as const;
export const LISTED_NAMES = ["bad.example", "xn--bcher-kva.example"] as const;

const HEAD = `$SOA 1h ns.list.example admin.list.example 0 2h 2h 1w 5m
$NS 1h ns.list.example
`;

/** Each with its test point (RFC 5782 §5). */
const ZONES = [
  {
    zone: "spam.list.example",
    dataset: "ip4set",
    text: `${HEAD}:127.0.0.2:https://list.example/?ip=$
127.0.0.2
127.0.0.66-69
`,
  },
  {
    zone: "relays.list.example",
    dataset: "combined",
    text: `${HEAD}$DATASET ip4set @
:127.0.0.2:open relay: $
127.0.0.2
${ON_TWO}
${RELAYS[0]}
$DATASET ip6trie @
:127.0.0.2:open relay: $
0:0:0:0:0:ffff:7f00:2/128
2001:db8:0:0:0:0:0:66/128
`,
  },
  {
    zone: "names.list.example",
    dataset: "dnset",
    text: `${HEAD}:127.0.0.2:a name of spammers
test
${LISTED_NAMES.join("\n")}
`,
  },
  {
    zone: "good.list.example",
    dataset: "ip4set",
    text: `${HEAD}:127.0.5.3:
127.0.0.2
${VOUCHED_FOR}
`,
  },
] as const;

const TABLES = [
  'zone = "spam.list.example", name = "Spam"',
  'zone = "relays.list.example", name = "Relays", relays = true',
  'zone = "names.list.example", name = "Names", kind = "names"',
  'zone = "good.list.example", preset = "dnswl"',
].map((table) => `{ ${table}, mode = "vote" }`);

export interface ListServers {
  /** Of a site that asks them, about clients of loopback too. */
  readonly settings: readonly string[];
  /** How many lists it has. */
  readonly count: number;
  /** Nobody answers for the lists any more. */
  die(): Promise<void>;
  stop(): Promise<void>;
}

export async function startListServers(): Promise<ListServers> {
  const [port, behind] = [await freePortBase(), await freePortBase()];
  const rbldnsd = await startRbldnsd(ZONES, behind);
  const stubs = ZONES.map(({ zone }) => ({ zone, port: behind }));
  const unbound = await launchUnbound(STUBS_ALONE, "", { port, stubs });
  return {
    settings: [
      `dns.servers=["127.0.0.1:${port}"]`,
      `lists=[${TABLES.join(", ")}]`,
      "listed.private_clients=true",
    ],
    count: TABLES.length,
    die: () => rbldnsd.stop(),
    async stop() {
      await Promise.all([unbound.stop(), rbldnsd.stop()]);
    },
  };
}
