/** policyd-spf, which Postfix starts and asks at each RCPT, set up as Debian's README of its package has it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HOSTNAME } from "./peer.ts";

/** Its defaults, and the result in the field that opendmarc reads. */
const CONFIGURATION = `debugLevel = 1
TestOnly = 1
HELO_reject = Fail
Mail_From_reject = Fail
PermError_reject = False
TempError_Defer = False
skip_addresses = 127.0.0.0/8,::ffff:127.0.0.0/104,::1
Header_Type = AR
Authserv_Id = ${HOSTNAME}
`;

/** For main.cf. */
export const ASKS_POLICYD_SPF = `smtpd_recipient_restrictions = check_policy_service unix:private/policyd-spf
policyd-spf_time_limit = 3600
`;

/** Writes its configuration into the folder; returns the line for master.cf. */
export function spawnsPolicydSpf(folder: string): string {
  const config = join(folder, "policyd-spf.conf");
  writeFileSync(config, CONFIGURATION);
  return `policyd-spf unix - n n - 0 spawn user=policyd-spf argv=/usr/bin/policyd-spf ${config}\n`;
}
