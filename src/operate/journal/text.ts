/**
 * A session as a person reads it: who, when, how it was secured, and each step with what was decided, the reply as
 * it was sent, and why. What strangers wrote is shown without anything that a terminal would obey.
 */
import {
  formatStatus,
  visible,
  type AttemptFacts,
  type FactEvent,
  type SessionFacts,
} from "../../mail/index.ts";
import { attemptLine, attemptLines } from "./attempt.ts";
import { callerLines } from "./caller.ts";
import { decisionLines, reasonLines } from "./decision-text.ts";
import { endLines, type MessageEnd } from "./ends.ts";
import { outcomeText } from "./outcome.ts";
import type { ExplainedSession } from "./session.ts";
import { seconds, timeText } from "./time.ts";
import type { Why } from "./why.ts";

/** Why an event was decided so; undefined where nothing was against it, or nobody knows. */
export type WhyOf = (event: FactEvent) => Why | undefined;

const NEWER = "written by a newer Gatepost, which can explain it";

/** The whole of one session. */
export function sessionText(session: ExplainedSession, whyOf: WhyOf = () => undefined): string {
  const { facts } = session;
  if (facts === undefined) return `session ${session.session} was ${NEWER}`;
  const steps = facts.events.flatMap((event) => step(event, whyOf(event)));
  const lines = [...head(session, facts), "", ...steps, ...end(facts)];
  return lines.map(visible).join("\n");
}

/** Sessions with their outcomes, a line each. */
export function sessionsText(subject: string, sessions: readonly ExplainedSession[]): string {
  const many = sessions.length === 1 ? "1 session" : `${sessions.length} sessions`;
  const title = `${many} of ${subject}, the last first; gatepost explain ID shows one whole`;
  return [title, "", ...sessions.map(line)].map(visible).join("\n");
}

/** What became of messages, each behind a blank line. */
export function endsText(ends: readonly MessageEnd[]): string {
  return ends
    .flatMap((one) => ["", ...endLines(one)])
    .map(visible)
    .join("\n");
}

/** Delivery attempts whole, each behind a blank line. */
export function attemptsText(attempts: readonly AttemptFacts[]): string {
  return attempts
    .flatMap((facts) => ["", ...attemptLines(facts)])
    .map(visible)
    .join("\n");
}

/** Delivery attempts, a line each. */
export function attemptsList(subject: string, attempts: readonly AttemptFacts[]): string {
  const many =
    attempts.length === 1 ? "1 delivery attempt" : `${attempts.length} delivery attempts`;
  const title = `${many} of ${subject}, the last first; gatepost explain ID shows those of one message whole`;
  return [title, "", ...attempts.map(attemptLine)].map(visible).join("\n");
}

function line({ session, at, ip, count, facts }: ExplainedSession): string {
  const times = count > 1 ? `×${count}` : "";
  const outcome = facts === undefined ? NEWER : outcomeText(facts);
  const protocol = (facts?.protocol ?? "").padEnd(4);
  return `${timeText(at)}  ${session}  ${protocol}  ${ip.padEnd(15)}  ${times.padStart(5)}  ${outcome}`;
}

function head(session: ExplainedSession, facts: SessionFacts): readonly string[] {
  const { count, lastAt, at } = session;
  const proxied = facts.proxied === undefined ? "" : `, through the proxy ${facts.proxied}`;
  const port = (facts.port ?? 0) === 0 ? "" : ` port ${facts.port}`; // nobody comes from port 0
  const lasted = facts.endedAt === undefined ? "" : `, lasted ${seconds(facts.endedAt - at)}`;
  const { tls } = facts;
  return [
    `session  ${facts.session}, ${facts.protocol} on ${facts.listener}`,
    `from     ${facts.ip}${port}${proxied}`,
    `began    ${timeText(at)} UTC${lasted}`,
    ...(facts.helo === undefined ? [] : [`helo     ${facts.helo}`]),
    `tls      ${tls === undefined ? "none" : `${tls.version} ${tls.cipher}`}`,
    ...(facts.caller === undefined ? [] : callerLines(facts.caller)),
    ...(count > 1 ? [`times    ${count} like this one, the last at ${timeText(lastAt)} UTC`] : []),
  ];
}

function end({ ending, eventsLeftOut = 0 }: SessionFacts): readonly string[] {
  const left = eventsLeftOut > 0 ? [`           and ${eventsLeftOut} more that were not kept`] : [];
  return ending === undefined ? left : [...left, "", `ended    ${ending}`];
}

function step(event: FactEvent, why: Why | undefined): readonly string[] {
  const [first = "", ...more] = stepLines(event, why);
  return [
    `${seconds(event.at).padStart(9)}  ${first}`,
    ...more.map((text) => `           ${text}`),
  ];
}

function stepLines(event: FactEvent, why: Why | undefined): readonly string[] {
  switch (event.kind) {
    case "sender":
      return [
        `from <${event.address}>`,
        ...(event.decision === undefined ? [] : decisionLines(event.decision, why)),
      ];
    case "recipient":
      return [`to <${event.address}>`, ...decisionLines(event.decision, why)];
    case "message":
      return [
        `message ${event.message}, ${event.octets} octets${named(event)}`,
        ...decisionLines(event.decision, why),
      ];
    case "origin":
      return originLines(event);
    case "seal":
      return [sealLine(event)];
    case "refused":
      return [
        `refused: ${event.command}`,
        `  ${formatStatus(event.status)}`,
        ...reasonLines(event.status.reason),
      ];
    case "login":
      return [`login ${event.login}${loginWay(event)}: ${event.result}`];
    case "maildrop":
      return [`maildrop: ${event.retrieved} fetched, ${event.deleted} deleted`];
  }
}

function named({ messageId }: FactEvent & { readonly kind: "message" }): string {
  return messageId === undefined ? "" : `, Message-ID ${messageId}`;
}

/** Who it is from: the level in words, then what that was found from. */
function originLines(event: Extract<FactEvent, { readonly kind: "origin" }>): readonly string[] {
  const { level, author, spf, spfDomain, dkim, dmarc, policy, arc, iprev, reason } = event;
  const from = author === undefined ? "no one author" : `author ${author}`;
  const asks = policy === undefined ? "" : ` (p=${policy})`;
  const of = spfDomain === "" ? "" : ` (${spfDomain})`;
  return [
    `origin ${level}, ${from}`,
    `  spf=${spf}${of} dkim=${dkim} dmarc=${dmarc}${asks} arc=${arc} iprev=${iprev}`,
    ...reasonLines(reason),
  ];
}

function sealLine({
  domain,
  sealed,
  reason,
}: Extract<FactEvent, { readonly kind: "seal" }>): string {
  if (sealed === undefined) return `no ARC seal of ${domain}: ${reason}`;
  const { instance, arc, spf, dkim, dmarc } = sealed;
  return `ARC seal ${instance} of ${domain}: arc=${arc} spf=${spf} dkim=${dkim} dmarc=${dmarc}`;
}

type LoginEvent = Extract<FactEvent, { readonly kind: "login" }>;

/** " by PLAIN with the app password phone, held back 2.000 s", " by EXTERNAL with the certificate laptop" */
function loginWay({ mechanism, appPassword, certificate, slowedMs }: LoginEvent): string {
  const by = mechanism === undefined ? "" : ` by ${mechanism}`;
  const app = appPassword === undefined ? "" : ` with the app password ${appPassword}`;
  const shown = certificate === undefined ? "" : ` with the certificate ${certificate}`;
  const held = slowedMs === undefined ? "" : `, held back ${seconds(slowedMs)}`;
  return by + app + shown + held;
}
