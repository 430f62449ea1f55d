/**
 * One handover on its way to its next hop: an idle connection if there is one, else the servers in their order and each
 * one's addresses, until somebody has taken it or refused it. A server that cannot be reached, or does not want to talk to us
 * (4xx or 5xx before a transaction), says nothing about the recipients, so the next one is asked (RFC 5321 §5.1); what a
 * server says in a transaction is the answer. Only when all that were asked refuse us for good it is a failure.
 */
import type { Outcome, RemoteReply, Status } from "../../mail/index.ts";
import type { Connected, Endpoint } from "../../net/index.ts";
import { loop } from "../../policy/routing/index.ts";
import { needsRequireTls } from "../../protocol/smtp/index.ts";
import type { Berth } from "./berths.ts";
import type { Handover } from "./handover.ts";
import type { Hop, MailServer } from "./hop.ts";
import type { Carried } from "./parcel.ts";
import type { Handed, Remote } from "./remote.ts";
import { labelOf, RemoteOpener, type OpeningGround } from "./remote-opener.ts";
import { notReached, routeToOurselves, STOPPING, TOO_MANY_WAIT } from "./statuses.ts";
import { targetsOf, type Target, type TargetGround } from "./target.ts";
import { tlsVerdict } from "./tls-results.ts";

export interface WalkGround extends OpeningGround, TargetGround {
  /** Addresses that are connected to in one attempt. */
  readonly addresses: number;
}

export interface Walked {
  /** Somebody was talked to about the message. */
  readonly reached: boolean;
  readonly carried?: Carried;
  /** Why servers and addresses did not do, oldest first. */
  readonly failures: readonly Outcome[];
}

/** What to do after a server, an address or a connection. */
type Step = "over" | "next address" | "next server" | "once more";

export class Walk {
  readonly #hop: Hop;
  readonly #opener: RemoteOpener;
  readonly #handover: Handover;
  readonly #ground: WalkGround;
  /** Why nobody has taken it so far, oldest first. */
  readonly #failures: Outcome[] = [];
  #addressesLeft: number;
  /** Taken, and no connection opened with it yet. */
  #berth: Berth | undefined;
  #reached = false;
  #carried: Carried | undefined;

  constructor(hop: Hop, handover: Handover, ground: WalkGround) {
    this.#hop = hop;
    this.#opener = new RemoteOpener(hop, ground);
    this.#handover = handover;
    this.#ground = ground;
    this.#addressesLeft = ground.addresses;
  }

  /** All of the handover is settled then. */
  async run(): Promise<Walked> {
    await this.#reuse();
    // A server may take only so many transactions over one connection: each round has at least one.
    for (let going = true; going && !this.#handover.done;) going = await this.#round();
    if (!this.#handover.done) this.#handover.giveUp(this.#verdict());
    return {
      // What a sender asks for beyond the usual, and does not get, says nothing about the destination.
      reached: this.#reached || this.#handover.requireTls,
      failures: this.#failures,
      ...(this.#carried !== undefined && { carried: this.#carried }),
    };
  }

  // ---- Over a connection that is there ----

  /** One that was closed while it lay idle is no failure: nothing was said yet. */
  async #reuse(): Promise<void> {
    const { berths } = this.#ground;
    const room = await berths.room(this.#hop.key, true);
    if (room.kind === "remote") {
      const handed = await this.#hand(room.remote);
      if (isStale(handed, this.#handover)) this.#handover.rewind();
      else this.#after(handed);
    } else if (room.kind === "berth") this.#berth = room.berth;
    else this.#noRoom(room.kind);
  }

  async #takeBerth(): Promise<Berth | undefined> {
    const berth = this.#berth;
    this.#berth = undefined;
    if (berth !== undefined) return berth;
    const room = await this.#ground.berths.room(this.#hop.key, false);
    if (room.kind === "berth") return room.berth;
    if (room.kind !== "remote") this.#noRoom(room.kind);
    return undefined;
  }

  #noRoom(why: "too many wait" | "closed"): void {
    const status = why === "closed" ? STOPPING : TOO_MANY_WAIT;
    this.#reached = true; // it says nothing about the destination
    this.#handover.giveUp({ status });
  }

  // ---- Over a new one ----

  /** False when there is nothing more to try. */
  async #round(): Promise<boolean> {
    try {
      for (const group of this.#hop.groups) {
        const servers = await this.#lookUp(group);
        if (servers === "own") return this.#loop();
        for (const target of servers) {
          const step = await this.#server(target);
          if (step === "over") return false;
          if (step === "once more") return true;
          if (this.#addressesLeft === 0) return false;
        }
      }
      return false;
    } finally {
      this.#berth?.free();
      this.#berth = undefined;
    }
  }

  async #lookUp(group: readonly MailServer[]): Promise<"own" | readonly Target[]> {
    const found = await targetsOf(this.#hop, group, this.#ground);
    if (found === "own") return found;
    const targets: Target[] = [];
    for (const one of found) {
      if (one.kind === "target") targets.push(one);
      else this.#fail(one.status);
    }
    return targets;
  }

  #loop(): false {
    const { configured, what } = this.#hop;
    if (configured) this.#fail(routeToOurselves(what));
    else if (this.#failures.length === 0) this.#fail(loop(what));
    return false;
  }

  async #server(target: Target): Promise<Step> {
    const { server, endpoints } = target;
    let left = [...endpoints];
    while (left.length > 0 && this.#addressesLeft > 0) {
      const berth = await this.#takeBerth();
      if (berth === undefined) return "over";
      const { connected, failed } = await this.#opener.connect(left.slice(0, this.#addressesLeft));
      const out = new Set(failed.map(({ endpoint }) => endpoint));
      for (const one of failed) this.#fail(notReached(labelOf(server, one.endpoint), one.why));
      this.#addressesLeft -= out.size;
      if (connected === undefined) {
        berth.free();
        return this.#stopped() ? "over" : "next server";
      }
      this.#addressesLeft--;
      out.add(connected.endpoint);
      left = left.filter((endpoint) => !out.has(endpoint));
      const step = await this.#converse(target, connected, berth);
      if (step !== "next address") return step;
    }
    return "next server";
  }

  async #converse(target: Target, connected: Connected, berth: Berth): Promise<Step> {
    const { clear } = this.#ground;
    const { endpoint } = connected;
    const { server, demand } = target;
    const lenient = this.#opener.startTlsWith(demand, endpoint) === "opportunistic";
    const remote = this.#opener.open(server, demand, connected, berth);
    const handed = await this.#hand(remote);
    this.#note(target, remote, handed);
    if (handed.kind !== "ended" || handed.ending !== "handshake failed" || !lenient)
      return this.#after(handed);
    clear.add(endpoint);
    return this.#inTheClear(target, endpoint);
  }

  /** One that was not asked for TLS, because it was broken a while ago, was counted then. */
  #note({ demand }: Target, remote: Remote, handed: Handed): void {
    const { subject } = demand;
    if (subject === undefined || remote.withoutTls) return;
    const ending = handed.kind === "ended" ? handed.ending : undefined;
    const verdict = tlsVerdict(subject.policyType, remote.seenTls, ending);
    if (verdict !== undefined) this.#ground.noteTls(subject, remote.facts.ip ?? "", verdict);
  }

