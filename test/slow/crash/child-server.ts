/**
 * A server as a process of its own, to be killed: `child-server.ts CONFIG [STOP]`. With STOP it kills itself, as
 * `kill -9` does, when its store is about to take or has just taken that step, counted from 1.
 */
import { GatepostServer, SERVER_PARTS, type ServerParts } from "../../../src/app/index.ts";
import { loadConfig } from "../../../src/config/index.ts";
import { openLog } from "../../../src/runtime/index.ts";
import { stoppingStore } from "./stopping-store.ts";

const [file = "", stop] = process.argv.slice(2);

const parts: ServerParts =
  stop === undefined
    ? SERVER_PARTS
    : { ...SERVER_PARTS, openStore: stoppingStore(Number(stop), die) };

const loaded = loadConfig(file);
const server = await GatepostServer.start(loaded, openLog("warn"), parts);
const ports = server.ports.map(({ planned, listening }) => [planned.service, listening.port]);
process.stdout.write(`ready ${JSON.stringify(Object.fromEntries(ports))}\n`);

process.on("SIGTERM", () => void server.stop().then(() => process.exit(0)));

function die(): void {
  process.kill(process.pid, "SIGKILL");
}
