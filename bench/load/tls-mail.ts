/** Mail over TLS and from users who have logged in: what smtp-source cannot send. A client of the bench, in a process of its own. */
import assert from "node:assert/strict";
import { z } from "zod";
import { runClient } from "./client.ts";
import type { MailLoad } from "./smtp-source.ts";

export interface TlsLoad extends MailLoad {
  readonly tls: "off" | "starttls";
  /** Each connection resumes the session of the one before. */
  readonly resume: boolean;
  /** Each connection logs in, as the user of the one mailbox, in whose name the mail is. */
  readonly login: boolean;
}

/** For TLS alone: the version and the group that every handshake has, with every server. */
export const TLS_VERSION = "TLSv1.3";
export const TLS_GROUP = "X25519";

export const Asked = z.object({
  port: z.number(),
  to: z.string(),
  messages: z.number(),
  octets: z.number(),
  connections: z.number(),
  reuse: z.boolean(),
  tls: z.enum(["off", "starttls"]),
  resume: z.boolean(),
  login: z.boolean(),
});

export const Done = z.object({
  seconds: z.number(),
  opened: z.number(),
  /** Handshakes that resumed a session. */
  resumed: z.number(),
});

/**
 * Sends to a port of loopback; returns the seconds until the last answer. Throws where the handshakes were not of the kind that
 * was asked for: all full, or all but the first of each of the connections at once resumed.
 */
export async function sendOverTls(port: number, to: string, load: TlsLoad): Promise<number> {
  const asked: z.input<typeof Asked> = { port, to, ...load };
  const printed = await runClient("tls-client.ts", JSON.stringify(asked));
  const { seconds, opened, resumed } = Done.parse(printed);
  assert.equal(opened, load.reuse ? load.connections : load.messages, "connections");
  assert.equal(resumed, load.resume ? opened - load.connections : 0, "resumed sessions");
  return seconds;
}
