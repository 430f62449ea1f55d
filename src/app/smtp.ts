/** An SMTP session put together: engine, desk and wire. The same for a socket and for the proof's conversations in memory. */
import type { Config } from "../config/index.ts";
import { SESSION_ID_ENTROPY_OCTETS, sessionId } from "../mail/index.ts";
import type { Peer } from "../net/index.ts";
import { Conversation, type Dialogue, type Wire } from "../protocol/dialogue/index.ts";
import {
  SmtpServerSession,
  type SmtpLimits,
  type SubmissionSettings,
} from "../protocol/smtp/index.ts";
import type { Random } from "../runtime/index.ts";
import { SmtpDesk, type ReceiveDeps } from "../service/receive/index.ts";

export interface SmtpParts {
  readonly receive: ReceiveDeps;
  readonly limits: SmtpLimits;
  /** On a port where users hand in their own mail. */
  readonly submission?: SubmissionSettings;
  readonly random: Random;
}

/** `startTls`: STARTTLS can be offered on this listener. */
export function openSmtp(parts: SmtpParts, peer: Peer, startTls: boolean, wire: Wire): Dialogue {
  const session = sessionId(parts.random.octets(SESSION_ID_ENTROPY_OCTETS));
  const desk = new SmtpDesk(parts.receive, { session, ...peer });
  const engine = new SmtpServerSession({
    hostname: parts.receive.hostname,
    sessionId: session,
    limits: parts.limits,
    ...(parts.submission !== undefined && { submission: parts.submission }),
    ...(peer.tls === undefined
      ? { startTls: startTls ? "offered" : "unavailable" }
      : { startTls: "established", tls: peer.tls }),
  });
  return new Conversation(engine, desk, wire);
}

/** From the configuration's units to the engine's. */
export function smtpLimits({ limits }: Config): SmtpLimits {
  return {
    messageOctets: limits.message_bytes,
    recipients: limits.recipients,
    errors: limits.errors,
    commandLineOctets: limits.command_bytes,
    transactions: limits.transactions,
    commandTimeMs: limits.command_seconds * 1000,
    contentTimeMs: limits.data_seconds * 1000,
    crowdedTimeMs: limits.crowded_seconds * 1000,
  };
}

export function submissionSettings({ submission }: Config): SubmissionSettings {
  return { authLogin: submission.auth_login, saslLineOctets: submission.sasl_bytes };
}

/** What of the configuration the desk goes by. */
export function receiveSettings({
  hostname,
  limits,
}: Config): Pick<ReceiveDeps, "hostname" | "limits"> {
  const { header_bytes: headerOctets, bodies } = limits;
  return { hostname, limits: { headerOctets, bodies } };
}
