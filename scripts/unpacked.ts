/**
 * Debian packages for the tests that cannot be installed beside others (its mail servers exclude each other): unpacked below
 * .cache and not configured; the libraries they need are installed. As root on Debian; what is there already is left alone.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";

/** Brings Debian packages. */
export type Install = (packages: readonly string[]) => void;

/** Into `home`/root. What fails is seen afterwards by whether the programs run. */
export function unpackPackages(home: string, packages: readonly string[], install: Install): void {
  mkdirSync(home, { recursive: true });
  run(home, "apt-get", ["-qq", "download", ...packages]);
  for (const name of packages) {
    const file = readdirSync(home).findLast((one) => one.startsWith(`${name}_`));
    if (file === undefined) continue;
    run(home, "dpkg-deb", ["-x", file, "root"]);
    install(librariesIn(run(home, "dpkg-deb", ["-f", file, "Depends"])));
  }
}

/** From a Depends field, "libidn12 (>= 1.13), debconf (>= 0.5) | debconf-2.0, …". */
function librariesIn(depends: string): string[] {
  return depends.split(",").flatMap((one) => /^\s*(lib[\w.+-]+)/.exec(one)?.[1] ?? []);
}

function run(home: string, program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: home,
    encoding: "utf8",
  });
  if (status !== 0)
    console.log(`${program} ${args.join(" ")} failed:\n${error?.message ?? stderr}`);
  return stdout ?? "";
}
