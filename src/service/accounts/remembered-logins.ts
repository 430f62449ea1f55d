/**
 * Right passwords, remembered for a while, so that a client that comes each minute does not cost a hash each
 * time. What is kept is a keyed digest of mailbox, stored verifier and password together: with the password
 * changed it fits nothing any more, and without this process's key it says nothing.
 */
import { createHmac } from "node:crypto";
import type { MailboxId } from "../../mail/index.ts";
import type { Random } from "../../runtime/index.ts";
import type { Password } from "./password.ts";

const KEY_OCTETS = 32;

export interface RememberLimits {
  /** From the moment it was found right; not prolonged by use. */
  readonly lifetimeMs: number;
  readonly logins: number;
}

export class RememberedLogins {
  readonly #key: Uint8Array;
  readonly #limits: RememberLimits;
  /** Digest to the moment it is forgotten, oldest first: all live equally long. */
  readonly #expiries = new Map<string, number>();

  constructor(random: Random, limits: RememberLimits) {
    this.#key = random.octets(KEY_OCTETS);
    this.#limits = limits;
  }

  /** `now`: milliseconds that never go back. */
  remember(mailbox: MailboxId, verifier: string, password: Password, now: number): void {
    const digest = this.#digest(mailbox, verifier, password);
    this.#expiries.delete(digest);
    this.#expiries.set(digest, now + this.#limits.lifetimeMs);
    this.#forget(now);
  }

  isRemembered(
    mailbox: MailboxId | undefined,
    verifier: string,
    password: Password,
    now: number,
  ): boolean {
    const expiry = this.#expiries.get(this.#digest(mailbox, verifier, password));
    return expiry !== undefined && now < expiry;
  }

  #forget(now: number): void {
    for (const [digest, expiry] of this.#expiries) {
      if (now < expiry && this.#expiries.size <= this.#limits.logins) return;
      this.#expiries.delete(digest);
    }
  }

  /** Neither a mailbox's number nor a PHC string holds a NUL, so the parts cannot run into each other. */
  #digest(mailbox: MailboxId | undefined, verifier: string, password: Password): string {
    return createHmac("sha256", this.#key)
      .update(`${mailbox ?? "nobody"}\0${verifier}\0${password}`)
      .digest("base64");
  }
}
