/** The one password that SCRAM knows here, so cheap that a client can be made by the thousand; and the server's nonce. */
import type { ScramVerifier } from "../../../src/protocol/sasl/index.ts";
import { EXAMPLE, keysOf } from "../../protocol/sasl/scram-client.ts";

export const PASSWORD = "secret";
export const SERVER_NONCE = "%server";

/** What a login can be bound to, where there is such a thing. */
export const EXPORTER = Buffer.from("0123456789abcdef0123456789abcdef");

const ITERATIONS = 1;
const { salt } = EXAMPLE;

export const KEYS = keysOf(PASSWORD, salt, ITERATIONS);

export const VERIFIER: ScramVerifier = { salt, iterations: ITERATIONS, ...KEYS };

/** The server's first message to a client of this nonce. */
export function serverFirst(clientNonce: string): string {
  return `r=${clientNonce}${SERVER_NONCE},s=${salt.toString("base64")},i=${ITERATIONS}`;
}
