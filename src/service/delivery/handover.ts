/**
 * The recipients of one parcel that go the same way, on their way: who is left, in which transactions they go, what became
 * of each. Promises: each is settled once, by the last word about it; whom a server could not take in one transaction
 * goes in the next.
 */
import type { Outcome, ReversePath } from "../../mail/index.ts";
import type { RouteProtocol } from "../../policy/routing/index.ts";
import type { Capabilities, OutgoingTransaction } from "../../protocol/smtp/index.ts";
import { messageDsn, reversePathOf, type Addressed } from "./address-labels.ts";
import type { Parcel } from "./parcel.ts";

export class Handover {
  readonly parcel: Parcel;
  readonly #reversePath: ReversePath;
  readonly #recipientsLimit: number;
  readonly #all: readonly Addressed[];
  #left: readonly Addressed[];
  #open: readonly Addressed[] = [];
  readonly #outcomes = new Map<number, Outcome>();
  /** A server has begun to take the content since the last `begin`. */
  contentAsked = false;
  /** Transactions since the last `begin`. */
  transactions = 0;

  constructor(parcel: Parcel, all: readonly Addressed[], recipientsLimit: number) {
    this.parcel = parcel;
    this.#reversePath = reversePathOf(parcel);
    this.#recipientsLimit = recipientsLimit;
    this.#all = all;
    this.#left = all;
  }

  /** Nobody is left to be sent to. */
  get done(): boolean {
    return this.#left.length === 0 && this.#open.length === 0;
  }

  /** Another connection takes it over. */
  begin(): void {
    this.contentAsked = false;
    this.transactions = 0;
  }

  /** The sender asks for servers that are verified and will ask the same (RFC 8689). */
  get requireTls(): boolean {
    return this.parcel.parameters.requireTls === true;
  }

  /** LMTP delivers: there is nobody behind it who would have to keep to REQUIRETLS. */
  next(
    { recipients = Infinity }: Capabilities,
    protocol: RouteProtocol,
  ): OutgoingTransaction | undefined {
    if (this.#left.length === 0) return undefined;
    const many = Math.min(recipients, this.#recipientsLimit);
    this.#open = this.#left.slice(0, many);
    this.#left = this.#left.slice(many);
    this.transactions++;
    const { octets, parameters } = this.parcel;
    const dsn = messageDsn(this.parcel);
    return {
      reversePath: this.#reversePath,
      recipients: this.#open.map(({ recipient }) => recipient),
      octets,
      body: parameters.body ?? "7BIT",
      smtputf8: parameters.smtputf8,
      ...(this.requireTls && protocol === "smtp" && { requireTls: true }),
      ...(dsn !== undefined && { dsn }),
    };
  }

  /** Of the open transaction, in its order. */
  settled(outcomes: readonly Outcome[]): void {
    const open = this.#open;
    this.#open = [];
    const again: Addressed[] = [];
    const someSettled = outcomes.some((outcome) => !isOneTooMany(outcome));
    open.forEach((addressed, i) => {
      const outcome = outcomes[i];
      if (outcome === undefined) throw new Error("an outcome is missing");
      if (someSettled && isOneTooMany(outcome)) again.push(addressed);
      else this.#outcomes.set(addressed.place, outcome);
    });
    this.#left = [...again, ...this.#left];
  }

  /** Nothing of it was said to anybody: all of it may be tried elsewhere. */
  rewind(): void {
    this.#open = [];
    this.#outcomes.clear();
    this.#left = this.#all;
  }

  /** For all who are left. */
  giveUp(outcome: Outcome): void {
    for (const { place } of [...this.#open, ...this.#left]) this.#outcomes.set(place, outcome);
    this.#open = [];
    this.#left = [];
  }

  outcomes(): ReadonlyMap<number, Outcome> {
    return this.#outcomes;
  }
}

/** RFC 5321 §4.5.3.1.10: the rest goes in another transaction. */
function isOneTooMany({ status, inDoubt }: Outcome): boolean {
  return status.enhanced === "4.5.3" && inDoubt !== true;
}
