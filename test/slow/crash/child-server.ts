/**
 * A server as a process of its own, to be killed: `child-server.ts CONFIG`. It says what it found in the queue, and its ports when
 * they are open. Told a step, it kills itself, as `kill -9` does, when its store is about to take or has just taken it.
 */
import { flushCompileCache } from "node:module";
import { GatepostServer, SERVER_PARTS, type ServiceName } from "../../../src/app/index.ts";
import { loadConfig } from "../../../src/config/index.ts";
import { everyRow } from "../../../src/operate/queue/index.ts";
import { openLog } from "../../../src/runtime/index.ts";
import type { Queue } from "../../../src/store/index.ts";
import type { LeftRow } from "./book.ts";
import { StoppingStore } from "./stopping-store.ts";
import type { Said, Stop } from "./victim.ts";

const [file = ""] = process.argv.slice(2);
const stopping = new StoppingStore(() => process.kill(process.pid, "SIGKILL"));

function say(said: Said): void {
  process.send?.(said);
}

const server = await GatepostServer.start(loadConfig(file), openLog("warn"), {
  ...SERVER_PARTS,
  openStore: async (options) => {
    const store = await stopping.open(options);
    say({ left: await leftIn(store.queue) });
    return store;
  },
});

process.on("SIGTERM", () => void server.stop().then(() => process.exit(0)));
process.on("message", (stop: Stop) => {
  stopping.stopAt(stop.step, stop.write);
  say({ told: stop });
});
flushCompileCache(); // is otherwise done at an end of its own, which few of them have
const ports = server.ports.map(({ planned, listening }) => [planned.service, listening.port]);
say({ ports: Object.fromEntries(ports) as Record<ServiceName, number> }); // each has its line in the file

async function leftIn(queue: Queue): Promise<readonly LeftRow[]> {
  const rows: LeftRow[] = [];
  for await (const { forwardPath, inDoubt, state } of everyRow(queue, {}))
    rows.push({ forwardPath, inDoubt: inDoubt || state.kind === "under way" });
  return rows;
}
