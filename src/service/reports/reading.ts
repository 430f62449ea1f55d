/** What is read out of a mail that may bring a report. */
import type { Domain } from "../../mail/index.ts";
import type { TlsReport } from "../../store/index.ts";
import type { RelaySample } from "./relay-sample.ts";

/** As what it is read. */
export type Wanted =
  | { readonly about: "tls" }
  /** `hostname`: our own, for what we have written into a sample. */
  | { readonly about: "relay"; readonly hostname: Domain };

export type Reading =
  /** One for each domain that it is about; at least one. */
  | { readonly kind: "tls"; readonly reports: readonly TlsReport[] }
  /** Of messages that came through a relay; at least one. */
  | { readonly kind: "relay"; readonly samples: readonly RelaySample[] }
  | { readonly kind: "unreadable"; readonly why: string };

export interface ReportReader {
  /** Takes the octets away. Never rejects: what breaks the reader is unreadable. */
  read(mail: Uint8Array<ArrayBuffer>, wanted: Wanted): Promise<Reading>;
  /** Nothing is to be read for a while. */
  rest(): Promise<void>;
}

/** Of a mail that is not read as what it was wanted as. */
export function whyUnread(reading: Reading): string {
  return reading.kind === "unreadable" ? reading.why : `it reads as a report about ${reading.kind}`;
}
