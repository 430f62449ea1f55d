/**
 * Makes a site: a directory with the configuration, the store, a key and a self-signed certificate. Promises
 * never to touch what is there already, and to write the configuration last, so that a site is whole or absent.
 */
import { existsSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join, resolve } from "node:path";
import { isFullyQualified, parseDomain, type Domain } from "../mail/index.ts";
import { makeSelfSigned } from "../net/index.ts";
import { systemClock, systemRandom, OperatorError } from "../runtime/index.ts";
import { makeVerifiers } from "../service/accounts/index.ts";
import { generateDkimKeys } from "../service/signing/index.ts";
import { openSqliteStore } from "../store/sqlite/index.ts";
import { Administration } from "./administration.ts";
import { parseLocalAddress } from "./local-address.ts";
import type { Outcome } from "./proved-changes.ts";

export interface SitePlan {
  readonly dir: string;
  readonly hostname: string;
  readonly domains: readonly string[];
  /** The domains get DKIM keys at once, which somebody will publish; a site to try things with needs none. */
  readonly signs: boolean;
  /** The first one takes the mail for postmaster. */
  readonly mailboxes: readonly { readonly address: string; readonly password: string }[];
  readonly portBase: number;
  readonly listen: readonly string[];
}

export const CONFIG_NAME = "gatepost.toml";

/** What keeps a site from being made as planned, in words. */
export class SiteError extends OperatorError {
  override readonly name = "SiteError";
}

/** Makes the site; resolves to the configuration's path. Throws a SiteError. */
export async function makeSite(plan: SitePlan): Promise<string> {
  const dir = resolve(plan.dir);
  const file = join(dir, CONFIG_NAME);
  const hostname = checkHostname(plan.hostname);
  const postmaster = plan.mailboxes[0]?.address;
  if (postmaster === undefined)
    throw new SiteError("a site needs a mailbox: --mailbox you@example.org");
  for (const path of [file, join(dir, STORE_NAME), join(dir, "tls")])
    if (existsSync(path)) throw new SiteError(`${path} is there already; nothing was changed`);
  try {
    await mkdir(join(dir, "tls"), { recursive: true });
    await together(
      writeCertificate(dir, hostname),
      fillStore(join(dir, STORE_NAME), plan, postmaster), // hashes while the other makes a key
    );
    await writeFile(file, configText(plan, hostname, postmaster), { flag: "wx", flush: true });
    return file;
  } catch (error) {
    await removeHalf(dir);
    throw error;
  }
}

/** Resolves when all have ended; throws what the first of them threw. */
async function together(...parts: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(parts);
  await Promise.all(parts);
}

/** None of this was there before. */
async function removeHalf(dir: string): Promise<void> {
  const store = ["", "-wal", "-shm", ".lock"].map((ending) => `${STORE_NAME}${ending}`);
  for (const name of [...store, "tls/certificate.pem", "tls/key.pem"])
    await rm(join(dir, name), { force: true });
}

/** Addresses a server open to the world listens on here: IPv6 too where the machine has it. */
export function allAddresses(): string[] {
  const families = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return families.some(({ family }) => family === "IPv6") ? ["0.0.0.0", "::"] : ["0.0.0.0"];
}

const STORE_NAME = "gatepost.db";

function checkHostname(text: string): Domain {
  const hostname = parseDomain(text);
  if (hostname !== undefined && isFullyQualified(hostname)) return hostname;
  throw new SiteError(
    `--hostname ${text}: expected a fully qualified host name such as mx.example.org (the name that MX records point to)`,
  );
}

async function writeCertificate(dir: string, hostname: Domain): Promise<void> {
  const { certificate, key } = await makeSelfSigned(hostname, systemClock.now());
  await writeFile(join(dir, "tls", "certificate.pem"), certificate, { flush: true });
  await writeFile(join(dir, "tls", "key.pem"), key, { mode: 0o600, flush: true });
}

async function fillStore(path: string, plan: SitePlan, postmaster: string): Promise<void> {
  const address = parseLocalAddress(postmaster);
  if (typeof address === "string") throw new SiteError(address);
  const store = await openSqliteStore({ path, exclusive: false });
  try {
    // Nothing serves yet, and the proof runs over all of this before anything does.
    const administration = new Administration({
      directory: store.directory,
      postmaster: address,
      mailboxesElsewhere: () => undefined,
      testerDomain: undefined,
      makeVerifiers: (password) => makeVerifiers(password, systemRandom),
      makeDkimKeys: (taken) =>
        plan.signs ? generateDkimKeys(systemClock.now(), taken) : Promise.resolve([]),
      now: () => systemClock.now(),
      prove: () => Promise.resolve(undefined),
    });
    for (const domain of plan.domains) must(await administration.domains.add(domain));
    for (const mailbox of plan.mailboxes)
      must(await administration.mailboxes.add(mailbox.address, mailbox.password));
  } finally {
    await store.close();
  }
  await chmod(path, 0o600);
}

function must(outcome: Outcome): void {
  if (outcome.kind === "problem") throw new SiteError(outcome.problem);
}

function configText(plan: SitePlan, hostname: Domain, postmaster: string): string {
  const addresses = plan.listen.map((address) => JSON.stringify(address)).join(", ");
  return `# Gatepost's configuration. \`gatepost check\` reads it and says what is wrong;
# a running server takes a new one with SIGHUP. All settings: docs/operating.md.

hostname = ${JSON.stringify(hostname)}      # this server's name, the one that MX records point to
store = "sqlite:${STORE_NAME}"
postmaster = ${JSON.stringify(postmaster)}   # takes mail for postmaster and abuse of every domain

[listen]
port_base = ${plan.portBase}                  # added to each port
smtp = [${addresses}]            # ${plan.portBase + 25}, mail from other servers
submission = [${addresses}]      # ${plan.portBase + 587}, mail from your users, STARTTLS
submissions = [${addresses}]     # ${plan.portBase + 465}, the same, TLS from the first byte
pop3 = [${addresses}]            # ${plan.portBase + 110}, their mailboxes, STLS
pop3s = [${addresses}]           # ${plan.portBase + 995}, the same, TLS from the first byte
http = [${addresses}]            # ${plan.portBase + 80}, automatic set-up of mail programs
https = [${addresses}]           # ${plan.portBase + 443}, the same, and MTA-STS policies
dns = [${addresses}]             # ${plan.portBase + 53}, the lists that you publish; closed while there are none

[tls]                            # files are read again when they change
certificate = "tls/certificate.pem"
key = "tls/key.pem"
`;
}
