/**
 * One attempt at handing a parcel over, and one Outcome for each of its recipients. It knows nothing of earlier attempts and
 * decides about no later one. Promises: `attempt` does not reject; nobody is dialled for without a grant for his own domain;
 * connections, sockets and waiting attempts are bounded.
 */
import { formatStatus, type Domain, type Ip, type Outcome } from "../../mail/index.ts";
import { NetDialler, trustedAuthorities } from "../../net/index.ts";
import { nextHop, wayOf, type NextHop, type RelayRoutes } from "../../policy/routing/index.ts";
import type { Resolver } from "../../protocol/dns/index.ts";
import { SMTP_CLIENT_LIMITS } from "../../protocol/smtp/index.ts";
import { errorText, type Clock, type Log, type Random } from "../../runtime/index.ts";
import type { StsPolicies, TlsResults } from "../../store/index.ts";
import { addressOf, type Addressed } from "./address-labels.ts";
import { Berths } from "./berths.ts";
import { ClearServers } from "./clear-servers.ts";
import { Handover } from "./handover.ts";
import { findHop } from "./hop.ts";
import type { Attempt, Delivery, Parcel } from "./parcel.ts";
import type { DeliverySettings } from "./settings.ts";
import { attemptFailed, STOPPING } from "./statuses.ts";
import { Sts } from "./sts.ts";
import { stsFile } from "./sts-file.ts";
import { missedPolicy } from "./tls-results.ts";
import { Walk, type WalkGround, type Walked } from "./walk.ts";

export interface DeliveryDeps {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Our name, as we say it in EHLO; where it stands in an MX list, mail would come back. */
  readonly hostname: Domain;
  /** Asked at each attempt, so that a reload reaches the next one. */
  readonly routes: () => RelayRoutes;
  /** Whether a listener of ours is there. */
  readonly isOwnAddress: (ip: Ip, port: number) => boolean;
  /** What is remembered of other domains' MTA-STS policies. */
  readonly stsPolicies: StsPolicies;
  /** Where it is counted what came of TLS with other domains' servers. */
  readonly tlsResults: Pick<TlsResults, "note">;
  /** Who vouches for names, as PEM; left out, those that this machine trusts. */
  readonly authorities?: readonly string[];
}

export function openDelivery(settings: DeliverySettings, deps: DeliveryDeps): Delivery {
  return new SmtpDelivery(settings, deps);
}

const SECOND = 1000;
const NONCE_OCTETS = 18;

class SmtpDelivery implements Delivery {
  readonly #settings: DeliverySettings;
  readonly #deps: DeliveryDeps;
  readonly #dialler: NetDialler;
  readonly #berths: Berths;
  readonly #stopping = new AbortController();
  readonly #ground: WalkGround;
  readonly #sts: Sts;
  readonly #attempts = new Set<Promise<unknown>>();

