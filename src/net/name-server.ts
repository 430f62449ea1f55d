/** Which servers are asked: as the configuration or the system names them. */
import { readFileSync } from "node:fs";
import { parseIp } from "../mail/index.ts";

export interface NameServer {
  /** An IP address; a link-local one has its zone. */
  readonly host: string;
  readonly port: number;
  /** The address of this machine that is to speak to it; left out: the one that the system picks. */
  readonly from?: string;
}

const PORT = 53;

/** The resolver of this machine is asked where nothing is said, as by every C library. */
const LOOPBACK: NameServer = { host: "127.0.0.1", port: PORT };

/** As many as C libraries look at (resolv.conf(5)). */
const SYSTEM_SERVERS_LIMIT = 3;

/** "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353"; undefined for anything else. */
export function parseNameServer(text: string): NameServer | undefined {
  const bare = parseIp(text);
  if (bare !== undefined) return { host: bare, port: PORT };
  const [, v6, v4, digits = ""] =
    /^(?:\[([^\]]+)\]|([^:[\]]+)):([1-9][0-9]{0,4})$/.exec(text) ?? [];
  const host = parseIp(v6 ?? v4 ?? "");
  const port = Number(digits);
  return host !== undefined && port <= 0xffff ? { host, port } : undefined;
}

/** The servers that the text of a resolv.conf names. */
export function serversOf(resolvConf: string): readonly NameServer[] {
  return resolvConf
    .split("\n")
    .map((line) => /^nameserver[ \t]+([0-9A-Fa-f:.]+(?:%[\w.-]+)?)[ \t\r]*$/.exec(line)?.[1] ?? "")
    .filter((host) => parseIp(host) !== undefined)
    .slice(0, SYSTEM_SERVERS_LIMIT)
    .map((host) => ({ host, port: PORT }));
}

/** The servers of this system; at least one. */
export function systemServers(file = "/etc/resolv.conf"): readonly NameServer[] {
  const servers = serversOf(textOf(file));
  return servers.length > 0 ? servers : [LOOPBACK];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // a system without the file has the server on loopback, or none
  }
}
