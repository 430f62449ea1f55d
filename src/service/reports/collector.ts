/**
 * Collects the reports that came by mail: one at a time, the oldest first, beginning with what a crash left waiting. What can
 * be read is kept and its mail goes; what cannot goes to the postmaster as it came. Nothing is lost in between: a mail that waits is there
 * until its report is kept, or it is in a mailbox.
 */
import type { MailboxId } from "../../mail/index.ts";
import { errorText, type Log } from "../../runtime/index.ts";
import type { ReportMails, ReportSubject, WaitingReport } from "../../store/index.ts";

/** Keeps what a mail of one kind reports, and sees to it that the mail goes; else why the mail is left, for the log. */
export type KeepReport<Mail extends WaitingReport> = (
  mail: Mail,
  octets: Uint8Array<ArrayBuffer>,
) => Promise<string | undefined>;

export type WaitingAbout<About extends ReportSubject["about"]> = WaitingReport & {
  readonly about: About;
};

export interface CollectorDeps {
  readonly mails: Pick<ReportMails, "waiting" | "read" | "deposit">;
  readonly keepTls: KeepReport<WaitingAbout<"tls">>;
  readonly keepRelays: KeepReport<WaitingAbout<"relay">>;
  /** Nothing is to be read for a while. */
  rest(): Promise<void>;
  readonly log: Log;
  /** Undefined: there is none at the moment. */
  postmaster(): MailboxId | undefined;
}

/** Octets read at once. */
const CHUNK = 262_144;

/** After a failure of the store, milliseconds. */
const PAUSE_MS = 60_000;

export class ReportCollector {
  readonly #deps: CollectorDeps;
  #work: Promise<void> | undefined;
  /** Something has come since the last look. */
  #woken = false;
  #stopped = false;
  #pause: NodeJS.Timeout | undefined;

  constructor(deps: CollectorDeps) {
    this.#deps = deps;
  }

  /** Something may wait. Returns at once. */
  wake(): void {
    this.#woken = true;
    if (this.#stopped || this.#work !== undefined) return;
    this.#work = this.#collect().finally(() => {
      this.#work = undefined;
      if (this.#woken && this.#pause === undefined) this.wake();
    });
  }

  /** Ends after the mail that is being read. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#pause);
    await this.#work;
  }

  async #collect(): Promise<void> {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    try {
      while (this.#woken) await this.#all();
    } catch (error) {
      this.#deps.log.error("reports not collected", {
        problem: errorText(error),
        todo: "nothing is lost, and it is tried again each minute",
      });
      this.#pause = setTimeout(() => this.#again(), PAUSE_MS).unref();
    }
    await this.#deps.rest();
  }

  #again(): void {
    this.#pause = undefined;
    this.wake();
  }

  async #all(): Promise<void> {
    this.#woken = false;
    for (let before: WaitingReport | undefined; ;) {
      const [mail] = this.#stopped ? [] : this.#deps.mails.waiting(1);
      if (mail === undefined) return;
      if (mail.id === before?.id) throw new Error(`${mail.message} cannot be read in the store`);
      await this.#one(mail);
      before = mail;
    }
  }

  async #one(mail: WaitingReport): Promise<void> {
    const octets = await this.#octetsOf(mail);
    if (octets === undefined) return; // it has gone
    const { keepTls, keepRelays } = this.#deps;
    const why = await (mail.about === "tls" ? keepTls(mail, octets) : keepRelays(mail, octets));
    if (why !== undefined) await this.#leave(mail, why);
  }

  async #octetsOf({ id, octets }: WaitingReport): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const whole = new Uint8Array(octets);
    for (let at = 0; at < octets;) {
      const piece = await this.#deps.mails.read(id, at, CHUNK);
      if (piece === undefined || piece.length === 0) return undefined;
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  async #leave(mail: WaitingReport, why: string): Promise<void> {
    const { mails, log } = this.#deps;
    const mailbox = this.#deps.postmaster();
    if (mailbox === undefined || !(await mails.deposit(mail.id, mailbox)))
      throw new Error("there is no mailbox for the postmaster");
    log.warn(`${mail.about} report left to the postmaster`, { ...shownMail(mail), why });
  }
}

/** For the log. */
export function shownMail(mail: WaitingReport) {
  const { message, domain, from, ip } = mail;
  return { message, to: domain, from, ip, ...(mail.about === "relay" && { by: mail.reporter }) };
}