  constructor(settings: DeliverySettings, deps: DeliveryDeps) {
    const { clock, log } = deps;
    this.#settings = settings;
    this.#deps = deps;
    this.#dialler = new NetDialler({
      clock,
      log,
      handshakeMs: settings.handshake_seconds * SECOND,
      sessionMs: settings.session_seconds * SECOND,
    });
    this.#berths = new Berths(
      {
        connections: settings.connections,
        waiting: settings.waiting,
        idleMs: settings.idle_seconds * SECOND,
        keptMs: settings.kept_seconds * SECOND,
        messages: settings.messages_per_connection,
      },
      clock,
    );
    this.#ground = this.#groundOf(settings, deps);
    this.#sts = stsOf(settings, deps, this.#ground.authorities);
  }

  attempt(parcel: Parcel): Promise<Attempt> {
    const attempt = this.#attempt(parcel).finally(() => this.#attempts.delete(attempt));
    this.#attempts.add(attempt);
    return attempt;
  }

  async close(graceMs: number): Promise<void> {
    this.#stopping.abort();
    this.#berths.close();
    await this.#dialler.stop(graceMs);
    await Promise.all(this.#attempts);
  }

  async #attempt(parcel: Parcel): Promise<Attempt> {
    const outcomes = new Map<number, Outcome>();
    const walked: Walked[] = [];
    try {
      for (const [next, addressed] of this.#ways(parcel, outcomes)) {
        const handover = new Handover(parcel, addressed, this.#settings.recipients);
        try {
          walked.push(await this.#walk(next, handover));
        } finally {
          for (const [place, outcome] of handover.outcomes()) outcomes.set(place, outcome);
        }
      }
    } catch (error) {
      const problem = errorText(error);
      this.#deps.log.error("attempt failed", {
        message: parcel.message,
        destination: parcel.destination,
        problem,
        ...(error instanceof Error && { stack: error.stack }),
        todo: "this is a fault of the server; report it with this line",
      });
      return attemptOf(parcel, outcomes, walked, { status: attemptFailed(problem) }, true);
    }
    return attemptOf(parcel, outcomes, walked, { status: attemptFailed("no outcome") }, false);
  }

  /** Recipients by their next hop as it is now; routes may have changed since the parcel's key was made. */
  #ways(
    parcel: Parcel,
    outcomes: Map<number, Outcome>,
  ): Iterable<readonly [NextHop, readonly Addressed[]]> {
    const routes = this.#deps.routes();
    const ways = new Map<string, [NextHop, Addressed[]]>();
    parcel.recipients.forEach((recipient, place) => {
      const read = addressOf(recipient, place);
      if (read.kind === "locked") {
        outcomes.set(place, read.outcome);
        this.#deps.log.error("recipient without a grant", {
          message: parcel.message,
          problem: read.outcome.status.reason,
          todo: "this is a fault of the server; report it with this line",
        });
        return;
      }
      const next = nextHop(read.domain, routes);
      const key = wayOf(next);
      const way = ways.get(key) ?? [next, []];
      way[1].push(read);
      ways.set(key, way);
    });
    return ways.values();
  }

  async #walk(next: NextHop, handover: Handover): Promise<Walked> {
    if (this.#stopping.signal.aborted) {
      handover.giveUp({ status: STOPPING });
      return { reached: true, failures: [] };
    }
    const { resolver, hostname } = this.#deps;
    const { port, require: required } = this.#settings;
    const found = await findHop(next, handover.requireTls, {
      resolver,
      port,
      isOwnName: (name) => name === hostname,
      chance: () => this.#chance(),
      sts: (domain) => this.#sts.find(domain),
      required: (domain) => required.get(domain),
    });
    if (found.kind === "hop") return new Walk(found.hop, handover, this.#ground).run();
    handover.giveUp({ status: found.status });
    return { reached: false, failures: [] };
  }

  /** In [0, 1). */
  #chance(): number {
    const [a = 0, b = 0] = this.#deps.random.octets(2);
    return (a * 256 + b) / 65_536;
  }

  #groundOf(settings: DeliverySettings, deps: DeliveryDeps): WalkGround {
    const { clock, log, resolver, hostname, random, isOwnAddress, tlsResults, authorities } = deps;
    return {
      clock,
      log,
      resolver,
      dialler: this.#dialler,
      berths: this.#berths,
      clear: new ClearServers(clock, settings.clear_seconds * SECOND),
      hostname,
      limits: {
        ...SMTP_CLIENT_LIMITS,
        greetingTimeMs: settings.greeting_seconds * SECOND,
        commandTimeMs: settings.command_seconds * SECOND,
        dataTimeMs: settings.data_seconds * SECOND,
        blockTimeMs: settings.data_seconds * SECOND,
        finalTimeMs: settings.final_seconds * SECOND,
      },
      nonce: () => random.octets(NONCE_OCTETS).toBase64(),
      authorities: () => authorities ?? trustedAuthorities(),
      isOwnAddress,
      noteTls: (subject, ip, verdict) =>
        tlsResults.note({ at: clock.now(), ...subject, ip, ...verdict }),
      privateAllowed: settings.private_addresses === "allow",
      addresses: settings.addresses,
      connectMs: settings.connect_seconds * SECOND,
      nextAddressMs: settings.next_address_ms,
      from: (to) => (to.includes(":") ? settings.address_v6 : settings.address),
      stopping: this.#stopping.signal,
    };
  }
}

function stsOf(
  settings: DeliverySettings,
  { resolver, stsPolicies: policies, tlsResults, clock, log }: DeliveryDeps,
  authorities: () => readonly string[],
): Sts {
  const fetch = stsFile({
    resolver,
    port: settings.https_port,
    privateAllowed: settings.private_addresses === "allow",
    timeMs: settings.policy_seconds * SECOND,
    authorities,
  });
  return new Sts({
    resolver,
    policies,
    fetch,
    clock,
    log,
    missed: (domain, problem) => tlsResults.note(missedPolicy(domain, problem, clock.now())),
  });
}

/** `otherwise` is for recipients of whom nothing is known; `broken`: it says nothing about the destination. */
function attemptOf(
  parcel: Parcel,
  outcomes: ReadonlyMap<number, Outcome>,
  walked: readonly Walked[],
  otherwise: Outcome,
  broken: boolean,
): Attempt {
  const carried = walked.findLast((one) => one.carried !== undefined)?.carried;
  const all = parcel.recipients.map((_, place) => outcomes.get(place) ?? otherwise);
  const passedOver = walked
    .flatMap(({ failures }) => failures.filter((failure) => !all.includes(failure)))
    .map(({ status }) => formatStatus(status));
  return {
    outcomes: all,
    unreachable: !broken && walked.length > 0 && walked.every(({ reached }) => !reached),
    ...(carried !== undefined && { carried }),
    ...(passedOver.length > 0 && { passedOver }),
  };
}
