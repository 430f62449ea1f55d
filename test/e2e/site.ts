/** A site in a directory of its own, served by a server in this process, on ports that the system chooses. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GatepostServer,
  makeSite,
  SERVER_PARTS,
  SERVICES,
  type ServerParts,
  type ServiceName,
} from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { silentLog } from "../../src/runtime/index.ts";

export const USER = "ann@local.example";
export const PASSWORD = "correct horse";

export interface Site {
  readonly dir: string;
  readonly file: string;
  /** Starts a server on it; `listen` is TOML for the `[listen]` table's services. */
  serve(overrides?: readonly string[], parts?: Partial<ServerParts>): Promise<GatepostServer>;
  remove(): void;
}

const ANY_PORT = '[{ address = "127.0.0.1", port = 0 }]';

/** Every service on a port of the system's choice. */
export const ANY_PORTS = SERVICES.map((name) => `listen.${name}=${ANY_PORT}`);

/** In a fresh directory, unless one is named. */
export async function newSite(
  dir: string = mkdtempSync(join(tmpdir(), "gatepost-e2e-")),
): Promise<Site> {
  const file = await makeSite({
    dir,
    hostname: "mx.local.example",
    domains: ["local.example"],
    signs: false,
    mailboxes: [{ address: USER, password: PASSWORD }],
    portBase: 0,
    listen: ["127.0.0.1"],
  });
  return {
    dir,
    file,
    serve: (overrides = ANY_PORTS, parts = {}) =>
      GatepostServer.start(loadConfig(file, overrides), silentLog, { ...SERVER_PARTS, ...parts }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** The port of a service of a running server. */
export function portOf(server: GatepostServer, service: ServiceName): number {
  const port = server.ports.find(({ planned }) => planned.service === service);
  if (port === undefined) throw new Error(`${service} is not open`);
  return port.listening.port;
}
