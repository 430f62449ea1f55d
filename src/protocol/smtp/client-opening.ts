/**
 * The beginning of a session as decisions: what the reply to the greeting, EHLO, HELO, LHLO or STARTTLS leads to. It does
 * nothing and remembers nothing.
 */
import { NO_CAPABILITIES, readCapabilities, type Capabilities } from "./client-capabilities.ts";
import { classOf, type Reply } from "./client-replies.ts";

export type OpeningStage = "greeting" | Hello | "HELO" | "STARTTLS";

/** What asks for the server's offers: EHLO, in LMTP LHLO (RFC 2033 §4.1). */
export type Hello = "EHLO" | "LHLO";

export interface OpeningSituation {
  readonly stage: OpeningStage;
  readonly hello: Hello;
  readonly startTls: "off" | "opportunistic" | "required";
  /** TLS stands. */
  readonly secured: boolean;
  readonly capabilities: Capabilities;
}

export type OpeningMove =
  | { readonly kind: "say"; readonly stage: OpeningStage; readonly capabilities: Capabilities }
  | { readonly kind: "handshake" }
  /** Transactions may begin. */
  | { readonly kind: "open"; readonly capabilities: Capabilities }
  | { readonly kind: "refused" }
  /** TLS is required and cannot be had; `offered` says whose no it is. */
  | { readonly kind: "no-tls"; readonly offered: boolean }
  | { readonly kind: "out-of-step" };

export function openingMove(reply: Reply, now: OpeningSituation): OpeningMove {
  const answer = classOf(reply);
  if (now.stage === "STARTTLS") return startTlsMove(reply, now);
  if (answer === 3) return { kind: "out-of-step" };
  // RFC 5321 §3.2: an old server knows no EHLO. No server of LMTP is without LHLO.
  if (answer === 5 && now.stage === "EHLO") return say("HELO");
  if (answer !== 2) return { kind: "refused" };
  if (now.stage === "greeting") return say(now.hello);
  const capabilities = now.stage === now.hello ? readCapabilities(reply) : NO_CAPABILITIES;
  if (now.secured || now.startTls === "off") return { kind: "open", capabilities };
  if (capabilities.startTls) return { kind: "say", stage: "STARTTLS", capabilities };
  return clear(capabilities, now, false);
}

/** RFC 3207 §4: after a no the session may go on without TLS. */
function startTlsMove(reply: Reply, now: OpeningSituation): OpeningMove {
  if (classOf(reply) > 3) return clear(now.capabilities, now, true);
  return { kind: reply.code === 220 ? "handshake" : "out-of-step" };
}

function clear(
  capabilities: Capabilities,
  { startTls }: OpeningSituation,
  offered: boolean,
): OpeningMove {
  return startTls === "required" ? { kind: "no-tls", offered } : { kind: "open", capabilities };
}

function say(stage: OpeningStage): OpeningMove {
  return { kind: "say", stage, capabilities: NO_CAPABILITIES };
}
