/**
 * Has a message judged whose content is in, and commits what is accepted: an acceptance is in the store, flushed, with its
 * record, before anybody is told.
 */
import { clientNetwork, type Facts, type Login, type MessageId } from "../../mail/index.ts";
import type { Client, ListedSubject, StageVerdict } from "../../policy/checks/index.ts";
import type { Results } from "../authentication/index.ts";
import type { CommitResult, SentMessage, SessionRecord } from "../../store/index.ts";
import type { NewEvent } from "../record/index.ts";
import { acceptanceOf, type SessionSeen } from "./acceptance.ts";
import { completingFields, ownMessageId } from "./completion.ts";
import type { ReceiveDeps, ReceivedFrom } from "./deps.ts";
import { isOurs } from "./ours.ts";
import { evidenceOf, isVerified } from "./sender-evidence.ts";
import type { Intake } from "./intake.ts";
import { originEvent, originFields } from "./origin.ts";
import {
  accepted,
  decisionOf,
  GAVE_WAY,
  HEADER_TOO_LONG,
  NOBODY,
  notStored,
  refusalOf,
  ruling,
  type Ruling,
} from "./rulings.ts";
import { REPORT_MAIL_OCTETS, reporterOf } from "./report-mail.ts";
import type { SessionCaller } from "./session-caller.ts";
import { speakerOf, type Speaker } from "./speaker.ts";
import type { ReportsTo, Transaction } from "./transaction.ts";

/** All of it has come. */
export interface WholeMessage {
  readonly id: MessageId;
  readonly octets: number;
  readonly intake: Intake;
  readonly transaction: Transaction;
  readonly client: Client;
}

interface Judged {
  readonly verdict: StageVerdict;
  readonly origin: Results | undefined;
  /** For its reader: what was found out of its origin. */
  readonly told: Uint8Array;
  /** What it shows about relay tests, where it is for them too. */
  readonly evidence: Facts | undefined;
}

const NOTHING = new Uint8Array(0);

