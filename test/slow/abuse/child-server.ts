/**
 * A server as a process of its own, whose memory can be looked at: `child-server.ts CONFIG [KEY=VALUE…]`. Each message of its
 * parent is answered with the octets its heap holds after a collection.
 */
import { setTimeout } from "node:timers/promises";
import { GatepostServer, openServerLog } from "../../../src/app/index.ts";
import { loadConfig } from "../../../src/config/index.ts";

const [file = "", ...overrides] = process.argv.slice(2);
const loaded = loadConfig(file, overrides);
const log = openServerLog(loaded.config);
const server = await GatepostServer.start(loaded, log);
const ports = server.ports.map(
  ({ planned, listening }) => [planned.service, listening.port] as const,
);
process.send?.({ ports: Object.fromEntries(ports) });

process.on("message", () => void tellMemory());
process.on("disconnect", () => process.exit()); // whoever wanted to know is gone

/** What the first collection finds out, the second one frees. */
async function tellMemory(): Promise<void> {
  for (let i = 0; i < 2; i++) {
    gc?.();
    await setTimeout(50);
  }
  log.flush();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ heapOctets: heapUsed + external });
}
