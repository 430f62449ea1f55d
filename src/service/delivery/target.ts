/** The servers of one preference: where each of them is, and what it has to show before it gets mail; or why it gets none now. */
import type { Ip, Status } from "../../mail/index.ts";
import type { Endpoint } from "../../net/index.ts";
import type { Resolver } from "../../protocol/dns/index.ts";
import { placesOf, type Addresses } from "./addresses.ts";
import type { Hop, MailServer } from "./hop.ts";
import { demandOf, type ServerDemand } from "./server-demand.ts";
import type { TlsSubject, TlsVerdict } from "./tls-results.ts";

export interface Target {
  readonly kind: "target";
  readonly server: MailServer;
  readonly demand: ServerDemand;
  readonly endpoints: readonly Endpoint[];
}

export interface NoTarget {
  readonly kind: "none";
  readonly status: Status;
}

export interface TargetGround {
  readonly resolver: Resolver;
  readonly isOwnAddress: (ip: Ip, port: number) => boolean;
  readonly privateAllowed: boolean;
  /** Counts what came of TLS with a server; "" where none was connected to. */
  readonly noteTls: (subject: TlsSubject, ip: string, verdict: TlsVerdict) => void;
}

/** "own": one of them is us, and then all of them and all after them are out (RFC 5321 §5.1). */
export async function targetsOf(
  hop: Hop,
  group: readonly MailServer[],
  ground: TargetGround,
): Promise<"own" | readonly (Target | NoTarget)[]> {
  const { resolver, privateAllowed, isOwnAddress } = ground;
  const { configured, port } = hop;
  const rules = {
    port,
    privateAllowed: privateAllowed || configured,
    isOwn: (ip: Ip) => isOwnAddress(ip, port),
  };
  const found = await Promise.all(
    group.map(async (server) => ({ server, places: await placesOf(server, resolver, rules) })),
  );
  if (found.some(({ places }) => places.kind === "own")) return "own";
  return Promise.all(found.map((one) => targetOf(hop, one, ground)));
}

interface Found {
  readonly server: MailServer;
  readonly places: Addresses<Endpoint>;
}

async function targetOf(
  hop: Hop,
  { server, places }: Found,
  { resolver, noteTls }: TargetGround,
): Promise<Target | NoTarget> {
  if (places.kind === "own") throw new Error("we are no target");
  if (places.kind === "none") return places;
  const demand = await demandOf(hop, server, places.answers, resolver);
  if (demand.kind === "connect")
    return { kind: "target", server, demand, endpoints: places.endpoints };
  noteTls(demand.subject, "", demand.verdict);
  return { kind: "none", status: demand.status };
}
