/** What is read out of a mail that may bring a report. */
import type { TlsReport } from "../../store/index.ts";

export type Reading =
  /** One for each domain that it is about; at least one. */
  | { readonly kind: "report"; readonly reports: readonly TlsReport[] }
  | { readonly kind: "unreadable"; readonly why: string };

export interface ReportReader {
  /** Takes the octets away. Never rejects: what breaks the reader is unreadable. */
  read(mail: Uint8Array<ArrayBuffer>): Promise<Reading>;
  /** Nothing is to be read for a while. */
  rest(): Promise<void>;
}

/** What a mail cannot be a report for; its message is for the log. */
export class Unreadable extends Error {}
