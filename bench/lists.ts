/**
 * What it costs to look clients up in lists: Gatepost with and without three lists beside Postfix with postscreen, which has the same ones,
 * and without, in turns, in a network of their own with a list server and a resolver.
 */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { PrivateNetwork } from "../test/interop/support/private-network.ts";
import { FreshAddresses, type Addresses } from "./load/addresses.ts";
import { attempt } from "./load/refusals.ts";
import { sendFrom, type TlsLoad } from "./load/tls-mail.ts";
import type { Round } from "./measure/figures.ts";
import { byName, lineOf, type Line } from "./measure/line.ts";
import { carried, refused } from "./measure/loads.ts";
import { inTurns } from "./measure/rounds.ts";
import {
  IN_THE_CLEAR,
  KNOWN_CLIENTS,
  LISTED,
  LISTED_LOAD,
  LOOKED_UP,
  scaled,
  WARMING,
  type LookedUp,
  type Plan,
} from "./plan.ts";
import { startGatepostIn } from "./servers/gatepost.ts";
import {
  GATEPOST_LISTS,
  LISTED_FROM,
  POSTSCREEN_LISTS,
  startListServers,
} from "./servers/list-servers.ts";
import { SINK_MAILBOX, type SmtpPeer } from "./servers/peer.ts";
import { startPostfixIn, startScreenedPostfixIn } from "./servers/postfix.ts";
import { freePort, whileRunning, type Begun } from "./servers/together.ts";

export interface ListsComparison {
  readonly taken: readonly Line[];
  readonly refused: readonly Line[];
}

/** Where clients come from. */
class Clients {
  readonly #known: Addresses;
  readonly #fresh: FreshAddresses;

  constructor(first: string) {
    this.#fresh = new FreshAddresses(first);
    this.#known = this.#fresh.take(KNOWN_CLIENTS);
  }

  take(kind: LookedUp["clients"], count: number): Addresses {
    return kind === "known" ? this.#known : this.#fresh.take(count);
  }
}

interface Server extends SmtpPeer {
  readonly looksUp: boolean;
}

interface Site {
  readonly network: PrivateNetwork;
  readonly servers: readonly Server[];
  readonly unlisted: Clients;
  readonly listed: Clients;
}

/** Milliseconds until every list has been tried and has a vote, and between two looks. */
const LISTS_LIMIT_MS = 30_000;
const LOOK_MS = 500;

export function compareLists(plan: Plan): Promise<ListsComparison> {
  return whileRunning(async (begun) => {
    const site = await startSite(begun);
    for (const server of site.servers) if (server.looksUp) await refusing(site, server);
    const warming = { ...scaled(WARMING, Math.min(1, plan.scale)), ...IN_THE_CLEAR };
    for (const server of site.servers) await takenIn(site, server, warming, "known");
    const taken: Line[] = [];
    for (const contest of LOOKED_UP) taken.push(await compareTaken(plan, site, contest));
    const refusals: Line[] = [];
    for (const contest of LISTED) refusals.push(await compareRefused(plan, site, contest));
    return { taken, refused: refusals };
  });
}

async function startSite(begun: Begun): Promise<Site> {
  const network = await PrivateNetwork.open([]);
  begun({ stop: () => network.close() });
  begun(await startListServers(network));
  const bare = ["authentication.enabled=false"];
  const asking = [...bare, ...GATEPOST_LISTS];
  const screen = POSTSCREEN_LISTS;
  const servers = [
    { ...begun(await startGatepostIn(network, "Gatepost", bare)), looksUp: false },
    { ...begun(await startGatepostIn(network, "Gatepost, lists", asking)), looksUp: true },
    { ...begun(await startPostfixIn(network, await freePort(), [])), looksUp: false },
    {
      ...begun(await startScreenedPostfixIn(network, await freePort(), screen)),
      looksUp: true,
    },
  ];
  const [unlisted, listed] = [new Clients("127.1.0.0"), new Clients(LISTED_FROM)];
  return { network, servers, unlisted, listed };
}

/** Resolves once a listed client is refused. */
async function refusing(site: Site, server: Server): Promise<void> {
  for (const until = performance.now() + LISTS_LIMIT_MS; !(await refuses(site, server));) {
    assert.ok(performance.now() < until, `${server.name} does not refuse a listed client`);
    await setTimeout(LOOK_MS);
  }
}

async function refuses({ network, listed }: Site, { smtp }: Server): Promise<boolean> {
  const one = { to: SINK_MAILBOX, attempts: 1, atOnce: 1, sources: listed.take("new", 1) };
  return (await attempt(smtp, one, network)).refused === 1;
}

// ---- Clients that are on no list ----

function compareTaken(plan: Plan, site: Site, contest: LookedUp): Promise<Line> {
  plan.say(contest.title);
  return lineOf(
    plan,
    contest,
    site.servers,
    (server, load) => takenIn(site, server, load, contest.clients),
    async (server) => assert.equal(await refuses(site, server), server.looksUp, server.name),
  );
}

function takenIn(
  { network, unlisted }: Site,
  server: Server,
  load: TlsLoad,
  clients: LookedUp["clients"],
): Promise<Round> {
  const sources = unlisted.take(clients, load.messages);
  return carried(server, load, SINK_MAILBOX, sendFrom({ network, sources }));
}

// ---- Clients that are on two lists ----

async function compareRefused(
  plan: Plan,
  { network, servers, listed }: Site,
  { title, clients }: (typeof LISTED)[number],
): Promise<Line> {
  plan.say(title);
  const { atOnce } = LISTED_LOAD;
  const attempts = Math.max(atOnce, Math.round(LISTED_LOAD.attempts * plan.scale));
  const one = (server: Server): Promise<Round> => {
    const sources = listed.take(clients, attempts);
    return refused(server, { to: SINK_MAILBOX, attempts, atOnce, sources }, network);
  };
  const figures = await inTurns({
    peers: servers.filter(({ looksUp }) => looksUp),
    rounds: plan.rounds,
    warm: one,
    measure: one,
  });
  return { title, aim: "–", figures: byName(figures) };
}
