/**
 * One message's content coming in: the header section is held back until it is whole, the rest goes on into the
 * store's draft. Memory is bounded by the header limit and the draft's own bound.
 */
import { isAscii } from "node:buffer";
import {
  countFields,
  headerSectionEnd,
  messageIdField,
  readAuthors,
  type Address,
  type Authors,
  type Domain,
} from "../../mail/index.ts";
import { recogniseReport } from "../../protocol/dsn/index.ts";
import { receivedChain, type ReceivedChain } from "../../policy/lists/index.ts";
import type { Acceptance, CommitResult, MessageDraft } from "../../store/index.ts";
import type { Signature, Signing } from "../signing/index.ts";
import type { Body } from "./bodies.ts";
import { missingFields, withoutBlindCopies, type MissingFields } from "./completion.ts";
import { HeaderSection } from "./header-section.ts";
import type { Origin } from "./origin.ts";
import { withoutFalseFields } from "./own-fields.ts";
import type { Sampling } from "./traps.ts";

/** Where the message comes from: another server's stays as it is, one of our own users' is completed. */
export type IntakeKind = "arrival" | "submission";

/** What the header section of a submission tells. */
export interface SubmissionHeader {
  readonly authors: Authors;
  /** To be written into the head (`completingFields`). */
  readonly missing: MissingFields;
}

/** What the header section of an arrival says of where it comes from. */
export interface ArrivalHeader {
  readonly chain: ReceivedChain;
  readonly authors: Authors;
}

export interface IntakeSettings {
  readonly headerLimitOctets: number;
  /** Our own name, which no field of a stranger may speak under. */
  readonly hostname: string;
  /** Some of it goes to another server, which has to be told whether there are octets above 127 in it (RFC 6152). */
  readonly leaves: boolean;
  readonly kind: IntakeKind;
  /** For the domain of its author; absent: it is not signed. */
  readonly signing?: Pick<Signing, "open">;
  /** Of an arrival that is asked about. */
  readonly origin?: Origin;
  /** All that is to come of it is a report to this sender, so it may not be one itself. */
  readonly reportedTo?: Address;
  /** The header section is wanted as it came. */
  readonly keepsSection?: boolean;
  /** It goes to a trap: the content as it comes is evidence. */
  readonly sampling?: Sampling;
  /** Somebody wants to know what an arrival says of where it comes from. */
  readonly asksLists?: boolean;
}

/** A header section, and the signature that its body is being hashed for. */
interface Signed {
  readonly signature: Signature;
  readonly section: Uint8Array;
}

export class Intake implements Body {
  /** Of an arrival that is asked about; whoever decides about the message finishes it. */
  readonly origin: Origin | undefined;
  readonly #draft: MessageDraft;
  readonly #hostname: string;
  readonly #leaves: boolean;
  #eightBit = false;
  #eightBitHeader = false;
  readonly #reportedTo: Address | undefined;
  readonly #kind: IntakeKind;
  readonly #signing: Pick<Signing, "open"> | undefined;
  #signed: Signed | undefined;
  /** Why nobody could say whether it is to be signed: told when the message is decided, not in the middle of its content. */
  #unsignable: { readonly error: unknown } | undefined;
  /** Until the section is whole, or too long. */
  #header: HeaderSection | undefined;
  /** Nothing would be reported about it. */
  #isReport = false;
  #received = 0;
  #messageId: string | undefined;
  #submission: SubmissionHeader | undefined;
  readonly #asksLists: boolean;
  #arrival: ArrivalHeader | undefined;
  readonly #keepsSection: boolean;
  readonly sampling: Sampling | undefined;
  #section: Uint8Array | undefined;
  #headerTooLong = false;
  #octets = 0;
  #isWhole = false;
  #gaveWay = false;

  constructor(draft: MessageDraft, settings: IntakeSettings) {
    const { headerLimitOctets, hostname, leaves, kind, signing, origin } = settings;
    this.#reportedTo = settings.reportedTo;
    this.#asksLists = settings.asksLists === true;
    this.#keepsSection = settings.keepsSection === true;
    this.sampling = settings.sampling;
    this.#draft = draft;
    this.#signing = signing;
    this.origin = origin;
    this.#hostname = hostname;
    this.#leaves = leaves;
    this.#kind = kind;
    this.#header = new HeaderSection(headerLimitOctets);
  }

