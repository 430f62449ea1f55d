/**
 * One message's content coming in: the header section is held back until it is whole, the rest goes on into the
 * store's draft. Memory is bounded by the header limit and the draft's own bound.
 */
import { countFields } from "../../mail/index.ts";
import type { Acceptance, CommitResult, MessageDraft } from "../../store/index.ts";
import type { Body } from "./bodies.ts";
import { HeaderSection } from "./header-section.ts";
import { withoutFalseFields } from "./own-fields.ts";

export class Intake implements Body {
  readonly #draft: MessageDraft;
  /** Our own name, which no field of a stranger may speak under. */
  readonly #hostname: string;
  /** Until the section is whole, or too long. */
  #header: HeaderSection | undefined;
  #received = 0;
  #headerTooLong = false;
  #octets = 0;
  #isWhole = false;
  #gaveWay = false;

  constructor(draft: MessageDraft, headerLimitOctets: number, hostname: string) {
    this.#draft = draft;
    this.#hostname = hostname;
    this.#header = new HeaderSection(headerLimitOctets);
  }

  /** Takes a slice; false asks for a pause until `drained` is called. */
  take(slice: Uint8Array, drained: () => void): boolean {
    this.#octets += slice.length;
    if (this.#headerTooLong || this.#gaveWay) return true; // it will be refused at its end
    if (this.#header === undefined) return this.#draft.write(slice, drained);
    const result = this.#header.take(slice);
    switch (result.kind) {
      case "more":
        return true;
      case "too-long":
        this.#header = undefined;
        this.#headerTooLong = true;
        return true;
      case "complete":
        return this.#draft.write(this.#judged(result.section, result.content), drained);
    }
  }

  /** The content is over. */
  finish(): void {
    this.#isWhole = true;
    if (this.#header === undefined) return;
    const section = this.#header.finish();
    this.#draft.write(this.#judged(section, section), () => {});
  }

  get headerTooLong(): boolean {
    return this.#headerTooLong;
  }

  get octets(): number {
    return this.#octets;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  get gaveWay(): boolean {
    return this.#gaveWay;
  }

  giveWay(): void {
    this.#gaveWay = true;
    this.#header = undefined;
    this.#draft.abandon();
  }

  /** Received fields, after `finish`. */
  get received(): number {
    return this.#received;
  }

  commit(acceptance: Acceptance): Promise<CommitResult> {
    return this.#draft.commit(acceptance);
  }

  abandon(): void {
    if (!this.#gaveWay) this.#draft.abandon();
  }

  /** The section is whole: what of the content that came with it is to be kept. */
  #judged(section: Uint8Array, content: Uint8Array): Uint8Array {
    this.#header = undefined;
    this.#received = countFields(section, "Received");
    return withoutFalseFields(section, content, this.#hostname);
  }
}
