/** Cyrus, for the tests that have it as a store of mailboxes: unpacked, because Debian does not install it beside Dovecot. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { unpackPackages, type Install } from "./unpacked.ts";

export const CYRUS_PACKAGE = "cyrus-imapd";

const HOME = fileURLToPath(new URL("../.cache/cyrus/", import.meta.url));
const BIN = `${HOME}root/usr/lib/cyrus/bin`;

/** What the tests start, directly or by Cyrus's own master. */
const CYRUS_PROGRAMS = ["master", "ctl_cyrusdb", "lmtpd", "imapd"] as const;

/** The programs, and the libraries of its own that they need, wherever this machine's kind has them. */
export function cyrusFiles(): {
  readonly programs: readonly string[];
  readonly libraries: readonly string[];
} {
  return {
    programs: CYRUS_PROGRAMS.map((name) => `${BIN}/${name}`),
    libraries: globSync(`${HOME}root/usr/lib/*/libcyrus*.so.0`),
  };
}

/** Each of them finds its libraries. */
export function isCyrusThere(): boolean {
  const { programs, libraries } = cyrusFiles();
  const [library] = libraries;
  if (library === undefined || !programs.every((program) => existsSync(program))) return false;
  const { stdout } = spawnSync("ldd", programs, {
    encoding: "utf8",
    env: { ...process.env, LD_LIBRARY_PATH: dirname(library) },
  });
  return stdout !== "" && !stdout.includes("not found");
}

/** What fails is seen by `isCyrusThere` afterwards. */
export function unpackCyrus(install: Install): void {
  unpackPackages(HOME, ["cyrus-common", CYRUS_PACKAGE], install);
}
