/** Connections to one next hop being opened: from which address, with which TLS, by which settings of the client's session. */
import type { Ip } from "../../mail/index.ts";
import { type Connected, type Endpoint, type NetDialler } from "../../net/index.ts";
import type { SmtpClientLimits, SmtpClientSettings } from "../../protocol/smtp/index.ts";
import type { Clock, Log } from "../../runtime/index.ts";
import type { Berth, Berths } from "./berths.ts";
import { judgeCertificate, testedProblem } from "./certificate.ts";
import type { ClearServers } from "./clear-servers.ts";
import { firstConnected, type FirstConnected } from "./first-connected.ts";
import type { Hop, MailServer } from "./hop.ts";
import { Remote } from "./remote.ts";
import type { ServerDemand } from "./server-demand.ts";
import { handshakeFailed, notReached } from "./statuses.ts";

export interface OpeningGround {
  readonly clock: Clock;
  readonly log: Log;
  readonly dialler: NetDialler;
  readonly berths: Berths;
  readonly clear: ClearServers;
  readonly hostname: string;
  readonly limits: SmtpClientLimits;
  readonly nonce: () => string;
  readonly connectMs: number;
  readonly nextAddressMs: number;
  /** Whom this machine believes about names, as PEM. */
  readonly authorities: () => readonly string[];
  /** Of ours, to connect from. */
  readonly from: (to: Ip) => Ip | undefined;
  /** Delivery is closing. */
  readonly stopping: AbortSignal;
}

export class RemoteOpener {
  readonly #hop: Hop;
  readonly #ground: OpeningGround;

  constructor(hop: Hop, ground: OpeningGround) {
    this.#hop = hop;
    this.#ground = ground;
  }

  connect(endpoints: readonly Endpoint[]): Promise<FirstConnected> {
    const { dialler, connectMs, nextAddressMs, from, stopping } = this.#ground;
    return firstConnected(endpoints, (endpoint, options) => dialler.connect(endpoint, options), {
      timeMs: connectMs,
      nextMs: nextAddressMs,
      from: (to) => ("ip" in to ? from(to.ip) : undefined),
      stopping,
    });
  }

  /** The berth is free again when the connection is gone. */
  open(server: MailServer, demand: ServerDemand, connected: Connected, berth: Berth): Remote {
    const { clock, log, dialler, berths } = this.#ground;
    const { endpoint } = connected;
    const { key, clientCertificate } = this.#hop;
    const { tls, trust, tested, security, name } = demand;
    const label = labelOf(server, endpoint);
    const at = "ip" in endpoint ? { ip: endpoint.ip } : {};
    const facts = { key, host: server.host, ...at, security, openedAt: clock.elapsed() };
    const remote = new Remote(
      { ...facts, ...(tested !== undefined && { tested }) },
      this.#settings(label, endpoint, demand),
      log,
      {
        idle: (idle) => berths.idle(idle),
        ended: (ended) => berths.ended(ended),
      },
    );
    const authorities = this.#authoritiesFor(demand);
    dialler.converse(connected, {
      ...(name !== undefined && { name }),
      tls: tls === "at once" ? "at once" : "when asked",
      opportunistic: tls === "opportunistic",
      ...(authorities !== undefined && { authorities }),
      ...(clientCertificate !== undefined && { clientCertificate }),
      trusts: (certificate) => {
        const problem = tested && testedProblem(tested, certificate);
        return remote.shown(judgeCertificate(trust, certificate, clock.now()), problem);
      },
      open: (wire, secured) => remote.converse(wire, secured),
      gone: () => {
        remote.gone(tls === "at once" ? handshakeFailed(label) : notReached(label, "it broke"));
        berth.free();
      },
    });
    return remote;
  }

  /** Undefined where nobody's word about a name is asked for. */
  #authoritiesFor({ trust, tested }: ServerDemand): readonly string[] | undefined {
    const { authorities } = this.#ground;
    if (trust.kind === "authority") return trust.authorities ?? authorities();
    return trust.kind === "pkix" || tested !== undefined ? authorities() : undefined;
  }

  /** What a session with this address does about STARTTLS. */
  startTlsWith({ tls }: ServerDemand, endpoint: Endpoint): SmtpClientSettings["startTls"] {
    if (tls === "at once") return "required";
    return tls === "opportunistic" && this.#ground.clear.has(endpoint) ? "off" : tls;
  }

  #settings(remote: string, endpoint: Endpoint, demand: ServerDemand): SmtpClientSettings {
    const { hostname, limits, nonce } = this.#ground;
    const { protocol, login } = this.#hop;
    return {
      hostname,
      remote,
      protocol,
      startTls: this.startTlsWith(demand, endpoint),
      ...(login !== undefined && { login: { ...login, nonce: nonce() } }),
      limits,
    };
  }
}

/** Whom a status names. */
export function labelOf({ host, at }: MailServer, endpoint: Endpoint): string {
  if ("socket" in endpoint) return endpoint.socket;
  return at.kind === "name" ? `${host} [${endpoint.ip}]` : `[${endpoint.ip}]`;
}
