/**
 * Exim, for the tests that have it as the other server. Debian's mail servers exclude each other and Postfix is installed, so
 * Exim's package is unpacked below .cache and nothing of it is configured; the libraries it needs and the user
 * it works as are installed, as its package would. As root on Debian; what is there already is left alone.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

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

/** `install` brings Debian packages. What fails is seen by `isEximThere` afterwards. */
export function unpackExim(install: (packages: readonly string[]) => void): void {
  mkdirSync(HOME, { recursive: true });
  run("apt-get", ["-qq", "download", EXIM_PACKAGE]);
  const file = readdirSync(HOME).findLast((name) => name.startsWith(`${EXIM_PACKAGE}_`));
  if (file === undefined) return;
  run("dpkg-deb", ["-x", file, "root"]);
  install(librariesIn(run("dpkg-deb", ["-f", file, "Depends"])));
  if (!succeeds("id", [EXIM_USER])) run("useradd", [...AS_ITS_PACKAGE_DOES, EXIM_USER]);
}

/** From a Depends field, "libidn12 (>= 1.13), debconf (>= 0.5) | debconf-2.0, …". */
function librariesIn(depends: string): string[] {
  return depends.split(",").flatMap((one) => /^\s*(lib[\w.+-]+)/.exec(one)?.[1] ?? []);
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

function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: HOME,
    encoding: "utf8",
  });
  if (status !== 0)
    console.log(`${program} ${args.join(" ")} failed:\n${error?.message ?? stderr}`);
  return stdout ?? "";
}
