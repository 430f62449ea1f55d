/** Has the envelope judged as it is said, the sender and each recipient, and writes down what was decided. */
import { isTransient, type Login, type Status } from "../../mail/index.ts";
import {
  isUnknownThere,
  limitReached,
  type Client,
  type StageVerdict,
} from "../../policy/checks/index.ts";
import type { SmtpAnswer, SmtpAsk } from "../../protocol/smtp/index.ts";
import type { CheckedClient } from "../authentication/index.ts";
import type { NewEvent } from "../record/index.ts";
import type { ReceiveDeps, ReceivedFrom } from "./deps.ts";
import { pathKey } from "./path-key.ts";
import type { SessionCaller } from "./session-caller.ts";
import { speakerOf } from "./speaker.ts";
import { RecipientTaking, type RecipientAsk } from "./recipient-taking.ts";
import { decisionOf, refusalOf, type Ruling } from "./rulings.ts";
import { SendingClient } from "./sending-client.ts";
import type { Transaction } from "./transaction.ts";
import { UnknownJudge } from "./unknown-judge.ts";

export type SenderAsk = SmtpAsk & { readonly kind: "sender" };

const PROCEED: SmtpAnswer = { kind: "proceed" };
/** As the journal calls it. */
const PUT_OFF = "put off to the recipients";

export class EnvelopeJudge {
  readonly #deps: ReceiveDeps;
  readonly #from: ReceivedFrom;
  readonly #record: (event: NewEvent) => void;
  readonly #caller: Pick<SessionCaller, "current">;
  readonly #unknown: UnknownJudge;
  readonly #taking: RecipientTaking;
  readonly #client: SendingClient;
  /** Why nobody but a relay test may get its mail. */
  #barred: Ruling | undefined;

  constructor(
    deps: ReceiveDeps,
    from: ReceivedFrom,
    record: (event: NewEvent) => void,
    caller: Pick<SessionCaller, "current">,
  ) {
    this.#deps = deps;
    this.#from = from;
    this.#record = record;
    this.#caller = caller;
    this.#unknown = new UnknownJudge(deps);
    this.#taking = new RecipientTaking(deps, this.#unknown);
    this.#client = new SendingClient(deps, from, caller);
  }

  /** Who is sending, as of the last MAIL. */
  get client(): Client {
    return this.#client.current;
  }

  /** Of strangers it is asked how well they are known; a reverse-path is a claim, and where mail goes does not depend on it. */
  sender({ reversePath }: SenderAsk, login: Login | undefined): Ruled | Promise<Ruled> {
    this.#client.begin(login);
    this.#barred = undefined;
    // It is the directory that says whose address that is, and it may have changed since the last recipient.
    const proved = login === undefined ? undefined : this.#deps.directoryProved();
    return proved === undefined
      ? this.#judgeSender(reversePath, login)
      : proved.then(() => this.#judgeSender(reversePath, login));
  }

  #judgeSender(
    reversePath: SenderAsk["reversePath"],
    login: Login | undefined,
  ): Ruled | Promise<Ruled> {
    const identity = speakerOf(this.client, reversePath, { caller: this.#caller.current });
    const verdict = this.#deps.stages.sender({
      reversePath,
      ...(login !== undefined && { login }),
      ...(identity !== undefined && { identity }),
    });
    const rule = (judged: StageVerdict): Ruled => {
      const refusal = this.#refusal(judged, login);
      const isPutOff = login === undefined && this.#deps.testReturns !== undefined;
      return refusal !== undefined && isPutOff
        ? this.#putOff(reversePath, refusal)
        : this.#ruledSender(reversePath, refusal, judged);
    };
    return verdict instanceof Promise ? verdict.then(rule) : rule(verdict);
  }

