/** Postfix as a peer: mailboxes for `postfix.example` in Maildirs, forwards that lead to us, a port with STARTTLS. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeSelfSigned } from "../../../src/net/index.ts";
import { maildir } from "./maildir.ts";
import { DEAD, GATEWAYS, LATER, MAILBOXES, type Peer, type PeerPlace } from "./peer.ts";
import { launchPostfix, MASTER } from "./postfix.ts";
import { run } from "./programs.ts";

const DOMAIN = "postfix.example";
/** As who it delivers: nobody, on every Debian. */
const NOBODY_ID = 65_534;

export async function startPostfixPeer(place: PeerPlace): Promise<Peer> {
  const pair = await makeSelfSigned("mx.postfix.example", Date.now());
  const postfix = await launchPostfix(
    (home) => {
      writeFileSync(join(home, "cert.pem"), pair.certificate);
      writeFileSync(join(home, "key.pem"), pair.key, { mode: 0o600 });
      mkdirSync(join(home, "mail"));
      chmodSync(join(home, "mail"), 0o777); // the one who delivers is nobody
      return mainConfiguration(home, place);
    },
    MASTER + services(place.port),
  );
  return {
    name: "Postfix",
    domain: DOMAIN,
    port: place.port,
    async submit(message, from, to) {
      const args = ["-C", postfix.config, "-i", "-f", from, "--", to];
      const { code, said } = await run("sendmail", args, { input: message });
      assert.equal(code, 0, said);
    },
    log: () => postfix.log(),
    bouncesTo: (address) => bouncesIn(postfix.log(), address),
    messages: (user) => maildir(join(postfix.home, "mail", user)),
    stop: () => postfix.stop(),
  };
}

/** In its log a message has an id: `ID: from=<>, …` when it is taken up, `ID: to=<address>, …` when it has gone. */
function bouncesIn(log: string, address: string): number {
  const bounces = new Set([...log.matchAll(/ ([0-9A-F]+): from=<>, /g)].map(([, id]) => id));
  const ids = [...log.matchAll(/ ([0-9A-F]+): to=<([^>]*)>,/g)]
    .filter(([, id, to]) => to === address && bounces.has(id))
    .map(([, id]) => id);
  return new Set(ids).size;
}

/** The dead one's mail goes to a program that says so after it was taken: EX_NOUSER. */
function mainConfiguration(home: string, { gatepost, user }: PeerPlace): string {
  const domains = [DOMAIN, ...GATEWAYS];
  const mailboxes = [...MAILBOXES, DEAD].flatMap((name) =>
    domains.map((domain) => `{ ${name}@${domain} = ${name}/ }`),
  );
  return `myhostname = mx.postfix.example
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
virtual_mailbox_domains = ${domains.join(", ")}
virtual_mailbox_base = ${home}/mail
virtual_mailbox_maps = inline:{ ${mailboxes.join(", ")} }
virtual_alias_maps = inline:{ { back@${DOMAIN} = ${user} }, { round@${DOMAIN} = round@local.example } }
virtual_uid_maps = static:${NOBODY_ID}
virtual_gid_maps = static:${NOBODY_ID}
transport_maps = inline:{ { ${DEAD}@${DOMAIN} = gone: }, { local.example = smtp:[127.0.0.1]:${gatepost} } }
smtpd_tls_security_level = may
smtpd_tls_cert_file = ${home}/cert.pem
smtpd_tls_key_file = ${home}/key.pem
smtp_tls_security_level = may
smtpd_recipient_restrictions = check_recipient_access inline:{ { ${LATER}@ = 451 4.2.1 the mailbox is being moved } }
smtpd_relay_restrictions = reject_unauth_destination
smtputf8_enable = yes
hopcount_limit = 20
`;
}

function services(port: number): string {
  return `127.0.0.1:${port} inet n - n - - smtpd
virtual unix - n n - - virtual
gone unix - n n - - pipe user=nobody argv=/bin/sh -c { exit 67 }
anvil unix - - n - 1 anvil
verify unix - - n - 1 verify
`;
}
