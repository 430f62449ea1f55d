/** What the journal tells: why a session went as it did, and what came of an address's or a host's sessions. */
import type { Journal } from "../../store/index.ts";
import { sessionsOf } from "./session.ts";
import { readSubject } from "./subject.ts";
import { sessionsText, sessionText } from "./text.ts";

/**
 * What the journal knows of a session, a message, an address or an IP, as a person reads it or as JSON: an object
 * with `subject` and `sessions`, the last first. Also that it knows nothing is an answer.
 */
export async function explain(
  journal: Pick<Journal, "find">,
  subject: string,
  asJson: boolean,
): Promise<string> {
  const query = readSubject(subject);
  const sessions = query === undefined ? [] : sessionsOf(await journal.find(query));
  if (asJson) return JSON.stringify({ subject, sessions }, null, 2);
  if (query === undefined) return `"${subject}" is no session, message, mail address or IP address`;
  const [first] = sessions;
  if (first === undefined) return nothingText(subject, query.kind);
  return query.kind === "session" ? sessionText(first) : sessionsText(subject, sessions);
}

function nothingText(subject: string, kind: "session" | "address" | "ip"): string {
  const nothing = `the journal knows nothing of ${subject}: it was forgotten by now, or never here`;
  return kind === "session"
    ? `${nothing}.\nOf sessions that went the same way from one address only the first is kept: ask for the IP address`
    : nothing;
}