  /** A stranger who is not let in may bring what he was tested with: the no is said to whomever else he names. */
  #putOff(reversePath: SenderAsk["reversePath"], refusal: Ruling): Ruled {
    this.#barred = refusal;
    const { evidence } = refusal;
    const decision = { check: PUT_OFF, action: "continue", evidence } as const;
    this.#record({ kind: "sender", address: pathKey(reversePath), decision });
    return undefined;
  }

  recipient(
    ask: RecipientAsk,
    transaction: Transaction,
    login: Login | undefined,
    seen: CheckedClient,
  ): SmtpAnswer | Promise<SmtpAnswer> {
    const asked = this.#unknown.askOfSender(transaction, this.client, seen);
    // The directory may change meanwhile.
    if (asked !== undefined) return asked.then(() => this.recipient(ask, transaction, login, seen));
    const proved = this.#deps.directoryProved();
    return proved === undefined
      ? this.#judgeRecipient(ask, transaction, login, seen)
      : proved.then(() => this.#judgeRecipient(ask, transaction, login, seen));
  }

  #judgeRecipient(
    ask: RecipientAsk,
    transaction: Transaction,
    login: Login | undefined,
    seen: CheckedClient,
    found = this.#deps.routing.route(ask),
    earlier?: StageVerdict["checks"],
  ): SmtpAnswer | Promise<SmtpAnswer> {
    if (this.#barred !== undefined && found.test === undefined)
      return this.#refused(ask, transaction, this.#barred);
    const unknown =
      found.recipient === "unknown mailbox" ? this.#unknown.judge(transaction) : undefined;
    const route = unknown === undefined ? found : { ...found, recipient: unknown.recipient };
    const client = this.#client.withPeer();
    const verdict = this.#deps.stages.recipient({
      client,
      helo: seen.helo,
      ...(login !== undefined && { login }),
      reversePath: transaction.reversePath,
      forwardPath: ask.forwardPath,
      route,
      ...(unknown !== undefined && { unknown: unknown.facts }),
      declaredOctets: transaction.parameters.size ?? 0,
      recipientsBefore: transaction.recipientCount,
      returnBefore: transaction.hasReturn,
      level: () => this.#client.knownLevel(),
      ...(earlier !== undefined && { earlier }),
    });
    const rule = (judged: StageVerdict): SmtpAnswer | Promise<SmtpAnswer> => {
      const { otherwise } = route;
      // RFC 5321 §4.5.1: postmaster is always there, if not with the domain's mailboxes, then here.
      const instead = isUnknownThere(judged)
        ? (otherwise ?? this.#unknown.there(transaction))
        : undefined;
      if (instead !== undefined)
        return this.#judgeRecipient(ask, transaction, login, seen, instead, judged.checks);
      return this.#rule(
        ask,
        transaction,
        judged,
        this.#refusal(judged, login) ?? this.#taking.take(ask, transaction, route, client, judged),
      );
    };
    return verdict instanceof Promise ? verdict.then(rule) : rule(verdict);
  }

  #rule(
    ask: RecipientAsk,
    transaction: Transaction,
    verdict: StageVerdict,
    refusal: Ruling | undefined,
  ): SmtpAnswer {
    if (refusal !== undefined) return this.#refused(ask, transaction, refusal);
    const decision = decisionOf(verdict);
    this.#record({ kind: "recipient", address: pathKey(ask.forwardPath), decision });
    return PROCEED;
  }

  #refused({ forwardPath }: RecipientAsk, transaction: Transaction, refusal: Ruling): SmtpAnswer {
    this.#record({ kind: "recipient", address: pathKey(forwardPath), decision: refusal });
    if (!isTransient(refusal.status)) transaction.refusedRecipients++;
    return { kind: "status", status: refusal.status };
  }

  #ruledSender(
    reversePath: SenderAsk["reversePath"],
    refusal: Ruling | undefined,
    verdict: StageVerdict,
  ): Ruled {
    const decision = refusal ?? decisionOf(verdict);
    this.#record({ kind: "sender", address: pathKey(reversePath), decision });
    return refusal?.status;
  }

  /** A limit that a login has reached is more than a refusal: somebody has to look at it. */
  #refusal(verdict: StageVerdict, login: Login | undefined): Ruling | undefined {
    const refusal = refusalOf(verdict);
    if (refusal !== undefined && login !== undefined && limitReached(verdict)) {
      const againAt = Number(verdict.evidence["againAt"]);
      const { session, ip } = this.#from;
      const words = refusal.status.text;
      void this.#deps.sending.reached({ login, session, ip, words, againAt });
    }
    return refusal;
  }
}

/** The no, where it is one. */
export type Ruled = Status | undefined;
