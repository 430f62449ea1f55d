/** A Postfix at an address of its own in a network of the test's: one that relays for everybody, or the same one mended. Its users are on its machine. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { launchPostfix, MASTER } from "./postfix.ts";
import type { PrivateNetwork } from "./private-network.ts";

export interface RelayingPostfix {
  /** A message from one of its users. */
  submit(from: string, to: string): Promise<void>;
  /** A message from a stranger at that address. */
  handIn(client: string, from: string, to: string, message: string): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

export interface Relaying {
  readonly address: string;
  /** Domain → port of 127.0.0.1 where its mail goes. */
  readonly routes: ReadonlyMap<string, number>;
  readonly isOpen: boolean;
}

export async function startRelayingPostfix(
  network: PrivateNetwork,
  relaying: Relaying,
): Promise<RelayingPostfix> {
  const { address } = relaying;
  const services = `${MASTER}${address}:25 inet n - n - - smtpd\nanvil unix - - n - 1 anvil\n`;
  const postfix = await launchPostfix(() => configuration(relaying), services, network);
  const { home, config } = postfix;
  const ran = async (program: string, args: readonly string[], input = ""): Promise<void> => {
    const { code, said } = await network.run(program, args, { input: Buffer.from(input) });
    assert.equal(code, 0, `${said}\n${postfix.log()}`);
  };
  return {
    submit: (from, to) =>
      ran("sendmail", ["-C", config, "-i", "-f", from, "--", to], "Subject: hello\n\nhello\n"),
    async handIn(client, from, to, message) {
      const file = join(home, "message.eml");
      writeFileSync(file, message);
      const place = ["--server", address, "--port", "25", "--local-interface", client];
      await ran("swaks", [...place, "--from", from, "--to", to, "--data", `@${file}`]);
    },
    log: () => postfix.log(),
    stop: () => postfix.stop(),
  };
}

function configuration({ address, routes, isOpen }: Relaying): string {
  const ways = [...routes].map(([domain, port]) => `{ ${domain} = smtp:[127.0.0.1]:${port} }`);
  const relays = isOpen ? "check_client_access static:OK, " : "";
  return `myhostname = mx.relay.example
mydestination =
mynetworks =
inet_interfaces = loopback-only
alias_maps =
alias_database =
transport_maps = inline:{ ${ways.join(" ")} }
default_transport = error:nobody
smtp_bind_address = ${address}
smtp_tls_security_level = none
smtpd_relay_restrictions = ${relays}reject_unauth_destination
`;
}
