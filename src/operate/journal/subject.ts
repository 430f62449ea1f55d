/** What a person asks about: a session, a message, an address or a host, told apart by its form. */
import { journalKey, parseAddress, parseIp, parseSessionId } from "../../mail/index.ts";
import type { JournalQuery } from "../../store/index.ts";

/** Rows shown of an address or a host. */
const ROWS = 50;

/** The question behind the text; undefined when it is none of the four. */
export function readSubject(text: string): JournalQuery | undefined {
  const session = parseSessionId(text);
  if (session !== undefined) return { kind: "session", session };
  const ip = parseIp(text);
  if (ip !== undefined) return { kind: "ip", ip, limit: ROWS };
  const address = addressKeyOf(text);
  return address === undefined ? undefined : { kind: "address", address, limit: ROWS };
}

/** `<postmaster>` has no domain (RFC 5321 §4.1.1.3) and stands in the journal as it was written. */
function addressKeyOf(text: string): string | undefined {
  if (text.toLowerCase() === "postmaster") return "postmaster";
  const address = parseAddress(text);
  return typeof address === "string" ? undefined : journalKey(address);
}
