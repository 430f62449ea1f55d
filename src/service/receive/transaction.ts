/** The envelope while it is being said: reverse-path, recipients that were accepted, and where their mail goes. */
import type { ForwardPath, MailboxId, ReversePath, SenderParameters } from "../../mail/index.ts";
import type { RoutedMailbox } from "../../policy/routing/index.ts";

export class Transaction {
  readonly reversePath: ReversePath;
  readonly parameters: SenderParameters;
  readonly #recipients: ForwardPath[] = [];
  readonly #mailboxes = new Map<MailboxId, RoutedMailbox>();

  constructor(reversePath: ReversePath, parameters: SenderParameters) {
    this.reversePath = reversePath;
    this.parameters = parameters;
  }

  addRecipient(forwardPath: ForwardPath, mailboxes: readonly RoutedMailbox[]): void {
    this.#recipients.push(forwardPath);
    for (const mailbox of mailboxes) this.#mailboxes.set(mailbox.id, mailbox);
  }

  /** Two recipients that lead to one mailbox are one copy. */
  get mailboxes(): readonly MailboxId[] {
    return [...this.#mailboxes.keys()];
  }

  /** Octets; undefined where the mailbox has none. */
  quotaOf(mailbox: MailboxId): number | undefined {
    return this.#mailboxes.get(mailbox)?.quotaOctets;
  }

  /** The recipient, when it is the only one. */
  get onlyRecipient(): ForwardPath | undefined {
    return this.#recipients.length === 1 ? this.#recipients[0] : undefined;
  }
}
