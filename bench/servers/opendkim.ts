/** opendkim as a milter, its configuration below a temporary directory: signs a domain's mail, or verifies what comes in. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../../test/interop/support/site.ts";
import type { SigningKey } from "../../src/service/signing/index.ts";
import type { PrivateNetwork } from "../../test/interop/support/private-network.ts";
import { startChild } from "./child.ts";
import { startFilter, type Filter } from "./filter.ts";
import type { Peer } from "./peer.ts";

const PROGRAM = "/usr/sbin/opendkim";

/**
 * Signs what comes from loopback and from users with the key, relaxed/relaxed as Gatepost does; its other
 * defaults stand, except that its files may lie below a directory in which everybody may write.
 */
export async function startOpenDkim(port: number, domain: string, key: SigningKey): Promise<Peer> {
  const home = temporaryDirectory();
  chmodSync(home, 0o700);
  const [config, pem] = [join(home, "opendkim.conf"), join(home, "key.pem")];
  writeFileSync(pem, key.privateKey, { mode: 0o600 });
  writeFileSync(config, configuration(port, domain, key.selector, pem));
  const child = await startChild(PROGRAM, ["-f", "-x", config], port);
  return { name: "opendkim", pid: child.pid, stop: () => child.stop() };
}

function configuration(port: number, domain: string, selector: string, pem: string): string {
  return `Mode s
Domain ${domain}
Selector ${selector}
KeyFile ${pem}
Socket inet:${port}@127.0.0.1
Canonicalization relaxed/relaxed
SignatureAlgorithm rsa-sha256
OversignHeaders From
InternalHosts 127.0.0.1
Syslog no
RequireSafeKeys no
`;
}

/**
 * Verifies what comes in, in the name of a server, and says so also of a message without a signature, as Gatepost does. It asks
 * the name server of its network by its own resolver, which remembers; its other defaults stand.
 */
export function startVerifyingOpenDkim(network: PrivateNetwork, server: string): Promise<Filter> {
  return startFilter(
    "opendkim",
    ["-f", "-x"],
    (socket) => `Mode v
AuthservID ${server}
AlwaysAddARHeader yes
Nameservers 127.0.0.1
Socket local:${socket}
UMask 000
Syslog no
`,
    network,
  );
}
