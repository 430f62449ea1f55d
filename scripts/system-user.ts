/** Users that a server works as where its package has been unpacked and not installed; made as Debian's packages make theirs. */
import { spawnSync } from "node:child_process";

export function isUserThere(name: string): boolean {
  return spawnSync("id", [name], { stdio: "ignore" }).status === 0;
}

/** As root; does nothing where there is one. `more`: further options of useradd. */
export function addSystemUser(name: string, ...more: readonly string[]): void {
  if (isUserThere(name)) return;
  const { status, stderr } = spawnSync("useradd", [...OPTIONS, ...more, name], {
    encoding: "utf8",
  });
  if (status !== 0) console.log(`useradd ${name} failed:\n${stderr}`);
}

const OPTIONS = [
  "--system",
  "--user-group",
  "--no-create-home",
  "--home-dir=/nonexistent",
  "--shell=/usr/sbin/nologin",
];
