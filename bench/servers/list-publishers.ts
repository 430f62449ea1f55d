/** Who answers questions about a published list here: Gatepost, rbldnsd, and a server that knows nothing. */
import { join } from "node:path";
import { startForeground, type Foreground } from "../../test/interop/support/foreground.ts";
import { makeGatepostSite } from "./gatepost.ts";
import type { Peer } from "./peer.ts";
import { freePort } from "./together.ts";

export const LIST_ZONE = "relays.bl.example";

export interface ListPeer extends Peer {
  /** UDP, on loopback. */
  readonly dns: number;
}

/** Of a file in rbldnsd's ip4set. */
export type StartPublisher = (file: string) => Promise<ListPeer>;

const GATEPOST = join(import.meta.dirname, "..", "..", "bin", "gatepost");

export const PUBLISHERS = {
  Gatepost: startGatepost,
  rbldnsd: startRbldnsd,
} as const satisfies Record<string, StartPublisher>;

async function startGatepost(file: string): Promise<ListPeer> {
  const { config, dns } = await makeGatepostSite();
  const zone = `listing.zone=[{ zone = "${LIST_ZONE}", kind = "addresses", ns = ["ns1.example.org"], contact = "hostmaster@example.org", files = ["${file}"] }]`;
  const unlimited = 'limits.dns_clients=[{ network = "127.0.0.0/8", action = "pass" }]'; // all load comes from one address
  const set = [zone, unlimited, "log.level=warn"].flatMap((setting) => ["--set", setting]);
  const command = [GATEPOST, "serve", "--config", config, ...set] as const;
  return peer("Gatepost", dns, await startForeground(command, /^ready/m));
}

async function startRbldnsd(file: string): Promise<ListPeer> {
  const dns = await freePort();
  const args = ["-n", "-4", "-c", "0", "-b", `127.0.0.1/${dns}`, `${LIST_ZONE}:ip4set:${file}`];
  return peer("rbldnsd", dns, await startForeground(["/usr/sbin/rbldnsd", ...args], /\) started \(/)); // prettier-ignore
}

/** What Node's dgram takes for a datagram there and back. */
export async function startEcho(): Promise<ListPeer> {
  const dns = await freePort();
  const program = join(import.meta.dirname, "echo-program.ts");
  return peer("echo", dns, await startForeground([process.execPath, program, String(dns)], /^ready/m)); // prettier-ignore
}

function peer(name: string, dns: number, running: Foreground): ListPeer {
  return { name, pid: running.pid, dns, stop: () => running.stop() };
}
