/**
 * Counts what logins send, with what the store has: nothing has to be rebuilt after a restart, and other nodes count along.
 * When a limit is reached, the rest of the login's queue is held, the log says so, and the operator is written to.
 */
import {
  clientNetwork,
  messageId,
  SESSION_ID_ENTROPY_OCTETS,
  sessionId,
  type Address,
  type Ip,
  type Login,
  type MailboxId,
  type SessionId,
} from "../../mail/index.ts";
import {
  DAY_MS,
  HOUR_MS,
  type SendingAccount,
  type SendingCounter,
  type SendingHabits,
  type SendingHistory,
  type SendingLimits,
} from "../../policy/checks/index.ts";
import { errorText, type Clock, type Log, type Random } from "../../runtime/index.ts";
import {
  SENT_KEPT_MS,
  SENT_STEP_MS,
  type QueueKey,
  type SentMessage,
  type Store,
} from "../../store/index.ts";
import { deposit, letter, letterRecord } from "../postmaster/index.ts";
import { limitNotice } from "./limit-notice.ts";
import type { SendingSettings } from "./settings.ts";

export interface SendingParts {
  readonly store: Pick<Store, "sending" | "queue" | "openMessage"> & {
    readonly directory: Pick<Store["directory"], "mailboxById">;
  };
  readonly settings: SendingSettings;
  readonly hostname: string;
  /** Who is written to. */
  readonly postmaster: { readonly address: Address; mailbox(): MailboxId | undefined };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A login that was told to wait. */
export interface LimitReached {
  readonly login: Login;
  readonly session: SessionId;
  readonly ip: Ip;
  /** What it was told. */
  readonly words: string;
  /** When there is room again, milliseconds since 1970; absent: not known. */
  readonly againAt?: number;
}

/** Rows held in one transaction. */
const HOLD_PAGE = 500;

export class Sending implements SendingCounter, SendingHistory {
  readonly #parts: SendingParts;
  /** Until when nothing more has to be done about a mailbox that is at its limit, by the clock's `elapsed`. */
  readonly #quietUntil = new Map<MailboxId, number>();

  constructor(parts: SendingParts) {
    this.#parts = parts;
  }

  account({ mailbox }: Login): SendingAccount {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const factor = store.directory.mailboxById(mailbox)?.sendingFactor ?? 1;
    return {
      now,
      factor,
      sent: store.sending.sent(mailbox, now - DAY_MS, now),
    };
  }

  limits(factor: number): SendingLimits {
    return sendingLimits(this.#parts.settings, factor);
  }

  habits({ mailbox }: Login, network: string): SendingHabits {
    const now = this.#parts.clock.now();
    const week = this.#parts.store.sending.sent(mailbox, now - SENT_KEPT_MS, now);
    const day = week.filter(({ until }) => until > now - DAY_MS);
    const networks = new Set(week.map((step) => step.network).filter((one) => one !== ""));
    return {
      networks: networks.size,
      networkKnown: networks.has(network),
      recipients: day.reduce((sum, step) => sum + step.recipients, 0),
      recipientsRefused: day.reduce((sum, step) => sum + step.recipientsRefused, 0),
    };
  }

  /** What is committed with the login's message: the store counts it, and takes no more than the limits. */
  message(
    login: Login,
    from: { readonly ip: Ip; readonly recipients: number; readonly recipientsRefused: number },
  ): SentMessage {
    const { now, factor = 1 } = this.account(login);
    const limits = this.limits(factor);
    const { ip, ...counts } = from;
    return {
      mailbox: login.mailbox,
      at: now,
      network: clientNetwork(ip),
      ...counts,
      limits: [
        {
          since: now - HOUR_MS,
          messages: limits.messagesPerHour,
          recipients: limits.recipientsPerHour,
        },
        {
          since: now - DAY_MS,
          messages: limits.messagesPerDay,
          recipients: limits.recipientsPerDay,
        },
      ],
    };
  }

  /**
   * Holds, logs and writes to the operator, once until the limit ends however often the client asks: what the operator
   * has released meanwhile stays released. Nobody waits for it; the client has its answer already.
   */
  async reached(limit: LimitReached): Promise<void> {
    const { clock, log } = this.#parts;
    const now = clock.now();
    const { mailbox, address: login } = limit.login;
    if (clock.elapsed() < (this.#quietUntil.get(mailbox) ?? -Infinity)) return;
    this.#stayQuiet(mailbox, (limit.againAt ?? now + SENT_STEP_MS) - now);
    const { session, ip, words } = limit;
    try {
      const held = await this.#hold(login, now);
      log.warn("sending limit reached", {
        login,
        session,
        ip,
        words,
        held,
        todo: `look at \`gatepost explain ${login}\`; \`gatepost queue release --login ${login}\` lets go what is held`,
      });
      await this.#notify(limit, held, now);
    } catch (error) {
      log.error("sending limit not handled", { login, session, problem: errorText(error) });
    }
  }

  #stayQuiet(mailbox: MailboxId, ms: number): void {
    const elapsed = this.#parts.clock.elapsed();
    for (const [other, end] of this.#quietUntil) if (end <= elapsed) this.#quietUntil.delete(other);
    this.#quietUntil.set(mailbox, elapsed + ms);
  }

  /** All that the login has in the queue, page by page; how many rows. */
  async #hold(login: string, at: number): Promise<number> {
    let held = 0;
    let after: QueueKey | undefined;
    do {
      const page = { limit: HOLD_PAGE, ...(after !== undefined && { after }) };
      const { changed, next } = await this.#parts.store.queue.act("hold", at, { login }, page);
      held += changed;
      after = next;
    } while (after !== undefined);
    return held;
  }

  /** The store takes one a day about a mailbox, whichever node was first. */
  async #notify(limit: LimitReached, held: number, at: number): Promise<void> {
    const { store, hostname, postmaster, random, log } = this.#parts;
    const into = postmaster.mailbox();
    if (into === undefined) throw new Error("there is no mailbox for the postmaster");
    const session = sessionId(random.octets(SESSION_ID_ENTROPY_OCTETS));
    const id = messageId(session, 1);
    const { login, ip, words } = limit;
    const content = letter({
      id,
      hostname,
      postmaster: postmaster.address,
      subject: `Sending limit of ${login.address} reached`,
      text: limitNotice({ login: login.address, ip, words, held, at }),
      at,
    });
    const notice = { about: login.mailbox, day: Math.floor(at / DAY_MS) };
    const record = letterRecord({
      session,
      at,
      octets: content.length,
      listener: "notice to the operator",
      ip,
      address: login.address,
      check: "sending limit",
      evidence: { login: login.address, words, session: limit.session },
    });
    const result = await deposit(content, { id, mailboxes: [into], notice, record }, store);
    if (result.kind === "refused" && result.why !== "noticed before")
      log.error("notice not stored", { login: login.address, problem: result.why });
  }
}

/** Of a mailbox that may send so many times as much as others. */
export function sendingLimits(settings: SendingSettings, factor: number): SendingLimits {
  return {
    messagesPerHour: settings.messages_per_hour * factor,
    recipientsPerHour: settings.recipients_per_hour * factor,
    messagesPerDay: settings.messages_per_day * factor,
    recipientsPerDay: settings.recipients_per_day * factor,
    recipientsPerMessage: settings.recipients_per_message * factor,
  };
}
