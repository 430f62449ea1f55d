/**
 * The programs of other makers that the tests run against Gatepost: which, from which Debian package, for
 * which suites. As root the missing ones are installed; otherwise they are named.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CYRUS_PACKAGE, isCyrusThere, unpackCyrus } from "./cyrus.ts";
import { bringHaraka, isHarakaThere } from "./haraka.ts";
import { isOpenSmtpdThere, OPENSMTPD_PACKAGE, unpackOpenSmtpd } from "./opensmtpd.ts";
import { EXIM_PACKAGE, isEximThere, unpackExim } from "./exim.ts";

interface Program {
  /** Its name for people, where it comes otherwise. */
  readonly debianPackage: string;
  readonly isThere: () => boolean;
  /** The test files that cannot run without it. */
  readonly suites: readonly string[];
  readonly needsRoot?: boolean;
  /** How it comes where its package cannot be installed beside another. */
  readonly unpack?: () => void;
}

const INTEROP = "test/interop";
/** With Exim and with Postfix on the other side; our user sends by msmtp. */
const PEERS = ["chain", "gateway", "reports"].map((name) => `${INTEROP}/${name}.test.ts`);
/** With settings that we print for them. */
const INVITED = `${INTEROP}/peers.test.ts`;
/** Mail that is led by signed zones, in a network of the test's own; with Postfix on the other side. */
const DANE = ["dane-to-postfix", "dane-from-postfix"].map((name) => `${INTEROP}/${name}.test.ts`);
/** With unbound over zones that the test signs. */
const SIGNED = [`${INTEROP}/unbound.test.ts`, ...DANE];
/** With rbldnsd behind unbound. */
const LISTS = `${INTEROP}/lists.test.ts`;
const LIST_SERVER = [LISTS, `${INTEROP}/rbldnsd.test.ts`];
/** Lists that Gatepost publishes: asked by dig, kdig and unbound; with BIND and NSD as secondaries, in a network of the test's own; beside rbldnsd. */
const PUBLISHED = `${INTEROP}/published-asked.test.ts`;
const SECONDARIES = `${INTEROP}/published-secondaries.test.ts`;
const BESIDE_RBLDNSD = `${INTEROP}/published-rbldnsd.test.ts`;
/** Asked by mail servers, whom swaks comes to from addresses of a network of the test's own: by Postfix, Exim and rspamd; by Gatepost. */
const CLIENTS = `${INTEROP}/published-clients.test.ts`;
/** A Postfix that relays is reported, listed, refused, mended and let off. */
const LISTED_RELAY = `${INTEROP}/published-relay.test.ts`;
const ASKED_BY_MAIL = [CLIENTS, `${INTEROP}/published-gatepost.test.ts`, LISTED_RELAY];
/** With Exim, Postfix and openssl as clients. */
const CERTIFICATES = `${INTEROP}/client-certificates.test.ts`;
/** Tested for open relay, each in a suite of its own. */
const RELAY_TEST_POSTFIX = ["relay-test-postfix", "relay-test-return"].map(
  (name) => `${INTEROP}/${name}.test.ts`,
);
const RELAY_TEST_EXIM = `${INTEROP}/relay-test-exim.test.ts`;
const RELAY_TEST_HARAKA = `${INTEROP}/relay-test-haraka.test.ts`;
const RELAY_TEST_OPENSMTPD = `${INTEROP}/relay-test-opensmtpd.test.ts`;
const PROGRAMS: readonly Program[] = [
  onPath("swaks", "swaks", [`${INTEROP}/swaks.test.ts`, LISTS, ...ASKED_BY_MAIL]),
  perlModule("IO::Socket::INET6", "libio-socket-inet6-perl", ASKED_BY_MAIL),
  perlModule("Net::SSLeay", "libnet-ssleay-perl", [`${INTEROP}/swaks.test.ts`]),
  perlModule("IO::Socket::SSL", "libio-socket-ssl-perl", [`${INTEROP}/swaks.test.ts`]),
  onPath("openssl", "openssl", [`${INTEROP}/openssl-resumption.test.ts`, CERTIFICATES]),
  onPath("curl", "curl", [
    `${INTEROP}/curl.test.ts`,
    `${INTEROP}/mta-sts-policy.test.ts`,
    `${INTEROP}/quickstart.test.ts`,
    LISTED_RELAY,
  ]),
  onPath("msmtp", "msmtp", [
    `${INTEROP}/msmtp.test.ts`,
    `${INTEROP}/exim.test.ts`,
    `${INTEROP}/dane-to-postfix.test.ts`,
    ...PEERS,
  ]),
  onPath("mpop", "mpop", [`${INTEROP}/mpop.test.ts`]),
  onPath("fetchmail", "fetchmail", [`${INTEROP}/fetchmail.test.ts`]),
  onPath("gsasl", "gsasl", [`${INTEROP}/gsasl.test.ts`]),
  onPath("script", "bsdutils", [`${INTEROP}/terminal.test.ts`]),
  onPath("s-nail", "s-nail", [`${INTEROP}/sendmail.test.ts`]),
  onPath("python3", "python3", [
    `${INTEROP}/autoconfig.test.ts`,
    `${INTEROP}/dsn.test.ts`,
    `${INTEROP}/junit.test.ts`,
  ]),
  pythonModule("dkim", "python3-dkim", [`${INTEROP}/dkim.test.ts`, `${INTEROP}/origin.test.ts`]),
  pythonModule("spf", "python3-spf", [`${INTEROP}/origin.test.ts`]),
  perlModule("Mail::DMARC::PurePerl", "libmail-dmarc-perl", [`${INTEROP}/origin.test.ts`]),
  pythonModule("nacl", "python3-nacl", [`${INTEROP}/dkim.test.ts`, `${INTEROP}/origin.test.ts`]),
  onPath("opendkim", "opendkim", [`${INTEROP}/dkim.test.ts`]),
  onPath("named-checkzone", "bind9-utils", [`${INTEROP}/named-checkzone.test.ts`, ...SIGNED]),
  onPath("unbound", "unbound", [...SIGNED, ...LIST_SERVER, PUBLISHED, ...ASKED_BY_MAIL]),
  onPath("rbldnsd", "rbldnsd", [...LIST_SERVER, BESIDE_RBLDNSD]),
  onPath("dig", "bind9-dnsutils", [PUBLISHED, SECONDARIES, LISTED_RELAY]),
  onPath("kdig", "knot-dnsutils", [PUBLISHED]),
  onPath("named", "bind9", [SECONDARIES]),
  onPath("nsd", "nsd", [SECONDARIES]),
  { ...onPath("rspamd", "rspamd", [CLIENTS]), needsRoot: true },
  { ...onPath("ip", "iproute2", [...DANE, SECONDARIES, ...ASKED_BY_MAIL]), needsRoot: true },
  {
    ...onPath("postfix", "postfix", [
      `${INTEROP}/postfix.test.ts`,
      `${INTEROP}/next-hop.test.ts`,
      CERTIFICATES,
      ...PEERS,
      INVITED,
      ...DANE,
      LISTS,
      ...RELAY_TEST_POSTFIX,
      CLIENTS,
      LISTED_RELAY,
    ]),
    needsRoot: true,
  },
  {
    debianPackage: EXIM_PACKAGE,
    suites: [`${INTEROP}/exim.test.ts`, CERTIFICATES, INVITED, ...PEERS, RELAY_TEST_EXIM, CLIENTS],
    isThere: isEximThere,
    needsRoot: true,
    unpack: () => unpackExim(installPackages),
  },
  {
    debianPackage: OPENSMTPD_PACKAGE,
    suites: [RELAY_TEST_OPENSMTPD],
    isThere: isOpenSmtpdThere,
    needsRoot: true,
    unpack: () => unpackOpenSmtpd(installPackages),
  },
  {
    debianPackage: "Haraka (by npm)",
    suites: [RELAY_TEST_HARAKA],
    isThere: isHarakaThere,
    unpack: bringHaraka,
  },
  onPath("dovecot", "dovecot-core", [`${INTEROP}/next-hop.test.ts`]),
  {
    debianPackage: "dovecot-lmtpd",
    suites: [`${INTEROP}/lmtp.test.ts`],
    isThere: () => isExecutable("/usr/lib/dovecot/lmtp"),
    needsRoot: true,
  },
  {
    debianPackage: CYRUS_PACKAGE,
    suites: [`${INTEROP}/lmtp.test.ts`],
    isThere: isCyrusThere,
    needsRoot: true,
    unpack: () => unpackCyrus(installPackages),
  },
  onPath("strace", "strace", [`${INTEROP}/flush.test.ts`, "test/slow/faults/read-only.test.ts"]),
  {
    ...onPath("mount", "mount", ["test/slow/faults/disk.test.ts", ...DANE, ...ASKED_BY_MAIL]),
    needsRoot: true,
  },
];

