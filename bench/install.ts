/**
 * Brings what Gatepost is measured against: Debian's Postfix and its filters, and Dovecot, as root, without starting them, what logs
 * Postfix's users in and verifies signatures, name servers, and the npm packages smtp-server and Haraka into bench/node_modules. What is there already is left alone.
 */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const HOME = fileURLToPath(new URL(".", import.meta.url));

/** What tells that a package is there. */
const DEBIAN_PACKAGES = new Map([
  ["postfix", "/usr/sbin/postfix"],
  ["dovecot-pop3d", "/usr/lib/dovecot/pop3"],
  ["opendkim", "/usr/sbin/opendkim"],
  ["opendmarc", "/usr/sbin/opendmarc"],
  ["dbconfig-no-thanks", "/usr/share/doc/dbconfig-no-thanks"], // opendmarc has no database here
  ["postfix-policyd-spf-python", "/usr/bin/policyd-spf"],
  ["unbound", "/usr/sbin/unbound"],
  ["rbldnsd", "/usr/sbin/rbldnsd"],
  ["dnsperf", "/usr/bin/dnsperf"],
  ["sasl2-bin", "/usr/sbin/saslpasswd2"],
  ["libsasl2-modules", "/usr/share/doc/libsasl2-modules"],
  ["python3-dkim", "/usr/lib/python3/dist-packages/dkim"],
  ["python3-nacl", "/usr/lib/python3/dist-packages/nacl"],
]);

const NPM_PACKAGES = ["smtp-server", "Haraka"];

/** Haraka's optional packages are plugins that the bench has no use for; nothing needs to be compiled. */
const NPM_ARGUMENTS = ["ci", "--omit=optional", "--ignore-scripts", "--loglevel=error"];

/** Debian asks this file before it starts a freshly installed server; 101 means no. */
const START_POLICY = "/usr/sbin/policy-rc.d";

/** Throws, in words, where something cannot be brought. */
export function bringPeers(): void {
  if (process.getuid?.() !== 0)
    throw new Error("run the bench as root: Postfix and Dovecot start as nobody else");
  bringDebianPackages();
  if (NPM_PACKAGES.some((name) => !existsSync(`${HOME}node_modules/${name}`)))
    command("npm", NPM_ARGUMENTS, { cwd: HOME });
}

function bringDebianPackages(): void {
  const missing = [...DEBIAN_PACKAGES].filter(([, file]) => !existsSync(file));
  if (missing.length === 0) return;
  const ours = !existsSync(START_POLICY);
  if (ours) writeFileSync(START_POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    aptGet("update");
    aptGet("install", "--yes", "--no-install-recommends", ...missing.map(([name]) => name));
  } finally {
    if (ours) rmSync(START_POLICY);
  }
}

function aptGet(...args: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  command("apt-get", ["-qq", ...args], { env });
}

function command(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8", ...options });
  if (status !== 0)
    throw new Error(`${program} ${args.join(" ")} failed: ${error?.message ?? stderr}`);
}
