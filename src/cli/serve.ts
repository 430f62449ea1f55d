/** `gatepost serve`: runs the server until it is told to stop. SIGHUP reloads, SIGTERM and SIGINT drain. */
import type { Command } from "commander";
import { GatepostServer, openServerLog, STOP_GRACE_MS, type OpenPort } from "../app/index.ts";
import type { LoadedConfig } from "../config/index.ts";
import { errorText, type Log } from "../runtime/index.ts";
import { print } from "./output.ts";
import { siteConfig, withConfig, withSet, type SiteOptions } from "./site-options.ts";

export function serveCommand(program: Command): void {
  withSet(withConfig(program.command("serve")))
    .description("run the server")
    .action(async (options: SiteOptions) => {
      const { server } = await startServing(siteConfig(options), options.set ?? []);
      print(readyLine(server));
    });
}

/**
 * Milliseconds in which a second signal is the first one again: Ctrl-C under `npm start` arrives twice, from
 * the terminal and passed on by npm.
 */
const SAME_REQUEST_MS = 1_000;

/** Starts, and ties the process's signals to the server. */
export async function startServing(
  loaded: LoadedConfig,
  overrides: readonly string[],
): Promise<{ server: GatepostServer; log: Log }> {
  warnAboutRoot();
  const log = openServerLog(loaded.config);
  const server = await GatepostServer.start(loaded, log);
  process.on("SIGHUP", () => void reload(server, overrides, log));
  let askedAt: number | undefined;
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      const now = performance.now();
      if (askedAt === undefined) void stop(server, log);
      else if (now - askedAt > SAME_REQUEST_MS) process.exit(1); // asked again: at once
      askedAt ??= now;
    });
  return { server, log };
}

/** Scripts wait for this line. */
export function readyLine(server: GatepostServer): string {
  const ports = [
    ...server.ports.map((open) => `${open.planned.service} ${portText(open)}`),
    ...server.listPorts.map(({ address, port }) => `dns ${endpointText(address, port)}`),
  ];
  return `ready: ${ports.join(", ")}; ${server.proof.summary}`;
}

/** "127.0.0.1:25", "[::1]:25" */
export function portText({ planned: { address }, listening: { port } }: OpenPort): string {
  return endpointText(address, port);
}

function endpointText(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

async function reload(
  server: GatepostServer,
  overrides: readonly string[],
  log: Log,
): Promise<void> {
  try {
    await server.reload(overrides);
    log.info("configuration reloaded", { proof: server.proof.summary });
  } catch (error) {
    // The old configuration stays in force: that is what the log has to say.
    log.error("configuration not reloaded", {
      problem: errorText(error),
      todo: "mend the configuration (`gatepost check` shows what is wrong) and send SIGHUP again",
    });
  }
  log.flush();
}

/** Milliseconds after which who has asked for the stop is told what it waits for. */
const STOP_TOLD_MS = 1000;

async function stop(server: GatepostServer, log: Log): Promise<void> {
  const told = setTimeout(() => {
    process.stderr.write(
      `gatepost: stopping; waits at most ${STOP_GRACE_MS / 1000} s for sessions and deliveries under way, asked again it ends at once\n`,
    );
  }, STOP_TOLD_MS);
  try {
    await server.stop();
    clearTimeout(told);
    log.info("stopped");
    log.flush();
    process.exit(0);
  } catch (error) {
    log.error("not stopped cleanly", { problem: errorText(error) });
    log.flush();
    process.exit(1);
  }
}

/** Root is needed for ports below 1024 and for nothing else. */
function warnAboutRoot(): void {
  if (process.getuid?.() !== 0) return;
  process.stderr.write(
    "gatepost: running as root, which it does not need. Give it a user of its own and, in its systemd unit,\n" +
      "          AmbientCapabilities=CAP_NET_BIND_SERVICE for the ports below 1024 (docs/operating.md).\n",
  );
}
