/**
 * Takes a recipient against whom no check has spoken into the transaction, as what he is. Promises: whatever the checks say, a recipient with
 * neither a mailbox here, nor a grant to leave, nor a report to its sender is not taken, unless all that becomes of it is evidence of a relay test.
 */
import { formatAddress } from "../../mail/index.ts";
import type { Client, StageVerdict } from "../../policy/checks/index.ts";
import type { Route } from "../../policy/routing/index.ts";
import type { SmtpAsk } from "../../protocol/smtp/index.ts";
import { departing } from "./departures.ts";
import type { ReceiveDeps } from "./deps.ts";
import { reportAddress } from "./report-mail.ts";
import { ruling, UNDECIDED, type Ruling } from "./rulings.ts";
import type { Transaction } from "./transaction.ts";
import type { UnknownJudge } from "./unknown-judge.ts";

export type RecipientAsk = SmtpAsk & { readonly kind: "recipient" };

export class RecipientTaking {
  readonly #deps: Pick<ReceiveDeps, "stages" | "testReturns" | "waysOut">;
  readonly #unknown: Pick<UnknownJudge, "count">;

  constructor(
    deps: Pick<ReceiveDeps, "stages" | "testReturns" | "waysOut">,
    unknown: Pick<UnknownJudge, "count">,
  ) {
    this.#deps = deps;
    this.#unknown = unknown;
  }

  /** Why he is not taken after all; undefined where he is. */
  take(
    { forwardPath, dsn = {} }: RecipientAsk,
    transaction: Transaction,
    route: Route,
    client: Client,
    { evidence, checks }: StageVerdict,
  ): Ruling | undefined {
    const settled = this.#deps.stages.failure(client, route);
    if (settled !== undefined && forwardPath !== "postmaster") {
      this.#unknown.count(transaction);
      const path = formatAddress(forwardPath);
      transaction.addReported(forwardPath, { forwardPath: path, settled });
      return undefined;
    }
    if (route.test !== undefined && this.#deps.testReturns !== undefined) {
      transaction.addTestReturn(forwardPath, route.test);
      return undefined;
    }
    const granted = this.#deps.stages.grants(client, route, transaction.reversePath);
    const rows = departing(granted, transaction.reversePath, dsn, this.#deps.waysOut);
    if (route.mailboxes.length === 0 && rows.length === 0)
      return { ...ruling("mailbox", UNDECIDED, evidence), checks };
    const reportsTo = reportAddress(forwardPath, route);
    if (reportsTo === undefined) transaction.addRecipient(forwardPath, route.mailboxes, rows);
    else transaction.addReportAddress(forwardPath, reportsTo);
    return undefined;
  }
}
