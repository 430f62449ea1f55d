/** Our user hands a message in by msmtp, with a login, under TLS, unchanged. */
import assert from "node:assert/strict";
import { unixLines } from "./messages.ts";
import { run as runHere } from "./programs.ts";
import { PASSWORD, USER, type Site } from "./site.ts";

export interface HandIn {
  /** Where the site is not on this machine's own loopback. */
  readonly run?: typeof runHere;
  readonly options?: readonly string[];
}

export async function handIn(
  { ports }: Site,
  message: Buffer,
  to: readonly string[],
  { run = runHere, options = [] }: HandIn = {},
): Promise<void> {
  const server = ["--host=127.0.0.1", `--port=${ports.submission}`];
  const tls = ["--tls=on", "--tls-starttls=on", "--tls-certcheck=off"];
  const login = [`--user=${USER}`, `--passwordeval=echo '${PASSWORD}'`, "--auth=scram-sha-256"];
  const unchanged = ["from", "date", "msgid"].map((field) => `--set-${field}-header=off`);
  const args = ["--file=/dev/null", ...server, ...tls, ...login, ...unchanged, `--from=${USER}`];
  const sent = await run("msmtp", [...args, ...options, "--", ...to], {
    input: unixLines(message),
  });
  assert.equal(sent.code, 0, sent.said);
}
