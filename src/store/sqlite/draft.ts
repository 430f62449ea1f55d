/**
 * A message on its way into the store. Small content stays here until the commit and goes to the writer in one
 * piece; larger content goes ahead in parts, of which only a bounded number may be under way, so that memory is
 * bounded however large the message is.
 */
import { randomInt } from "node:crypto";
import { StoreError, type Acceptance, type CommitResult, type MessageDraft } from "../index.ts";
import { wordsOf } from "./connection.ts";
import type { BodyNumber, FreshRecord, OperationResult } from "./operations.ts";
import { exactCopy, Piece, PIECE_OCTETS } from "./piece.ts";
import type { WriterThread } from "./writer-thread.ts";

/** Octets of parts on their way to the disk at which whoever writes is asked to pause. */
const UNDERWAY_LIMIT_OCTETS = 2 * PIECE_OCTETS;

/** Above every body number; the largest that `randomInt` can do. */
const BODY_NUMBERS = 2 ** 48 - 1;

/** What both ways of committing tell the writer. */
type Deposit = Pick<Acceptance, "mailboxes" | "departure" | "sending" | "notice" | "report"> & {
  readonly name: Acceptance["id"];
  readonly record: FreshRecord;
};

export class Draft implements MessageDraft {
  readonly #writer: WriterThread;
  readonly #piece = new Piece();
  /** Chosen when the first part is sent. */
  #body: BodyNumber | undefined;
  #sentOctets = 0;
  #underwayOctets = 0;
  #drained: (() => void) | undefined;
  /** Why a part was not stored: the message cannot be committed any more. */
  #failure: StoreError | undefined;
  #over = false;

  constructor(writer: WriterThread) {
    this.#writer = writer;
  }

  write(slice: Uint8Array, drained: () => void): boolean {
    if (this.#over || this.#failure !== undefined) return true;
    let rest = this.#piece.take(slice);
    while (rest.length > 0) {
      this.#sendPiece();
      rest = this.#piece.take(rest);
    }
    if (this.#underwayOctets < UNDERWAY_LIMIT_OCTETS) return true;
    this.#drained = drained;
    return false;
  }

  async commit({ id, head, record, ...rest }: Acceptance): Promise<CommitResult> {
    if (this.#over) throw new Error("a draft ends once: by its commit or by being abandoned");
    this.#over = true;
    const fresh = { ...record, count: 1, lastAt: record.at };
    const deposit: Deposit = { ...rest, name: id, record: fresh };
    return this.#body === undefined
      ? this.#commitWhole(deposit, exactCopy(head))
      : this.#commitParts(deposit, exactCopy(head), this.#body);
  }

  abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#dropParts();
  }

  async #commitWhole(deposit: Deposit, head: ArrayBuffer): Promise<CommitResult> {
    const content = this.#piece.release();
    return asCommit(await this.#writer.submit({ kind: "deposit", ...deposit }, [head, content]));
  }

  async #commitParts(deposit: Deposit, head: ArrayBuffer, body: number): Promise<CommitResult> {
    this.#sendPiece();
    const contentOctets = this.#sentOctets;
    try {
      if (this.#failure !== undefined) throw this.#failure;
      const operation = { kind: "complete", body, contentOctets, ...deposit } as const;
      return asCommit(await this.#writer.submit(operation, [head]));
    } catch (error) {
      this.#dropParts();
      throw error;
    }
  }

  #sendPiece(): void {
    this.#body ??= randomInt(BODY_NUMBERS);
    const content = this.#piece.release();
    const octets = content.byteLength;
    const start = this.#sentOctets;
    this.#sentOctets += octets;
    this.#underwayOctets += octets;
    this.#writer.submit({ kind: "part", body: this.#body, start }, [content]).then(
      () => this.#arrived(octets),
      (error: unknown) => {
        this.#failure ??= new StoreError(wordsOf(error), { cause: error });
        this.#arrived(octets);
      },
    );
  }

  #arrived(octets: number): void {
    this.#underwayOctets -= octets;
    const drained = this.#drained;
    if (drained === undefined || this.#underwayOctets >= UNDERWAY_LIMIT_OCTETS) return;
    this.#drained = undefined;
    drained();
  }

  /** What cannot be dropped now is collected at the next start, so nobody waits for it. */
  #dropParts(): void {
    if (this.#body === undefined) return;
    this.#writer.submit({ kind: "abandon", body: this.#body }).catch(() => undefined);
  }
}

function asCommit(result: OperationResult): CommitResult {
  if (result.kind === "committed" || result.kind === "refused") return result;
  throw new StoreError("the writer answered something else than was asked");
}