  /** The server's TLS is broken, and nobody demands any: the same address, once more. */
  async #inTheClear(target: Target, endpoint: Endpoint): Promise<Step> {
    const { server } = target;
    this.#ground.log.info("TLS failed, going on without", { ...endpoint, host: server.host });
    const berth = await this.#takeBerth();
    if (berth === undefined) return "over";
    const { connected, failed } = await this.#opener.connect([endpoint]);
    if (connected !== undefined) return this.#converse(target, connected, berth);
    berth.free();
    for (const one of failed) this.#fail(notReached(labelOf(server, endpoint), one.why));
    return "next address";
  }

  // ---- What came of it ----

  async #hand(remote: Remote): Promise<Handed> {
    const handed = await remote.hand(this.#handover);
    this.#carried = remote.carried;
    if (this.#handover.transactions > 0) this.#reached = true;
    return handed;
  }

  #after(handed: Handed): Step {
    if (handed.kind === "done" || this.#handover.done) return "over";
    if (handed.kind === "unfit") return this.#unfit(handed.status);
    const { ending, status, reply } = handed;
    if (ending === "TLS required" && this.#handover.requireTls)
      return this.#unfit(needsRequireTls(this.#hop.what));
    const begun = this.#handover.transactions > 0;
    if (this.#stopped()) this.#handover.giveUp({ status: status ?? STOPPING });
    else if (status === undefined) return begun ? "once more" : "next address";
    else if (begun) this.#handover.giveUp({ status, ...(reply !== undefined && { reply }) });
    else {
      this.#fail(status, reply);
      // A 5xx before a transaction is about this server, whatever address it has.
      return ending === "refused" && status.code >= 500 ? "next server" : "next address";
    }
    return "over";
  }

  #unfit(status: Status): Step {
    this.#fail(status);
    return "next server";
  }

  #stopped(): boolean {
    return this.#ground.stopping.aborted;
  }

  #fail(status: Status, reply?: RemoteReply): void {
    this.#failures.push({ status, ...(reply !== undefined && { reply }) });
  }

  /** While one of them may be better tomorrow it is a deferral; a server's own words tell more than ours. */
  #verdict(): Outcome {
    if (this.#stopped()) return { status: STOPPING };
    const all = this.#failures;
    const transient = all.filter(({ status }) => status.code < 500);
    const candidates = transient.length > 0 ? transient : all;
    return (
      candidates.find(({ reply }) => reply !== undefined) ??
      candidates[0] ?? { status: notReached(this.#hop.what, "no address was left to try") }
    );
  }
}

/** Closed, or about to be, before a word of this message could be taken. */
function isStale(handed: Handed, handover: Handover): boolean {
  if (handed.kind !== "ended" || handover.contentAsked) return false;
  return handed.ending === "closed by server" || handed.ending === "refused";
}