  /** Takes a slice; false asks for a pause until `drained` is called. */
  take(slice: Uint8Array, drained: () => void): boolean {
    this.#octets += slice.length;
    this.sampling?.take(slice);
    if (this.#headerTooLong || this.#gaveWay) return true; // it will be refused at its end
    if (this.#leaves && !this.#eightBit) this.#eightBit = !isAscii(slice);
    if (this.#header === undefined) {
      this.#signed?.signature.body(slice);
      this.origin?.body(slice);
      return this.#draft.write(slice, drained);
    }
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

  /** An octet above 127 has come; looked for only where the message leaves. */
  get eightBit(): boolean {
    return this.#eightBit;
  }

  /** There is one in the header section, so that it needs SMTPUTF8 (RFC 6531) to be what it says. */
  get eightBitHeader(): boolean {
    return this.#eightBitHeader;
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

  /** Looked for only where it was asked; after `finish`. */
  get isReport(): boolean {
    return this.#isReport;
  }

  /** What the message calls itself, after `finish`; undefined where it does not, and where it is completed (`submission`). */
  get messageId(): string | undefined {
    return this.#messageId;
  }

  /** After `finish`, of a submission whose header section was not too long. */
  get submission(): SubmissionHeader | undefined {
    return this.#submission;
  }

  /** As it came, with its blank line; kept only where it was asked, after `finish`. */
  get section(): Uint8Array | undefined {
    return this.#section;
  }

  /** After `finish`, of an arrival that somebody wants to know it of. */
  get arrival(): ArrivalHeader | undefined {
    return this.#arrival;
  }

  /** DKIM's signatures of the message below these fields, to stand above them; undefined where it is not signed. Throws where the keys could not be read. */
  signatures(fields: Uint8Array): Promise<Uint8Array> | undefined {
    if (this.#unsignable !== undefined) throw this.#unsignable.error;
    const { signature, section } = this.#signed ?? {};
    return section && signature?.finish(Buffer.concat([fields, section]));
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
    if (this.#keepsSection) this.#section = section.slice(); // the wire's memory is used again
    const to = this.#reportedTo;
    this.#isReport = to !== undefined && recogniseReport(to, section) !== undefined;
    this.#messageId = messageIdField(section);
    this.#eightBitHeader = this.#leaves && !isAscii(section);
    const ours = withoutFalseFields(section, content, this.#hostname);
    if (this.#kind === "submission") return this.#submitted(ours);
    if (this.#asksLists)
      this.#arrival = { chain: receivedChain(section), authors: readAuthors(section) };
    // As it came: what is taken off is nothing that a seal covers.
    this.origin?.begin(section, content.subarray(section.length));
    return ours;
  }

  /** Told from the section as it will be stored. */
  #submitted(content: Uint8Array): Uint8Array {
    const [section] = split(content);
    const authors = readAuthors(section);
    this.#submission = { authors, missing: missingFields(section) };
    const kept = withoutBlindCopies(section, content);
    try {
      this.#beginSignature(authors, kept);
    } catch (error) {
      this.#unsignable = { error };
    }
    return kept;
  }

  #beginSignature(authors: Authors, content: Uint8Array): void {
    const domain = authorDomain(authors);
    const signature = domain && this.#signing?.open(domain);
    if (signature === undefined) return;
    const [section, body] = split(content);
    signature.body(body);
    this.#signed = { signature, section: section.slice() }; // the wire's memory is used again
  }
}

/** Header section and what stands behind it; without a blank line all is header section. */
function split(content: Uint8Array): [section: Uint8Array, body: Uint8Array] {
  const end = headerSectionEnd(content);
  return end < 0
    ? [content, content.subarray(content.length)]
    : [content.subarray(0, end), content.subarray(end)];
}

/** Whose mail it is, as its reader is told; of several authors the first stands for it. */
function authorDomain(authors: Authors): Domain | undefined {
  if (authors.kind === "unreadable") return undefined;
  const host = authors.authors.find(({ field }) => field === "From")?.address.host;
  return host?.kind === "domain" ? host.domain : undefined;
}
