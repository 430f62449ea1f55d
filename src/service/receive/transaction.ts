/** The envelope while it is being said: reverse-path, recipients that were accepted, and where their mail goes. */
import type {
  Domain,
  DsnRecipientParameters,
  DsnSenderParameters,
  ForwardPath,
  MailboxId,
  RelayGrant,
  ReversePath,
  SenderParameters,
  Status,
} from "../../mail/index.ts";
import {
  isRole,
  type ReportAbout,
  type RoutedMailbox,
  type TestAddress,
} from "../../policy/routing/index.ts";
import type { SpfFinding } from "../authentication/index.ts";

/** A recipient elsewhere, and the right to send to it. */
export interface Departing extends DsnRecipientParameters {
  /** Wire form, without brackets. */
  readonly forwardPath: string;
  readonly grant: RelayGrant;
  readonly destination: string;
  /** Where reports about it go, wire form; absent: to the message's own reverse-path. */
  readonly reversePath?: string;
}

/** A recipient whom nobody has here; the sender is told so by mail. He cannot have said NOTIFY: DSN is offered to logins alone. */
export interface Reported {
  /** Wire form, without brackets. */
  readonly forwardPath: string;
  readonly settled: Status;
}

/** What is reported there, where mail for a report address goes if it cannot be collected, and of which domain the address is. */
export interface ReportsTo {
  readonly about: ReportAbout;
  readonly mailbox: RoutedMailbox;
  readonly domain: Domain;
}

export class Transaction {
  readonly reversePath: ReversePath;
  readonly parameters: SenderParameters & DsnSenderParameters;
  readonly #recipients: ForwardPath[] = [];
  readonly #mailboxes = new Map<MailboxId, RoutedMailbox>();
  readonly #departing = new Map<string, Departing>();
  readonly #reported = new Map<string, Reported>();
  readonly #tests = new Map<ForwardPath, TestAddress>();
  /** What SPF says of the sender, where it was asked for a recipient. */
  spf: SpfFinding | undefined;
  #reportsTo: ReportsTo | undefined;
  #hasReturn = false;
  refusedRecipients = 0;

  constructor(reversePath: ReversePath, parameters: SenderParameters & DsnSenderParameters) {
    this.reversePath = reversePath;
    this.parameters = parameters;
  }

  addRecipient(
    forwardPath: ForwardPath,
    mailboxes: readonly RoutedMailbox[],
    departing: readonly Departing[] = [],
  ): void {
    this.#recipients.push(forwardPath);
    for (const mailbox of mailboxes) this.#mailboxes.set(mailbox.id, mailbox);
    for (const one of departing) {
      this.#departing.set(one.forwardPath, this.#departing.get(one.forwardPath) ?? one);
      this.#hasReturn ||= one.grant.basis === "return";
    }
  }

  /**
   * An address whose mail is collected; of several the first, for a report says itself which domain it is about. One for relays before
   * all others: not everybody may report there, whomever he names beside it.
   */
  addReportAddress(forwardPath: ForwardPath, reportsTo: ReportsTo): void {
    this.#recipients.push(forwardPath);
    if (this.#reportsTo === undefined || (reportsTo.about === "relay" && !this.reportsRelay))
      this.#reportsTo = reportsTo;
  }

  addReported(forwardPath: ForwardPath, reported: Reported): void {
    this.#recipients.push(forwardPath);
    this.#reported.set(reported.forwardPath, reported);
  }

  /** A relay test's: what is in the message is evidence. */
  addTestReturn(forwardPath: ForwardPath, test: TestAddress): void {
    this.#recipients.push(forwardPath);
    this.#tests.set(forwardPath, test);
  }

  /** Relay tests that it is evidence for; each address once. */
  get tests(): readonly TestAddress[] {
    const all = [...this.#tests.values()];
    return [...new Map(all.map((test) => [`${test.token} ${test.isSender}`, test])).values()];
  }

  /** It is for nobody else. */
  get isEvidenceOnly(): boolean {
    return this.#tests.size > 0 && this.#tests.size === this.#recipients.length;
  }

  /** Each address once. */
  get reported(): readonly Reported[] {
    return [...this.#reported.values()];
  }

  /** Nobody gets it: all that comes of it is a report. */
  get isReportedOnly(): boolean {
    const isTaken = this.leaves || this.#mailboxes.size > 0 || this.#reportsTo !== undefined;
    return !isTaken && this.#reported.size > 0;
  }

  get reportsTo(): ReportsTo | undefined {
    return this.#reportsTo;
  }

  get reportsRelay(): boolean {
    return this.#reportsTo?.about === "relay";
  }

  /** Of those that get it. */
  trapAmong(isTrap: (mailbox: RoutedMailbox) => boolean): RoutedMailbox | undefined {
    return this.#mailboxes.values().find(isTrap);
  }

  /** Two recipients that lead to one mailbox are one copy. */
  get mailboxes(): readonly MailboxId[] {
    return [...this.#mailboxes.keys()];
  }

  /** Two recipients that lead to one address abroad are one copy, on the strength of the first. */
  get departing(): readonly Departing[] {
    return [...this.#departing.values()];
  }

  /** Those whose aliases forward it; what goes to the mailboxes of a gateway domain is at home there. */
  forwardingDomains(isGatewayDomain: (domain: Domain) => boolean): readonly Domain[] {
    const aliases = this.departing.filter(
      ({ grant }) => grant.basis === "alias" && !isGatewayDomain(grant.domain),
    );
    // An alias holds its grant by its address, which is canonical.
    const domains = aliases.map(({ grant: { holder } }) => holder.split("@").at(-1) as Domain);
    return [...new Set(domains)];
  }

  get leaves(): boolean {
    return this.#departing.size > 0;
  }

  /** Rows of the queue come of it. */
  get isQueued(): boolean {
    return this.leaves || this.#reported.size > 0;
  }

  /** All that leaves is what a peer may relay. */
  get leavesByPeer(): boolean {
    return this.leaves && this.departing.every(({ grant }) => grant.basis === "peer");
  }

  /** It is a peer's for another server, and nobody here gets it. */
  get passesThrough(): boolean {
    return this.leavesByPeer && this.#mailboxes.size === 0 && this.#reportsTo === undefined;
  }

  get recipientCount(): number {
    return this.#recipients.length;
  }

  /** Nobody but postmaster and abuse is to get it; what it is evidence for changes nothing about that. */
  get isForRolesOnly(): boolean {
    return this.#recipients.every((path) => isRole(path) || this.#tests.has(path));
  }

  /** One of them is where a forward returns to. */
  get hasReturn(): boolean {
    return this.#hasReturn;
  }

  /** Octets; undefined where the mailbox has none. */
  quotaOf(mailbox: MailboxId): number | undefined {
    const reportsTo = this.#reportsTo?.mailbox;
    const found = reportsTo?.id === mailbox ? reportsTo : this.#mailboxes.get(mailbox);
    return found?.quotaOctets;
  }

  /** The recipient, when it is the only one. */
  get onlyRecipient(): ForwardPath | undefined {
    return this.#recipients.length === 1 ? this.#recipients[0] : undefined;
  }
}
