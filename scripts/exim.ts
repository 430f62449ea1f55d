/**
 * Exim, for the tests that have it as the other server: unpacked, because Postfix is installed; and the user it works as is made,
 * as its package would.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { unpackPackages, type Install } from "./unpacked.ts";

export const EXIM_PACKAGE = "exim4-daemon-light";
/** The user that the program has been built for. */
export const EXIM_USER = "Debian-exim";

const HOME = fileURLToPath(new URL("../.cache/exim/", import.meta.url));
export const EXIM = `${HOME}root/usr/sbin/exim4`;

/** It runs: neither a library nor its user is missing. */
export function isEximThere(): boolean {
  return (
    existsSync(EXIM) && succeeds(EXIM, ["-C", "/dev/null", "-bV"]) && succeeds("id", [EXIM_USER])
  );
}

/** What fails is seen by `isEximThere` afterwards. */
export function unpackExim(install: Install): void {
  unpackPackages(HOME, [EXIM_PACKAGE], install);
  if (succeeds("id", [EXIM_USER])) return;
  const { status, stderr } = spawnSync("useradd", [...AS_ITS_PACKAGE_DOES, EXIM_USER], {
    encoding: "utf8",
  });
  if (status !== 0) console.log(`useradd ${EXIM_USER} failed:\n${stderr}`);
}

/** Debian's own name for it has a capital letter, which useradd takes for bad. */
const AS_ITS_PACKAGE_DOES = [
  "--system",
  "--user-group",
  "--no-create-home",
  "--home-dir=/nonexistent",
  "--shell=/usr/sbin/nologin",
  "--badname",
];

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}
