/** Postfix's smtp-sink, which stores nothing: as fast as the client can be, so the ceiling of what it can measure. */
import { startChild } from "./child.ts";
import type { SmtpPeer } from "./peer.ts";

/** Connections that the kernel may hold for it. */
export const BACKLOG = "1000";

/** "refusing": says no to every recipient. */
export async function startSink(
  port: number,
  kind: "taking" | "refusing" = "taking",
): Promise<SmtpPeer> {
  const refusal = kind === "refusing" ? ["-f", "RCPT"] : [];
  const sink = await startChild(
    "smtp-sink",
    ["-u", "nobody", ...refusal, `127.0.0.1:${port}`, BACKLOG],
    port,
  );
  return {
    name: "smtp-sink",
    pid: sink.pid,
    smtp: port,
    stored: () => Promise.resolve(undefined),
    stop: () => sink.stop(),
  };
}
