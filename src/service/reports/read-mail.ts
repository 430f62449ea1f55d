/** A mail → the report that it brings, or why it brings none. Hostile octets: bounded memory, no recursion, no exception. */
import { errorText } from "../../runtime/index.ts";
import { jsonValue } from "./json-text.ts";
import { reportPart } from "./mail-part.ts";
import { Unreadable, type Reading } from "./reading.ts";
import { reportsOf } from "./report.ts";

export async function readReportMail(mail: Uint8Array<ArrayBuffer>): Promise<Reading> {
  try {
    return { kind: "report", reports: reportsOf(jsonValue(await reportPart(mail))) };
  } catch (error) {
    const why =
      error instanceof Unreadable ? error.message : `the reader broke: ${errorText(error)}`;
    return { kind: "unreadable", why };
  }
}
