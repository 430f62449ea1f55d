/** What the journal tells: why a session went as it did, and what came of an address's or a host's sessions. */
import type { AttemptFacts } from "../../mail/index.ts";
import type { Journal } from "../../store/index.ts";
import { attemptsOf, readAttempt } from "./attempt.ts";
import { sessionsOf, type ExplainedSession } from "./session.ts";
import { readSubject } from "./subject.ts";
import { attemptsList, attemptsText, sessionsText, sessionText } from "./text.ts";

export { attemptsOf, carrierFields } from "./attempt.ts";

/**
 * What the journal knows of a session, a message, an address or an IP, as a person reads it or as JSON: an object
 * with `subject`, `sessions` and `attempts` to deliver, the last first. Also that it knows nothing is an answer.
 */
export async function explain(
  journal: Pick<Journal, "find">,
  subject: string,
  asJson: boolean,
): Promise<string> {
  const query = readSubject(subject);
  const records = query === undefined ? [] : await journal.find(query);
  const sessions = sessionsOf(records.filter(({ json }) => readAttempt(json) === undefined));
  const attempts = attemptsOf(records);
  if (asJson) return JSON.stringify({ subject, sessions, attempts }, null, 2);
  if (query === undefined) return `"${subject}" is no session, message, mail address or IP address`;
  if (records.length === 0) return nothingText(subject, query.kind);
  return query.kind === "session"
    ? wholeText(sessions, attempts)
    : listText(subject, sessions, attempts);
}

/** What came in, and then how it went on, in the order of time. */
function wholeText(
  [session]: readonly ExplainedSession[],
  attempts: readonly AttemptFacts[],
): string {
  return [
    ...(session === undefined ? [] : [sessionText(session)]),
    ...(attempts.length === 0 ? [] : [attemptsText(attempts.toReversed())]),
  ].join("\n");
}

function listText(
  subject: string,
  sessions: readonly ExplainedSession[],
  attempts: readonly AttemptFacts[],
): string {
  return [
    ...(sessions.length === 0 ? [] : [sessionsText(subject, sessions)]),
    ...(attempts.length === 0 ? [] : [attemptsList(subject, attempts)]),
  ].join("\n\n");
}

function nothingText(subject: string, kind: "session" | "address" | "ip"): string {
  const nothing = `the journal knows nothing of ${subject}: it was forgotten by now, or never here`;
  return kind === "session"
    ? `${nothing}.\nOf sessions that went the same way from one address only the first is kept: ask for the IP address`
    : nothing;
}
