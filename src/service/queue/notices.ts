/**
 * Failures that no sender is told of are told to the operator: each is a line in the log, and now and then the
 * postmaster gets one message about all of them, so that a flood of failures is no flood of mail. What a crash forgets
 * here, log and journal have.
 */
import {
  dateTime,
  formatStatus,
  journalKey,
  messageId,
  printable,
  sessionId,
  SESSION_ID_ENTROPY_OCTETS,
} from "../../mail/index.ts";
import { errorText } from "../../runtime/index.ts";
import { deposit, letter, letterRecord } from "../postmaster/index.ts";
import type { QueueDeps } from "./deps.ts";
import type { Untold } from "./reports.ts";

type NoticesDeps = Pick<QueueDeps, "messages" | "policy" | "site" | "clock" | "random" | "log">;

/** Failures that one notice names; the others are counted. */
const NAMED = 20;
/** How long the first is waited with, for others that come with it. */
const GATHER_MS = 60_000;

export class Notices {
  readonly #deps: NoticesDeps;
  #named: string[] = [];
  #count = 0;
  #firstAt = 0;
  #since = 0;
  #lastAt = -Infinity;

  constructor(deps: NoticesDeps) {
    this.#deps = deps;
  }

  add({ failure, reason }: Untold): void {
    const { row, outcome } = failure;
    const { message, forwardPath, reversePath } = row;
    const why = formatStatus(outcome.status);
    this.#deps.log.warn("failure not reported", {
      message,
      forwardPath,
      reversePath,
      status: why,
      reason,
    });
    // Who asked not to be told has not asked for the postmaster instead.
    if (row.parameters.notify?.includes("FAILURE") === false) return;
    if (this.#count++ === 0) {
      this.#firstAt = this.#deps.clock.elapsed();
      this.#since = this.#deps.clock.now();
    }
    if (this.#named.length === NAMED) return;
    const { lines = [why] } = outcome.reply ?? {};
    this.#named.push(
      `${message}  from <${reversePath}> to <${forwardPath}>\r\n` +
        `    ${printable(lines.join(" ")).slice(0, 500)}\r\n    not reported: ${reason}`,
    );
  }

  /** When there is one to be sent, in milliseconds from now. */
  dueIn(intervalMs: number): number {
    if (this.#count === 0) return Infinity;
    const due = Math.max(this.#firstAt + GATHER_MS, this.#lastAt + intervalMs);
    return Math.max(0, due - this.#deps.clock.elapsed());
  }

  /** One that cannot be stored is tried again an interval later. Never rejects. */
  async send(): Promise<void> {
    const [named, count, since] = [this.#named, this.#count, this.#since];
    this.#named = [];
    this.#count = 0;
    this.#lastAt = this.#deps.clock.elapsed();
    try {
      await this.#store(noticeText(named, count, since), count);
    } catch (error) {
      this.#deps.log.error("notice to the postmaster not stored", { problem: errorText(error) });
      this.#named = [...named, ...this.#named].slice(0, NAMED);
      this.#count += count;
      this.#since = since;
    }
  }

  async #store(text: string, recipients: number): Promise<void> {
    const { messages, policy, site, clock, random } = this.#deps;
    const { hostname, postmaster } = site();
    const { mailboxes } = policy.route(postmaster);
    const session = sessionId(random.octets(SESSION_ID_ENTROPY_OCTETS));
    const [id, at] = [messageId(session, 1), clock.now()];
    const subject = "Mail that could not be delivered, and nobody was told";
    const content = letter({ id, hostname, postmaster, subject, text, at });
    const record = letterRecord({
      session,
      at,
      octets: content.length,
      listener: "notice to the operator",
      ip: "127.0.0.1", // of several senders, so of none
      address: journalKey(postmaster),
      check: "failures not reported",
      evidence: { recipients },
    });
    const result = await deposit(content, { id, mailboxes, record }, messages);
    if (result.kind === "refused") throw new Error(`the postmaster's ${result.why}`);
  }
}

function noticeText(named: readonly string[], count: number, since: number): string {
  const many = count === 1 ? "1 recipient" : `${count} recipients`;
  const rest = count > named.length ? `and ${count - named.length} more.\r\n\r\n` : "";
  return (
    `Since ${dateTime(since)}, ${many} could not be reached, and no sender was told,\r\n` +
    "for the reason that stands with each.\r\n\r\n" +
    `${named.join("\r\n\r\n")}\r\n\r\n${rest}gatepost explain ID shows the whole of each.\r\n`
  );
}