export class MessageJudge {
  readonly #deps: ReceiveDeps;
  readonly #from: ReceivedFrom;
  readonly #record: (event: NewEvent) => void;
  readonly #caller: Pick<SessionCaller, "current">;

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
  }

  /** `recordOf` makes the session's record with the acceptance in it. Rejects when the store fails. */
  async decide(
    message: WholeMessage,
    seen: SessionSeen,
    recordOf: (event: NewEvent) => SessionRecord,
  ): Promise<Ruling> {
    const { intake, transaction, octets } = message;
    const { login } = seen;
    intake.finish();
    const { headerOctets: limit, bodies } = this.#deps.limits;
    if (intake.gaveWay) return ruling("bodies", GAVE_WAY, { limit: bodies });
    if (intake.headerTooLong) return ruling("header section", HEADER_TOO_LONG, { limit });
    const evidence = transaction.tests.length === 0 ? undefined : await this.#keep(message);
    if (evidence !== undefined && transaction.isEvidenceOnly)
      return { check: "relay test", action: "accept", status: accepted(message.id), evidence };
    if (intake.isReport) return ruling("unknown recipients", NOBODY, { report: true });
    const { submission } = intake;
    const origin = await intake.origin?.results();
    const rolesOnly = transaction.isForRolesOnly;
    const caller = this.#caller.current;
    const identity = speakerOf(message.client, transaction.reversePath, {
      caller,
      origin,
      rolesOnly,
    });
    if (origin !== undefined) this.#record(originEvent(origin, identity?.level));
    if (identity !== undefined) this.#count(identity);
    const verdict = await this.#deps.stages.message({
      received: intake.received,
      returns: transaction.hasReturn,
      octets,
      ...(transaction.reportsRelay && { reportsRelay: true as const }),
      ...(origin !== undefined && { origin, rolesOnly }),
      ...(identity !== undefined && { identity }),
      ...this.#listed(message, seen, rolesOnly),
      ...(login !== undefined && {
        login,
        network: clientNetwork(this.#from.ip),
        recipientsRefused: transaction.refusedRecipients,
        ...(submission !== undefined && { authors: submission.authors }),
      }),
    });
    const told = originFields(origin, verdict.action === "mark" ? verdict.marks : []);
    const judged = { verdict, origin, told, evidence };
    return refusalOf(verdict) ?? this.#commit(message, seen, judged, recordOf);
  }

  /** Whatever becomes of the message for others, of what it proves nothing is lost. */
  async #keep({ intake, transaction }: WholeMessage): Promise<Facts> {
    const { testReturns, clock } = this.#deps;
    const { section = NOTHING } = intake;
    const { tests: to, reversePath } = transaction;
    const [client, at] = [this.#from.ip, clock.now()];
    const shows = await testReturns?.came({ to, reversePath, client, at, section });
    if (shows === undefined) throw new Error("evidence that nobody keeps");
    return { relayTest: shows.join(", ") };
  }

  /** What a message is called by its own field, or by the one that we complete it with. */
  namedBy(id: MessageId, { messageId, submission }: Intake): { readonly messageId?: string } {
    const completed =
      submission?.missing.messageId === true ? ownMessageId(id, this.#deps.hostname) : undefined;
    const name = messageId ?? completed;
    return name === undefined ? {} : { messageId: name };
  }

  /** Of a stranger: what lists can be asked about. */
  #listed(
    { client, intake: { arrival }, transaction: { reversePath } }: WholeMessage,
    { helo }: SessionSeen,
    rolesOnly: boolean,
  ): ListedSubject {
    if (arrival === undefined) return {};
    const caller = this.#caller.current;
    const peer = caller.kind === "peer" ? { peer: caller.peer } : {};
    return {
      listed: {
        client: { ...client, ...peer },
        helo: helo.name,
        reversePath,
        rolesOnly,
        ...arrival,
      },
    };
  }

  #count({ domain, level }: Speaker): void {
    this.#deps.identityCounts.note({ at: this.#deps.clock.now(), domain: domain ?? "", level });
  }

  async #commit(
    message: WholeMessage,
    seen: SessionSeen,
    { verdict, origin, told, evidence: shows }: Judged,
    recordOf: (event: NewEvent) => SessionRecord,
  ): Promise<Ruling> {
    const { id, octets, intake, transaction } = message;
    const { login } = seen;
    const { reversePath, spf } = transaction;
    const { network } = message.client;
    const shown = { reversePath, spf, origin, network };
    const evidence = login === undefined ? evidenceOf(shown) : undefined;
    const reporter = reporterOf(login, origin);
    const action = verdict.action === "mark" ? "mark" : "accept";
    const judged = decisionOf(verdict);
    const known = { ...judged.evidence, ...shows };
    const decision = { ...judged, evidence: known, action, status: accepted(id) } as const;
    const at = this.#deps.clock.now();
    const acceptance = acceptanceOf(
      {
        id,
        at,
        octets,
        transaction,
        intake,
        added: Buffer.concat([told, await this.#added(intake, id, at)]),
        ownSender: this.#ownsSender(message, login),
        verified: isVerified(shown, this.#deps.stages.proof),
        ...(evidence !== undefined && { evidence }),
        ...(login !== undefined && { sending: this.#sent(transaction, login) }),
        ...(reporter !== undefined && { reporter }),
      },
      seen,
    );
    const record = recordOf({
      kind: "message",
      message: id,
      octets,
      ...this.namedBy(id, intake),
      decision,
    });
    const result = await intake.commit({ ...acceptance, record });
    if (result.kind === "refused") return this.#notStored(result, message, login);
    if (acceptance.departure !== undefined) this.#deps.waysOut.wake();
    if (acceptance.report !== undefined) this.#deps.reportCame();
    else if (transaction.reportsTo !== undefined) this.#tellOfLarge(id, transaction.reportsTo);
    this.#tellOfTrap(id, intake);
    return decision;
  }

  #tellOfLarge(message: MessageId, { about }: ReportsTo): void {
    const why = `more than ${REPORT_MAIL_OCTETS} octets`;
    this.#deps.log.warn(`${about} report left to the postmaster`, { message, ip: this.#from.ip, why }); // prettier-ignore
  }

  /** Its sampling was begun where there is something to tell. */
  #tellOfTrap(message: MessageId, { sampling, section = NOTHING }: Intake): void {
    if (sampling === undefined) return;
    const { trap } = sampling;
    this.#deps.traps?.caught({ message, ip: this.#from.ip, trap, sample: sampling.sample(section) }); // prettier-ignore
  }

  /** What we write above the message: what it lacks, and signatures over it and that; or the seal of a forward. */
  async #added(intake: Intake, id: MessageId, at: number): Promise<Uint8Array> {
    const { submission, origin: { forward } = {} } = intake;
    if (forward !== undefined) {
      const { fields, facts } = await forward.finish();
      this.#record(facts);
      return fields;
    }
    if (submission === undefined) return NOTHING;
    const { hostname } = this.#deps;
    const completing = completingFields(submission.missing, { id, hostname, at });
    const signing = intake.signatures(completing);
    return signing === undefined ? completing : Buffer.concat([await signing, completing]);
  }

  /** A login sends as nobody else; a trusted network's host may name whomever it likes, so only who is here is believed. */
  #ownsSender({ transaction, client }: WholeMessage, login: Login | undefined): boolean {
    const { reversePath } = transaction;
    if (reversePath === null) return false;
    if (login !== undefined) return true;
    if (!isOurs(client)) return false;
    const path = { forwardPath: reversePath, sourceRoute: false };
    return this.#deps.routing.route(path).mailboxes.length > 0;
  }

  #sent(transaction: Transaction, login: Login): SentMessage {
    return this.#deps.sending.message(login, {
      ip: this.#from.ip,
      recipients: transaction.recipientCount,
      recipientsRefused: transaction.refusedRecipients,
    });
  }

  #notStored(
    result: CommitResult & { readonly kind: "refused" },
    { transaction, octets }: WholeMessage,
    login: Login | undefined,
  ): Ruling {
    const neverFits = octets > (transaction.quotaOf(result.mailbox) ?? Infinity);
    const refusal = notStored(result, neverFits);
    if (result.why === "sending limit" && login !== undefined) {
      const { session, ip } = this.#from;
      void this.#deps.sending.reached({ login, session, ip, words: refusal.status.text });
    }
    return refusal;
  }
}
