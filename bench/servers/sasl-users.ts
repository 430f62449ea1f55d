/**
 * Users for a Postfix that logs them in itself, by Cyrus SASL and its sasldb: no second server takes part. What it compares is the
 * password as it is; to hash it first would cost processor time.
 */
import assert from "node:assert/strict";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../test/interop/support/programs.ts";
import { PASSWORD, SINK_MAILBOX } from "./peer.ts";

/** In a Postfix's folder of configuration, where Debian's reads `sasl/smtpd.conf`, whatever else it is told; returns lines for main.cf. */
export async function makeSaslUsers(config: string, owner: number): Promise<string> {
  const folder = join(config, "sasl");
  const database = join(folder, "sasldb2");
  mkdirSync(folder);
  writeFileSync(
    join(folder, "smtpd.conf"),
    `pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: ${database}
mech_list: PLAIN
`,
  );
  const [user = "", domain = ""] = SINK_MAILBOX.split("@");
  const args = ["-p", "-c", "-f", database, "-u", domain, user];
  const { code, said } = await run("/usr/sbin/saslpasswd2", args, { input: PASSWORD });
  assert.equal(code, 0, said);
  chownSync(database, owner, 0);
  return `smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
smtpd_tls_auth_only = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
`;
}
