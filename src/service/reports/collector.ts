/**
 * Collects the reports that came by mail: one at a time, the oldest first, beginning with what a crash left waiting. What can
 * be read is kept and its mail goes; what cannot, or is about nobody here, or is more than is kept of a day, goes to the
 * postmaster as it came. Each is one transaction of the store, so that nothing is lost in between.
 */
import type { Domain, MailboxId } from "../../mail/index.ts";
import { errorText, type Log } from "../../runtime/index.ts";
import type { TlsReport, TlsReports, WaitingReport } from "../../store/index.ts";
import type { ReportReader } from "./reading.ts";

export interface CollectorDeps {
  readonly reports: Pick<TlsReports, "waiting" | "read" | "keep" | "deposit">;
  readonly reader: ReportReader;
  readonly log: Log;
  isOurs(domain: Domain): boolean;
  /** Undefined: there is none at the moment. */
  postmaster(): MailboxId | undefined;
  /** Reports kept of one day. */
  perDay(): number;
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
    await this.#deps.reader.rest();
  }

  #again(): void {
    this.#pause = undefined;
    this.wake();
  }

  async #all(): Promise<void> {
    this.#woken = false;
    for (let before: WaitingReport | undefined; ;) {
      const [mail] = this.#stopped ? [] : this.#deps.reports.waiting(1);
      if (mail === undefined) return;
      if (mail.id === before?.id) throw new Error(`${mail.message} cannot be read in the store`);
      await this.#one(mail);
      before = mail;
    }
  }

  async #one(mail: WaitingReport): Promise<void> {
    const octets = await this.#octetsOf(mail);
    if (octets === undefined) return; // it has gone
    const reading = await this.#deps.reader.read(octets);
    if (reading.kind === "unreadable") return this.#leave(mail, reading.why);
    const ours = reading.reports.filter(({ domain }) => this.#deps.isOurs(domain));
    if (ours.length === 0) return this.#leave(mail, notOurs(reading.reports));
    const result = await this.#deps.reports.keep(mail.id, ours, this.#deps.perDay());
    if (result.kind === "too many")
      return this.#leave(mail, "more reports have come today than are kept (reports.per_day)");
    this.#deps.log.info("tls report", {
      ...shown(mail),
      organisation: ours[0]?.organisation,
      domains: ours.map(({ domain }) => domain),
      failed: ours.flatMap(({ policies }) => policies).reduce((sum, one) => sum + one.failed, 0),
      ...(result.fresh === 0 && { known: true }),
    });
  }

  async #octetsOf({ id, octets }: WaitingReport): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const whole = new Uint8Array(octets);
    for (let at = 0; at < octets;) {
      const piece = await this.#deps.reports.read(id, at, CHUNK);
      if (piece === undefined || piece.length === 0) return undefined;
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  async #leave(mail: WaitingReport, why: string): Promise<void> {
    const mailbox = this.#deps.postmaster();
    if (mailbox === undefined || !(await this.#deps.reports.deposit(mail.id, mailbox)))
      throw new Error("there is no mailbox for the postmaster");
    this.#deps.log.warn("tls report left to the postmaster", { ...shown(mail), why });
  }
}

function shown({ message, domain, from, ip }: WaitingReport) {
  return { message, to: domain, from, ip };
}

function notOurs(reports: readonly TlsReport[]): string {
  return `about ${reports[0]?.domain ?? "nobody"}, which is no domain of this site`;
}
