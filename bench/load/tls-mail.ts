/** Mail over TLS, from users who have logged in, or with a text of one's own: what smtp-source cannot send. A client of the bench, in a process of its own. */
import assert from "node:assert/strict";
import { z } from "zod";
import type { PrivateNetwork } from "../../test/interop/support/private-network.ts";
import { Addresses } from "./addresses.ts";
import { runClient, runClientIn } from "./client.ts";
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
  /** Where the connections come from, one after the other; left out: from where the system has it. */
  sources: Addresses.optional(),
  /** A file of `Letter`s in JSON, which are sent one after the other, and again; left out: one that the client writes. */
  letters: z.string().optional(),
});

export const Letters = z.array(z.object({ sender: z.string(), text: z.string() }));

/** A message, in latin1, without what the framing adds. */
export type Letter = z.output<typeof Letters>[number];

export const Done = z.object({
  seconds: z.number(),
  opened: z.number(),
  /** Handshakes that resumed a session. */
  resumed: z.number(),
  /** Milliseconds from the beginning of a connection, or of a further message over it, to the answer to a message, the median. */
  latencyMs: z.number(),
});

export type Sent = Pick<z.output<typeof Done>, "seconds" | "latencyMs">;

/**
 * Sends to a port of loopback; returns the seconds until the last answer, and the latency. Throws where the handshakes were not of the kind that
 * was asked for: all full, or all but the first of each of the connections at once resumed.
 */
export async function sendOverTls(port: number, to: string, load: TlsLoad): Promise<Sent> {
  return sent(load, await runClient("tls-client.ts", asked({ port, to, ...load })));
}

/** From where a stranger sends, and what. */
export interface Stranger {
  readonly network: PrivateNetwork;
  /** Its addresses in there. */
  readonly sources: Addresses;
  /** A file of `Letters`; left out: one letter that the client writes. */
  readonly letters?: string;
}

/** The same, in a network of its own. */
export function sendFrom({ network, ...stranger }: Stranger) {
  return async (port: number, to: string, load: TlsLoad): Promise<Sent> => {
    const words = asked({ port, to, ...load, ...stranger });
    return sent(load, await runClientIn(network, "tls-client.ts", words));
  };
}

function asked(words: z.input<typeof Asked>): string {
  return JSON.stringify(words);
}

function sent(load: TlsLoad, printed: unknown): Sent {
  const { seconds, latencyMs, opened, resumed } = Done.parse(printed);
  assert.equal(opened, load.reuse ? load.connections : load.messages, "connections");
  assert.equal(resumed, load.resume ? opened - load.connections : 0, "resumed sessions");
  return { seconds, latencyMs };
}
