/** Takes the small site's messages and writes down where each would go, and whether delivery would find the right to send it there. */
import { LaidReturns } from "../../../src/app/proof-returns.ts";
import { queuedOf } from "../../../src/app/proof-senders.ts";
import type { MailboxId } from "../../../src/mail/index.ts";
import type { Acceptance, Departure } from "../../../src/operate/relaytest/index.ts";
import { renewGrant, type GrantWorld } from "../../../src/policy/checks/index.ts";
import type { Route } from "../../../src/policy/routing/index.ts";
import type { MessageDraft } from "../../../src/store/index.ts";
import { DIRECTORY, mailboxAddress, NAMES, ROOT } from "./small-directory.ts";

/** Keys from here on stand for ways out that no sound part can make. */
const FIRST_ABROAD = 1000;

export class Sink {
  readonly #world: GrantWorld;
  readonly evidence = new LaidReturns(NAMES.relayTests.domain);
  readonly #acceptances: Acceptance[] = [];
  readonly #abroad = new Map<MailboxId, string>();
  readonly #alsoSent: Departure[] = [];

  /** `world` is the sound site's, however broken the session is. */
  constructor(world: GrantWorld) {
    this.#world = world;
  }

  openMessage(): MessageDraft {
    return {
      write: () => true,
      commit: ({ mailboxes: deposited, report, departure }) => {
        const mailboxes = report === undefined ? deposited : [...deposited, report.mailbox];
        const queued = queuedOf(
          departure,
          (grant, paths) => "basis" in renewGrant(grant, paths, this.#world),
        );
        this.#acceptances.push({
          mailboxes: [...this.#here(mailboxes), ...this.evidence.besides()],
          ...queued,
          departures: [...this.#withoutGrant(mailboxes), ...queued.departures],
        });
        return Promise.resolve({ kind: "committed" });
      },
      abandon() {},
    };
  }

  abroad(address: string): Route {
    const way = { ...ROOT, id: (FIRST_ABROAD + this.#abroad.size) as MailboxId }; // no mailbox has it
    this.#abroad.set(way.id, address);
    return { recipient: "mailbox", mailboxes: [way], abroad: [] };
  }

  alsoSend(address: string): void {
    this.#alsoSent.push({ address, granted: false });
  }

  acceptances(): readonly Acceptance[] {
    const kept = [...this.#acceptances, ...this.evidence.acceptances()];
    return this.#alsoSent.length === 0
      ? kept
      : [...kept, { mailboxes: [], departures: this.#alsoSent }];
  }

  #here(ids: readonly MailboxId[]): string[] {
    return ids
      .map((id) => DIRECTORY.mailboxById(id))
      .filter((entry) => entry !== undefined)
      .map(mailboxAddress);
  }

  #withoutGrant(ids: readonly MailboxId[]): Departure[] {
    return ids
      .map((id) => this.#abroad.get(id))
      .filter((address) => address !== undefined)
      .map((address) => ({ address, granted: false }));
  }
}
