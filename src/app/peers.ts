/**
 * Peers as an administrator enters them: by key, by a private authority or by a public one, with the pairs of domains that they may
 * relay for. Every change is proved before it counts; a running server goes by it at a peer's next command.
 */
import type { Domain, Peer, PeerTrust, RelayPair } from "../mail/index.ts";
import type { Directory } from "../store/index.ts";
import {
  nameFault,
  PINS_LIMIT,
  readPeer,
  readRelays,
  readTrust,
  type PeerProblem,
  type TrustWanted,
} from "./peer-options.ts";
import { no, ProvedChanges, type Outcome, type ProveDirectory } from "./proved-changes.ts";
import { withIssued, type KeepIssued } from "./site-authority.ts";

export interface PeerWanted {
  /** Left out: as it was. */
  readonly trust?: TrustWanted;
  /** `SENDER:RECIPIENT` each; left out: as they were. */
  readonly relays?: readonly string[];
}

export interface InvitationWanted {
  readonly relays?: readonly string[];
  /** For how long the certificate is good. */
  readonly days: number;
}

export interface PeerAdministrationDeps {
  readonly directory: Directory;
  readonly hostname: Domain;
  /** Mail for it is not relayed: its mailboxes are here, or at a host of ours. */
  isOurs(domain: Domain): boolean;
  /** PEM of those that sign for everybody. */
  readonly publicAuthorities: () => readonly string[];
  /** Milliseconds since 1970. */
  now(): number;
  readonly prove: ProveDirectory;
}

/** Each session with a certificate looks through all of them. */
const PEERS_LIMIT = 1000;

export class PeerAdministration {
  readonly #deps: PeerAdministrationDeps;
  readonly #directory: Directory;
  readonly #changes: ProvedChanges;

  constructor(deps: PeerAdministrationDeps) {
    this.#deps = deps;
    this.#directory = deps.directory;
    this.#changes = new ProvedChanges(deps.directory, deps.prove);
  }

  async add(name: string, { trust: wanted = {}, relays }: PeerWanted): Promise<Outcome> {
    const fault = nameFault(name, "peer", "warehouse") ?? this.#noRoom();
    if (fault !== undefined) return no(fault);
    const trust = this.#trust(wanted);
    if ("problem" in trust) return no(trust.problem);
    const pairs = this.#pairs(relays);
    if ("problem" in pairs) return no(pairs.problem);
    const peer = readPeer(name, trust, pairs);
    return "problem" in peer ? no(peer.problem) : this.#changes.proved({ kind: "add-peer", peer });
  }

  async change(name: string, { trust: wanted, relays }: PeerWanted): Promise<Outcome> {
    const there = this.#directory.peer(name);
    if (there === undefined) return no(`there is no peer ${name}`);
    const trust = wanted === undefined ? there.trust : this.#trust(wanted);
    if ("problem" in trust) return no(trust.problem);
    const pairs = this.#pairs(relays, there.relays);
    if ("problem" in pairs) return no(pairs.problem);
    const peer = readPeer(name, trust, pairs);
    return "problem" in peer ? no(peer.problem) : this.#changes.proved({ kind: "set-peer", peer });
  }

  remove(name: string): Promise<Outcome> {
    return this.#changes.proved({ kind: "remove-peer", name });
  }

  /**
   * Makes a certificate of the site's own authority, and enters the peer by its key; of one that is there its new key is known beside
   * the old one. `keep` has the key before it counts.
   */
  async invite(
    name: string,
    { relays, days }: InvitationWanted,
    keep: KeepIssued,
  ): Promise<Outcome> {
    const there = this.#directory.peer(name);
    const fault =
      nameFault(name, "peer", "warehouse") ??
      (there === undefined ? this.#noRoom() : invitationFault(there));
    if (fault !== undefined) return no(fault);
    const pairs = this.#pairs(relays, there?.relays);
    if ("problem" in pairs) return no(pairs.problem);
    return withIssued(this.#deps, this.#changes, { name, days }, keep, ({ pin, expiresAt }) => {
      const before = there?.trust.kind === "pin" ? there.trust.keys : [];
      const trust = { kind: "pin", keys: [...before, pin] } as const;
      const kind = there === undefined ? "add-peer" : "set-peer";
      return this.#changes.proved({ kind, peer: { name, trust, relays: pairs }, expiresAt });
    });
  }

  #trust(wanted: TrustWanted): PeerTrust | PeerProblem {
    return readTrust(wanted, this.#deps.publicAuthorities);
  }

  /** Those that are there stay, whatever has become of their domains. */
  #pairs(
    written: readonly string[] | undefined,
    there: readonly RelayPair[] = [],
  ): readonly RelayPair[] | PeerProblem {
    return written === undefined
      ? there
      : readRelays(written, (domain) => this.#deps.isOurs(domain));
  }

  #noRoom(): string | undefined {
    return this.#directory.peers().length < PEERS_LIMIT
      ? undefined
      : `there are ${PEERS_LIMIT} peers, which is the limit`;
  }
}

function invitationFault({ name, trust }: Peer): string | undefined {
  if (trust.kind !== "pin")
    return `${name} is known by an authority, which makes its certificates; \`peer remove\` it first, or invite another name`;
  if (trust.keys.length < PINS_LIMIT) return undefined;
  return `${name} has ${PINS_LIMIT} pinned keys already; \`peer change ${name} --pin\` keeps the one that it uses (\`peer show ${name}\`)`;
}
