/** Mail from Postfix's smtp-source: no pipelining, one recipient a message, a body of the wanted length. */
import assert from "node:assert/strict";
import { run } from "../../test/interop/support/programs.ts";
import { LOAD_LIMIT } from "./client.ts";

export interface MailLoad {
  readonly messages: number;
  /** Octets of each body. */
  readonly octets: number;
  /** Open at once. */
  readonly connections: number;
  /** The next message goes over the same connection instead of a new one. */
  readonly reuse: boolean;
  /** Each message goes to a mailbox of its own: 1NAME@…, 2NAME@… instead of NAME@…. */
  readonly spread?: boolean;
}

/** Sends to a port of loopback; returns the seconds until the last answer. */
export async function sendMail(port: number, to: string, load: MailLoad): Promise<number> {
  const counts = ["-s", load.connections, "-m", load.messages, "-l", load.octets].map(String);
  const names = ["-M", "client.example", "-f", "sender@remote.example", "-t", to];
  const reuse = load.reuse ? ["-d"] : [];
  const spread = load.spread === true ? ["-N"] : [];
  const args = [...reuse, ...spread, ...counts, ...names, `127.0.0.1:${port}`];
  const began = performance.now();
  const { code, said } = await run("smtp-source", args, { timeLimit: LOAD_LIMIT });
  const seconds = (performance.now() - began) / 1000;
  assert.equal(code, 0, `smtp-source: ${said}`);
  return seconds;
}
