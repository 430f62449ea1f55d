/**
 * What it costs to authenticate mail that comes in: SPF, DKIM and DMARC of letters that pass. Gatepost with and without authentication
 * beside Postfix with and without opendkim, opendmarc and policyd-spf, in turns, in a network of their own with a name server.
 */
import assert from "node:assert/strict";
import { PrivateNetwork } from "../test/interop/support/private-network.ts";
import { temporaryDirectory } from "../test/interop/support/site.ts";
import { makeStrangers, type LetterKind, type Strangers } from "./load/strangers.ts";
import { sendFrom, type TlsLoad } from "./load/tls-mail.ts";
import type { Round } from "./measure/figures.ts";
import { lineOf, type Line } from "./measure/line.ts";
import { carried } from "./measure/loads.ts";
import {
  AUTHENTICATED,
  IN_THE_CLEAR,
  scaled,
  WARMING,
  type Authenticated,
  type Plan,
} from "./plan.ts";
import { startGatepostIn } from "./servers/gatepost.ts";
import { startNameServer } from "./servers/name-server.ts";
import { startVerifyingOpenDkim } from "./servers/opendkim.ts";
import { startOpenDmarc } from "./servers/opendmarc.ts";
import { HOSTNAME, SINK_MAILBOX, type ReadablePeer } from "./servers/peer.ts";
import { startPostfixIn } from "./servers/postfix.ts";
import { freePort, whileRunning, type Begun } from "./servers/together.ts";

/** Where all the mail comes from. Public elsewhere: clients with private addresses are not authenticated. */
const CLIENT = { address: "9.9.9.7", name: "mail.client.example" } as const;

/** Whose mail it is. */
const DOMAINS = 20;

/** Messages of each round whose results are looked at. */
const SAMPLE = 3;

interface Server extends ReadablePeer {
  readonly authenticates: boolean;
}

interface Site {
  readonly network: PrivateNetwork;
  readonly strangers: Strangers;
  readonly servers: readonly Server[];
}

export function compareAuthentication(plan: Plan): Promise<readonly Line[]> {
  return whileRunning(async (begun) => {
    const site = await startSite(begun);
    const warming = { ...scaled(WARMING, Math.min(1, plan.scale)), ...IN_THE_CLEAR };
    for (const server of site.servers) await takenIn(site, server, warming, "rsa");
    const lines: Line[] = [];
    for (const contest of AUTHENTICATED) lines.push(await compareOne(plan, site, contest));
    return lines;
  });
}

async function startSite(begun: Begun): Promise<Site> {
  const strangers = makeStrangers(temporaryDirectory(), DOMAINS, {
    address: CLIENT.address,
    to: SINK_MAILBOX,
  });
  const network = await PrivateNetwork.open([CLIENT.address]);
  begun({ stop: () => network.close() });
  const hosts = new Map([[CLIENT.address, CLIENT.name]]);
  begun(await startNameServer(network, { texts: strangers.texts, hosts }));
  const servers: Server[] = [];
  for (const authenticates of [false, true]) {
    const name = authenticates ? "Gatepost, authenticating" : "Gatepost";
    const settings = [`authentication.enabled=${authenticates}`];
    servers.push({ ...begun(await startGatepostIn(network, name, settings)), authenticates });
  }
  const bare = begun(await startPostfixIn(network, await freePort(), []));
  const filters = [
    begun(await startVerifyingOpenDkim(network, HOSTNAME)),
    begun(await startOpenDmarc(network, HOSTNAME)),
  ];
  const filtered = begun(await startPostfixIn(network, await freePort(), filters));
  servers.push({ ...bare, authenticates: false }, { ...filtered, authenticates: true });
  return { network, strangers, servers };
}

function compareOne(plan: Plan, site: Site, contest: Authenticated): Promise<Line> {
  plan.say(contest.title);
  return lineOf(
    plan,
    contest,
    site.servers,
    (server, load) => takenIn(site, server, load, contest.letters),
    (server) => assertResults(server, contest.letters),
  );
}

function takenIn(
  { network, strangers }: Site,
  server: Server,
  load: TlsLoad,
  letters: LetterKind,
): Promise<Round> {
  const sources = { first: CLIENT.address, count: 1 };
  const from = { network, sources, letters: strangers.letters[letters] };
  return carried(server, load, SINK_MAILBOX, sendFrom(from));
}

/** The newest messages say in the server's name what is true of them, or nothing where it does not authenticate. */
async function assertResults(server: Server, letters: LetterKind): Promise<void> {
  const dkim = letters === "unsigned" ? "none" : "pass";
  const expected = server.authenticates ? [`dkim=${dkim}`, "dmarc=pass", "spf=pass"] : [];
  for (const message of await server.newest(SAMPLE))
    assert.deepEqual(resultsIn(message), expected, server.name);
}

/** Of the three methods, in the fields of the header section that are in the name of the servers here. */
function resultsIn(message: string): readonly string[] {
  const [section = ""] = message.split(/\r?\n\r?\n/, 1);
  const fields = section.replaceAll(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  const ours = fields.filter((field) => field.startsWith(`Authentication-Results: ${HOSTNAME};`));
  const results = ours.flatMap((field) => field.match(/(?<=; *)(?:dkim|spf|dmarc)=[a-z]+/g) ?? []);
  return results.toSorted();
}
