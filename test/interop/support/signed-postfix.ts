/** Postfix as the mail server of many domains, on three addresses of a private network: three ways to do TLS. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Made } from "../../support/certificates.ts";
import { maildir } from "./maildir.ts";
import { launchPostfix, MASTER } from "./postfix.ts";
import type { PrivateNetwork } from "./private-network.ts";

/** Its addresses, by what is shown there: a certificate that signed itself, one under an authority, no TLS at all. */
export const SHOWN_AT = {
  own: "9.9.9.21",
  issued: "9.9.9.22",
  none: "9.9.9.23",
} as const;

export interface SignedPostfix {
  log(): string;
  /** Messages for bob at this domain. */
  messages(domain: string): readonly string[];
  stop(): Promise<void>;
}

export async function startSignedPostfix(
  network: PrivateNetwork,
  domains: readonly string[],
  certificates: { readonly own: Made; readonly issued: Made },
): Promise<SignedPostfix> {
  const postfix = await launchPostfix(
    (home) => {
      for (const name of ["own", "issued"] as const) {
        const { certificate, key } = certificates[name];
        writeFileSync(join(home, `${name}.pem`), key + certificate, { mode: 0o600 });
      }
      mkdirSync(join(home, "mail"));
      chmodSync(join(home, "mail"), 0o777); // the one who delivers is nobody
      return mainConfiguration(home, domains);
    },
    MASTER + SERVICES,
    network,
  );
  return {
    log: () => postfix.log(),
    messages: (domain) => maildir(join(postfix.home, "mail", domain)),
    stop: () => postfix.stop(),
  };
}

/** As who it delivers: nobody, on every Debian. */
const NOBODY = 65_534;

function mainConfiguration(home: string, domains: readonly string[]): string {
  const mailboxes = domains.map((domain) => `{ bob@${domain} = ${domain}/ }`);
  return `myhostname = mx.signed.example
mydestination =
inet_protocols = ipv4
alias_maps =
alias_database =
virtual_mailbox_domains = ${domains.join(", ")}
virtual_mailbox_base = ${home}/mail
virtual_mailbox_maps = inline:{ ${mailboxes.join(", ")} }
virtual_uid_maps = static:${NOBODY}
virtual_gid_maps = static:${NOBODY}
pem = ${home}
smtpd_tls_security_level = may
smtpd_tls_loglevel = 1
smtpd_relay_restrictions = reject_unauth_destination
`;
}

const SERVICES = `${SHOWN_AT.own}:25 inet n - n - - smtpd -o smtpd_tls_chain_files=$pem/own.pem
${SHOWN_AT.issued}:25 inet n - n - - smtpd -o smtpd_tls_chain_files=$pem/issued.pem
${SHOWN_AT.none}:25 inet n - n - - smtpd -o smtpd_tls_security_level=none
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
`;