/** Installs what is missing, as root on Debian; returns the packages that are missing still. */
export function bringPrograms(): string[] {
  const missing = missingPrograms();
  const names = missing.map(({ debianPackage }) => debianPackage);
  if (missing.length === 0) return [];
  if (!isRoot() || !existsSync("/usr/bin/apt-get")) {
    console.log(`missing programs; as root, \`npm test\` installs them: ${names.join(" ")}`);
    return names;
  }
  console.log(`installing ${names.join(", ")} for the tests …`);
  withoutStartingServices(() => {
    aptGet(["update"]);
    installPackages(missing.filter(({ unpack }) => !unpack).map((one) => one.debianPackage));
    for (const { unpack } of missing) unpack?.();
  });
  return missingPrograms().map(({ debianPackage }) => debianPackage);
}

export interface LeftOut {
  readonly suite: string;
  readonly why: string;
}

/** The test files that cannot run: for want of one of these packages, or of root's rights. */
export function suitesLeftOut(missing: readonly string[]): LeftOut[] {
  return PROGRAMS.flatMap((program) => {
    const why = whyNot(program, missing);
    return why === undefined ? [] : program.suites.map((suite) => ({ suite, why }));
  });
}

function whyNot(program: Program, missing: readonly string[]): string | undefined {
  if (missing.includes(program.debianPackage)) return `${program.debianPackage} is missing`;
  if (program.needsRoot === true && !isRoot()) return `${program.debianPackage} needs root`;
  return undefined;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function missingPrograms(): readonly Program[] {
  return PROGRAMS.filter((program) => !program.isThere());
}

function installPackages(packages: readonly string[]): void {
  if (packages.length > 0) aptGet(["install", "--yes", "--no-install-recommends", ...packages]);
}

function onPath(program: string, debianPackage: string, suites: readonly string[]): Program {
  return { debianPackage, suites, isThere: () => isOnPath(program) };
}

function perlModule(name: string, debianPackage: string, suites: readonly string[]): Program {
  return {
    debianPackage,
    suites,
    isThere: () => spawnSync("perl", [`-M${name}`, "-e1"]).status === 0,
  };
}

/** Debian's own Python has it; another one on the path has not. */
function pythonModule(name: string, debianPackage: string, suites: readonly string[]): Program {
  return {
    debianPackage,
    suites,
    isThere: () => spawnSync("/usr/bin/python3", ["-c", `import ${name}`]).status === 0,
  };
}

/** Debian keeps servers in /usr/sbin, which not every user has on the path. */
function isOnPath(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin"];
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // Not there or not executable: both mean no.
  }
}

function aptGet(args: readonly string[]): void {
  const result = spawnSync("apt-get", ["-qq", ...args], {
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (result.status !== 0) console.log(`apt-get ${args.join(" ")} failed:\n${result.stderr}`);
}

/** Debian asks this file before it starts a freshly installed server; 101 means no. A present one is left alone. */
function withoutStartingServices(install: () => void): void {
  const policy = "/usr/sbin/policy-rc.d";
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    install();
  } finally {
    if (ours) rmSync(policy);
  }
}
