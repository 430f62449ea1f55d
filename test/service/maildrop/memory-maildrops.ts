/** Maildrops in memory, that can be slow or out of order. */
import type { MailboxId } from "../../../src/mail/index.ts";
import { StoreError, type MaildropMessage, type Maildrops } from "../../../src/store/index.ts";

export class MemoryMaildrops implements Maildrops {
  readonly #contents = new Map<MailboxId, Map<string, Uint8Array>>();
  readonly #held: (() => void)[] = [];
  /** What answers with a StoreError. */
  readonly broken = new Set<"list" | "read" | "remove">();
  /** Answers come later: reads as promises, and removals only when `letGo` is called. */
  slow = false;

  put(mailbox: MailboxId, uid: string, content: string): void {
    const box = this.#contents.get(mailbox) ?? new Map<string, Uint8Array>();
    this.#contents.set(mailbox, box.set(uid, Buffer.from(content)));
  }

  uids(mailbox: MailboxId): string[] {
    return [...(this.#contents.get(mailbox)?.keys() ?? [])];
  }

  async list(mailbox: MailboxId): Promise<readonly MaildropMessage[]> {
    await this.#answer("list");
    const box = this.#contents.get(mailbox) ?? [];
    return Array.from(box, ([uid, { length }]) => ({ uid, octets: length }));
  }

  read(
    mailbox: MailboxId,
    uid: string,
    offset: number,
    limit: number,
  ): Promise<Uint8Array | undefined> | Uint8Array | undefined {
    if (this.broken.has("read") && !this.slow) throw new StoreError("the disk is away");
    const octets = this.#contents
      .get(mailbox)
      ?.get(uid)
      ?.subarray(offset, offset + limit);
    return this.slow ? this.#answer("read").then(() => octets) : octets;
  }

  async remove(mailbox: MailboxId, uids: readonly string[]): Promise<void> {
    if (this.slow) await new Promise<void>((resolve) => this.#held.push(resolve));
    await this.#answer("remove");
    for (const uid of uids) this.#contents.get(mailbox)?.delete(uid);
  }

  letGo(): void {
    for (const resolve of this.#held.splice(0)) resolve();
  }

  async #answer(what: "list" | "read" | "remove"): Promise<void> {
    await Promise.resolve();
    if (this.broken.has(what)) throw new StoreError("the disk is away");
  }
}
