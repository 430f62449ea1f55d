/**
 * Starts Gatepost in this process as `gatepost serve` does, and watches its event loop: the bench's own way in, for what
 * can only be seen from inside. Arguments: configuration, settings. Speaks over the channel to its parent.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { GatepostServer, openServerLog } from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";

/** How long the event loop was kept from its next turn, since the last time it was asked. */
export interface LoopDelay {
  /** Milliseconds; what is beyond the millisecond in which the watch looks. */
  readonly longest: number;
}

export type Told = { readonly kind: "ready" } | ({ readonly kind: "delay" } & LoopDelay);
export type Asked = "delay" | "stop";

/** Milliseconds between two looks. */
const RESOLUTION_MS = 1;

const [config = "", ...settings] = process.argv.slice(2);
const loaded = loadConfig(config, settings);
const log = openServerLog(loaded.config);
const server = await GatepostServer.start(loaded, log);
const watch = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
watch.enable();

process.on("message", (asked: Asked) => {
  if (asked === "delay") return tellDelay();
  void server.stop().then(() => process.disconnect?.());
});
tell({ kind: "ready" });

function tellDelay(): void {
  const longest = Math.max(0, watch.max / 1e6 - RESOLUTION_MS);
  watch.reset();
  tell({ kind: "delay", longest });
}

function tell(told: Told): void {
  process.send?.(told);
}
