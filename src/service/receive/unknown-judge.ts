/** An unknown recipient in its transaction, where senders are told by mail: what is found out of the sender, and of which kind it is then. */
import type { Client, UnknownRecipient } from "../../policy/checks/index.ts";
import type { Route } from "../../policy/routing/index.ts";
import type { CheckedClient } from "../authentication/index.ts";
import type { ReceiveDeps } from "./deps.ts";
import { isOurs } from "./ours.ts";
import type { Transaction } from "./transaction.ts";

export class UnknownJudge {
  readonly #deps: Pick<ReceiveDeps, "unknownRecipients" | "stages">;

  constructor(deps: Pick<ReceiveDeps, "unknownRecipients" | "stages">) {
    this.#deps = deps;
  }

  /** Before the first recipient, whether he is here or not; undefined where it is known, or nobody wants to know. */
  askOfSender(
    transaction: Transaction,
    client: Client,
    seen: CheckedClient,
  ): Promise<void> | undefined {
    const { reversePath } = transaction;
    const { unknownRecipients } = this.#deps;
    if (unknownRecipients === undefined || transaction.spf !== undefined) return undefined;
    if (isOurs(client) || reversePath?.host.kind !== "domain") return undefined;
    const found = unknownRecipients.spf(seen, reversePath.host.domain);
    if (found instanceof Promise) return found.then((spf) => void (transaction.spf = spf));
    transaction.spf = found;
    return undefined;
  }

  /** Undefined where it is as it stands in the directory: no such mailbox. */
  judge({ reversePath, spf, reported }: Transaction): UnknownRecipient | undefined {
    const { unknownRecipients, stages } = this.#deps;
    if (unknownRecipients === undefined || spf === undefined) return undefined;
    if (reversePath?.host.kind !== "domain") return undefined;
    return stages.unknown({
      reversePath,
      spf,
      before: reported.length,
      most: unknownRecipients.most,
      room: unknownRecipients.hasRoom(reversePath.host.domain),
    });
  }

  /** Whom the inner host does not know is reported as if its mailboxes were here; undefined where it is refused in that host's name. */
  there(transaction: Transaction): Route | undefined {
    const { recipient = "unknown mailbox" } = this.judge(transaction) ?? {};
    return recipient === "unknown mailbox" ? undefined : NOBODY_THERE;
  }

  /** A message's first is one report of its sender's domain. */
  count({ reversePath, reported }: Transaction): void {
    if (reported.length > 0 || reversePath?.host.kind !== "domain") return;
    this.#deps.unknownRecipients?.count(reversePath.host.domain);
  }
}

const NOBODY_THERE: Route = { recipient: "unknown mailbox", mailboxes: [], abroad: [] };
