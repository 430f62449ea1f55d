/**
 * OpenSMTPD, for the test that has it as the other server: unpacked, because Postfix is installed; and the two users that its parts work
 * as are made, as its package would.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { addSystemUser, isUserThere } from "./system-user.ts";
import { unpackPackages, type Install } from "./unpacked.ts";

export const OPENSMTPD_PACKAGE = "opensmtpd";

const HOME = fileURLToPath(new URL("../.cache/opensmtpd/", import.meta.url));
export const OPENSMTPD = {
  server: `${HOME}root/usr/sbin/smtpd`,
  /** What it starts to deliver mail. */
  agents: `${HOME}root/usr/libexec/opensmtpd`,
};

/** For its parts that talk to the world, and for its queue. */
const USERS = ["opensmtpd", "opensmtpq"];

/** It runs: neither a library nor a user is missing; nor what gives it a view of the machine's folders to itself. */
export function isOpenSmtpdThere(): boolean {
  return (
    existsSync(OPENSMTPD.server) &&
    says(OPENSMTPD.server, "OpenSMTPD") &&
    USERS.every(isUserThere) &&
    succeeds("unshare", ["--mount", "true"])
  );
}

/** What fails is seen by `isOpenSmtpdThere` afterwards. */
export function unpackOpenSmtpd(install: Install): void {
  unpackPackages(HOME, [OPENSMTPD_PACKAGE], install);
  for (const user of USERS) addSystemUser(user);
}

/** What it says to -h, which it ends with 1. */
function says(program: string, name: string): boolean {
  return spawnSync(program, ["-h"], { encoding: "utf8" }).stderr.includes(name);
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}
