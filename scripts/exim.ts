/**
 * Exim, for the tests that have it as the other server: unpacked, because Postfix is installed; and the user it works as is made,
 * as its package would.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { addSystemUser, isUserThere } from "./system-user.ts";
import { unpackPackages, type Install } from "./unpacked.ts";

export const EXIM_PACKAGE = "exim4-daemon-light";
/** The user that the program has been built for. */
export const EXIM_USER = "Debian-exim";

const HOME = fileURLToPath(new URL("../.cache/exim/", import.meta.url));
export const EXIM = `${HOME}root/usr/sbin/exim4`;

/** It runs: neither a library nor its user is missing. */
export function isEximThere(): boolean {
  return existsSync(EXIM) && succeeds(EXIM, ["-C", "/dev/null", "-bV"]) && isUserThere(EXIM_USER);
}

/** What fails is seen by `isEximThere` afterwards. Debian's own name for its user has a capital letter, which useradd takes for bad. */
export function unpackExim(install: Install): void {
  unpackPackages(HOME, [EXIM_PACKAGE], install);
  addSystemUser(EXIM_USER, "--badname");
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}
