/** A mail → the report that it brings, or why it brings none. Hostile octets: bounded memory, no recursion, no exception. */
import { errorText } from "../../runtime/index.ts";
import { jsonValue } from "./json-text.ts";
import { mailParts } from "./mail-parts.ts";
import type { Reading, Wanted } from "./reading.ts";
import { relaySamples } from "./relay-sample.ts";
import { samplesIn } from "./sample-parts.ts";
import { tlsPart } from "./tls-part.ts";
import { reportsOf } from "./tls-report.ts";
import { Unreadable } from "./unreadable.ts";

export async function readReportMail(
  mail: Uint8Array<ArrayBuffer>,
  wanted: Wanted,
): Promise<Reading> {
  try {
    const parts = await mailParts(mail);
    switch (wanted.about) {
      case "tls":
        return { kind: "tls", reports: reportsOf(jsonValue(tlsPart(parts))) };
      case "relay":
        return { kind: "relay", samples: relaySamples(samplesIn(parts), wanted.hostname) };
    }
  } catch (error) {
    const why =
      error instanceof Unreadable ? error.message : `the reader broke: ${errorText(error)}`;
    return { kind: "unreadable", why };
  }
}
