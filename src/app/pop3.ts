/** A POP3 session put together: engine, desk and wire. */
import type { Config } from "../config/index.ts";
import { ipReach, SESSION_ID_ENTROPY_OCTETS, sessionId } from "../mail/index.ts";
import type { Peer } from "../net/index.ts";
import { Conversation, type Dialogue, type Wire } from "../protocol/dialogue/index.ts";
import { Pop3ServerSession, type Pop3Limits } from "../protocol/pop3/index.ts";
import type { Random } from "../runtime/index.ts";
import { MaildropDesk, type MaildropDeps } from "../service/maildrop/index.ts";

export interface Pop3Parts {
  readonly hostname: string;
  readonly maildrop: MaildropDeps;
  readonly settings: Pick<
    Config["pop3"],
    "plain_text_login" | "auth_login" | "international_messages"
  >;
  readonly limits: Pop3Limits;
  readonly random: Random;
}

/** `startTls`: STLS can be offered on this listener. */
export function openPop3(parts: Pop3Parts, peer: Peer, startTls: boolean, wire: Wire): Dialogue {
  const { hostname, settings, random } = parts;
  const session = sessionId(random.octets(SESSION_ID_ENTROPY_OCTETS));
  const desk = new MaildropDesk(parts.maildrop, { ...peer, session }, () => conversation);
  const engine = new Pop3ServerSession({
    hostname,
    sessionId: session,
    plainTextLogin: settings.plain_text_login || isOnThisMachine(peer),
    authLogin: settings.auth_login,
    internationalMessages: settings.international_messages,
    limits: parts.limits,
    ...(peer.tls === undefined
      ? { startTls: startTls ? "offered" : "unavailable" }
      : { startTls: "established", tls: peer.tls }),
  });
  const conversation = new Conversation(engine, desk, wire);
  return conversation;
}

/** A client that a proxy speaks for is elsewhere, whatever address the proxy names. */
function isOnThisMachine({ ip, proxy }: Peer): boolean {
  return proxy === undefined && ipReach(ip) === "loopback";
}

/** From the configuration's units to the engine's. */
export function pop3Limits({ pop3, limits }: Config): Pop3Limits {
  return {
    errors: pop3.errors,
    commandLineOctets: pop3.command_bytes,
    saslLineOctets: pop3.sasl_bytes,
    chunkOctets: pop3.chunk_bytes,
    loginTimeMs: pop3.login_seconds * 1000,
    idleTimeMs: pop3.idle_seconds * 1000,
    crowdedTimeMs: limits.crowded_seconds * 1000,
  };
}
