/** The people of the simulation: ann sends and reads her reports, an operator meddles with the queue. */
import {
  messageId,
  messageSession,
  parseSessionId,
  type MessageId,
} from "../../../src/mail/index.ts";
import type {
  DepartingRecipient,
  Departure,
  MessageDraft,
  QueueAction,
  QueueFilter,
  Store,
} from "../../../src/store/index.ts";
import type { Dice } from "../../fuzz/dice.ts";
import type { Ledger } from "./ledger.ts";
import { ANN, grantFor, known, type Mailboxes } from "./site.ts";
import type { SimulatedTime } from "./time.ts";

/** Of what people send, and of no report. */
const HEAD = "Received: here\r\n";

export class People {
  readonly #dice: Dice;
  readonly #time: SimulatedTime;
  readonly #ledger: Ledger;
  #sent = 0;

  constructor(dice: Dice, time: SimulatedTime, ledger: Ledger) {
    this.#dice = dice;
    this.#time = time;
    this.#ledger = ledger;
  }

  get sent(): number {
    return this.#sent;
  }

  /** Hands a message in; `answered` is called when 250 was said, which may be never. */
  send(draft: MessageDraft, { ann }: Mailboxes, answered: () => void): void {
    const message = this.#newMessage();
    const sender = this.#dice.weighted<Pick<Departure, "reversePath" | "tell">>([
      [85, { reversePath: ANN, tell: "own user" }],
      [10, { reversePath: "forged@victim.example", tell: "nobody" }],
      [5, { reversePath: "", tell: "nobody" }],
    ]);
    const recipients = this.#recipients();
    const promised = recipients.map(({ forwardPath, notify }) =>
      this.#ledger.promise(
        message,
        forwardPath,
        sender.tell === "own user" && notify === undefined,
      ),
    );
    const isCopied = this.#dice.chance(25); // to ann's own mailbox here
    if (isCopied) promised.push(this.#ledger.promise(message, ANN, false));
    draft.write(Buffer.from(`Subject: ${message}\r\n\r\nhello\r\n`), () => {});
    const session = messageSession(message);
    const now = this.#time.now();
    const departure = { ...sender, login: ANN, acceptedAt: now, keptOctets: 0, smtputf8: false };
    void draft
      .commit({
        id: message,
        head: Buffer.from(HEAD),
        mailboxes: isCopied ? [ann] : [],
        departure: { ...departure, recipients },
        record: { session, at: now, ip: "192.0.2.1", addresses: [], json: "{}" },
      })
      .then(() => {
        for (const one of promised) one.answered = true;
        return answered();
      })
      .catch(() => {}); // the store fails: 451 was said
  }

  #newMessage(): MessageId {
    const digits = (++this.#sent).toString(36).padStart(12, "0");
    return messageId(known(parseSessionId(digits)), 1);
  }

  #recipients(): readonly DepartingRecipient[] {
    const count = 1 + this.#dice.below(4);
    return Array.from({ length: count }, (_, i) => {
      const name = this.#dice.chance(10) ? "nobody" : "user";
      const domain = this.#dice.chance(15) ? "dead.example" : `d${this.#dice.below(6)}.example`;
      return {
        forwardPath: `${name}${i}@${domain}`,
        grant: grantFor(domain),
        destination: domain,
        dueAt: this.#time.now(),
        ...(this.#dice.chance(5) && { notify: ["NEVER"] as const }),
      };
    });
  }

  /** An operator acts on some of what is there, beside the server. */
  async meddle({ queue }: Store): Promise<void> {
    const action = this.#dice.pick<QueueAction>(["retry", "hold", "release", "release", "remove"]);
    const filter: QueueFilter = this.#dice.chance(50)
      ? { destination: `d${this.#dice.below(6)}.example` }
      : { login: ANN };
    const page = { limit: 1 + this.#dice.below(5) };
    if (action === "remove") {
      const { rows } = await queue.list(filter, page);
      for (const { message, forwardPath } of rows) {
        const promised = this.#ledger.find(message, forwardPath);
        if (promised !== undefined) promised.removed = true;
      }
    }
    await queue.act(action, this.#time.now(), filter, page);
  }

  /** Ann reads her reports, and forgets them; so does the postmaster. */
  async readMail({ maildrops }: Store, mailboxes: Mailboxes): Promise<void> {
    for (const mailbox of [mailboxes.ann, mailboxes.postmaster]) {
      const mail = await maildrops.list(mailbox);
      for (const { uid } of mail) {
        const octets = await maildrops.read(mailbox, uid, 0, 1_000_000);
        this.#read(Buffer.from(octets ?? []).toString());
      }
      await maildrops.remove(
        mailbox,
        mail.map(({ uid }) => uid),
      );
    }
  }

  #read(text: string): void {
    if (!text.startsWith(HEAD)) return this.#readReport(text);
    const [, message = ""] = /^Subject: (\S+)\r$/m.exec(text) ?? [];
    const promised = this.#ledger.find(message, ANN);
    if (promised === undefined) this.#ledger.complain(`${message} ${ANN}: nobody sent it`);
    else promised.taken++;
  }

  #readReport(text: string): void {
    const [, message = ""] = /^X-Gatepost-Id: (\S+)\r$/m.exec(text) ?? [];
    const fates = text.matchAll(/^Final-Recipient: rfc822; (\S+)\r\nAction: (\w+)\r$/gm);
    for (const [, forwardPath = "", action] of fates) {
      const promised = this.#ledger.find(message, forwardPath);
      if (promised === undefined) this.#ledger.complain(`${message} ${forwardPath}: reported?`);
      else if (action === "failed") promised.reported++;
    }
  }
}
