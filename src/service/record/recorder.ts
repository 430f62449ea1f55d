/**
 * Collects what a session did, whatever its protocol, and cuts it into the journal's records: one with each accepted
 * message, one at the end. Promises: bounded memory, and the keys by which the journal finds and folds sessions.
 */
import {
  EVENT_LIMIT,
  leanEvents,
  type FactDecision,
  type FactEvent,
  type SessionFacts,
  type SessionId,
} from "../../mail/index.ts";
import type { Clock } from "../../runtime/index.ts";
import type { SessionRecord } from "../../store/index.ts";

/** What is known of a session besides its events; grows while it goes on. */
export type SessionFrame = Omit<
  SessionFacts,
  "v" | "at" | "endedAt" | "events" | "eventsLeftOut" | "ending"
>;

/** An event without its time. */
type Untimed<E> = E extends unknown ? Omit<E, "at"> : never;
export type NewEvent = Untimed<FactEvent>;

/** Addresses under which one record is found; as many as a message has recipients unless that is set higher. */
export const ADDRESS_LIMIT = 1000;

export class Recorder {
  readonly #clock: Clock;
  readonly #session: SessionId;
  readonly #at: number;
  readonly #startedAt: number;
  #events: FactEvent[] = [];
  #leftOut = 0;
  readonly #addresses = new Set<string>();
  #records = 0;

  constructor(session: SessionId, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
    this.#at = clock.now();
    this.#startedAt = clock.elapsed();
  }

  /** Beyond the limit nothing is kept but addresses, and what came of it all: the last message, the maildrop. */
  add(event: NewEvent): void {
    this.#named(event);
    if (this.#events.length === EVENT_LIMIT) {
      this.#leftOut++;
      if (event.kind !== "message" && event.kind !== "maildrop") return;
      this.#events.pop();
    }
    this.#events.push(this.#timed(event));
  }

  /** All so far and this acceptance, as the record that is committed with the message. `kept` or `add` follows. */
  withAcceptance(frame: SessionFrame, event: NewEvent): SessionRecord {
    this.#named(event);
    return this.#record(frame, [...this.#events, this.#timed(event)]);
  }

  /** The record with the acceptance is in the store: the next one begins. */
  kept(): void {
    this.#records++;
    this.#events = [];
    this.#leftOut = 0;
    this.#addresses.clear();
  }

  /**
   * The last record; undefined when there is nothing that the earlier ones did not tell. One that is to be found by
   * itself, whoever else went the same way, does not fold.
   */
  end(frame: SessionFrame, ending: string, folds = true): SessionRecord | undefined {
    if (this.#records > 0 && this.#events.length === 0) return undefined;
    return this.#record(frame, this.#events, ending, folds);
  }

  #named(event: NewEvent): void {
    const address = addressOf(event);
    if (address !== "" && this.#addresses.size < ADDRESS_LIMIT) this.#addresses.add(address);
  }

  #timed(event: NewEvent): FactEvent {
    return { ...event, at: this.#lasted() };
  }

  /** Milliseconds so far, whatever became of the wall clock meanwhile. */
  #lasted(): number {
    return Math.round(this.#clock.elapsed() - this.#startedAt);
  }

  #record(
    frame: SessionFrame,
    events: readonly FactEvent[],
    ending?: string,
    folds = false,
  ): SessionRecord {
    const { tls } = frame;
    const facts: SessionFacts = {
      v: 1,
      at: this.#at,
      ...frame,
      // Only what the journal is to know of it: the rest of what is said about TLS is keying material.
      ...(tls !== undefined && { tls: { version: tls.version, cipher: tls.cipher } }),
      events,
      ...(this.#leftOut > 0 && { eventsLeftOut: this.#leftOut }),
      ...(ending !== undefined && { ending, endedAt: this.#at + this.#lasted() }),
    };
    return {
      session: this.#session,
      at: this.#at,
      ip: frame.ip,
      addresses: [...this.#addresses],
      ...(folds && { fold: foldKey(facts) }),
      json: JSON.stringify({ ...facts, events: leanEvents(events) }),
    };
  }
}

/** Sessions that went the same way from the same address: one that knocks a thousand times is one row. */
function foldKey({ protocol, listener, ip, caller, ending = "", events }: SessionFacts): string {
  const who = caller === undefined ? [] : [`${caller.level} ${caller.peer ?? caller.reason ?? ""}`];
  return [protocol, listener, ip, ...who, ending, ...new Set(events.map(way))].join("|");
}

/** The address or Message-ID that an event is found by; "" where it names none. */
function addressOf(event: NewEvent): string {
  switch (event.kind) {
    case "sender":
    case "recipient":
      return event.address;
    case "login":
      return event.login.includes("@") ? event.login : "";
    case "message":
      return event.messageId ?? "";
    case "origin":
    case "seal":
    case "refused":
    case "maildrop":
      return "";
  }
}

function way(event: FactEvent): string {
  switch (event.kind) {
    case "sender": {
      const { decision } = event;
      return decision === undefined ? "sender" : `sender ${decision.check} ${enhanced(decision)}`;
    }
    case "recipient": {
      // Where a list was wrong, whoever was kept from writing is told, and to whom.
      const whom = event.decision.check === "listed" ? ` ${event.address}` : "";
      return `recipient ${event.decision.check} ${enhanced(event.decision)}${whom}`;
    }
    case "message":
      return `message ${event.decision.check} ${enhanced(event.decision)}`;
    case "origin":
      return `origin ${event.level}`;
    case "seal":
      return event.reason === undefined ? "sealed" : "not sealed";
    case "refused":
      return `refused ${event.status.enhanced}`;
    case "login":
      return loginWay(event);
    case "maildrop":
      return "maildrop";
  }
}

function enhanced({ status }: FactDecision): string {
  return status?.enhanced ?? "ok";
}

/** Each app password and each certificate has a row of its own, and so have logins that were held back. */
function loginWay(event: Extract<FactEvent, { readonly kind: "login" }>): string {
  const held = event.slowedMs === undefined ? "" : "held back";
  return `login ${event.login} ${event.appPassword ?? event.certificate ?? ""} ${held} ${event.result}`;
}
