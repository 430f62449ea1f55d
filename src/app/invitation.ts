/** What a peer or a user is sent: a directory with a certificate and its key, and settings that go by them. Whole, or not there at all. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { LoadedConfig } from "../config/index.ts";
import { keyDigest } from "../policy/identity/index.ts";
import { loginSettings, peerSettings, type OwnCertificate } from "../operate/peering/index.ts";
import { OperatorError } from "../runtime/index.ts";
import type { DirectoryReads } from "../store/index.ts";
import type { CertificateAdministration } from "./certificates.ts";
import { wireForm } from "./local-address.ts";
import { findMailbox } from "./mailboxes.ts";
import { plannedListeners, type PlannedListener, type ServiceName } from "./listeners.ts";
import type { InvitationWanted, PeerAdministration } from "./peers.ts";
import type { Outcome } from "./proved-changes.ts";
import type { KeepIssued } from "./site-authority.ts";

/** What keeps an invitation from being made, in words. */
export class InvitationError extends OperatorError {
  override readonly name = "InvitationError";
}

/** Where its files are written; left out: a directory of its name. */
interface Place {
  readonly out?: string;
}

export interface Invited {
  readonly outcome: Outcome;
  /** The directory. */
  readonly dir: string;
  /** As they stand in its settings.txt; none where it could not be made. */
  readonly settings?: string;
}

export interface InvitingSite {
  readonly directory: Pick<DirectoryReads, "domains" | "peer">;
  readonly peers: PeerAdministration;
}

/** Throws an InvitationError where the files cannot be written; so too below. */
export function invitePeer(
  loaded: LoadedConfig,
  { directory, peers }: InvitingSite,
  name: string,
  { out = name, ...wanted }: InvitationWanted & Place,
): Promise<Invited> {
  const port = listenerOf(loaded, ["smtp"], "peer").port;
  const { hostname } = loaded.config;
  return invited(
    loaded,
    { name, out },
    (keep) => peers.invite(name, wanted, keep),
    (certificate) => {
      const domains = domainsFor(name, loaded, directory);
      return peerSettings({ name, hostname, port, certificate, domains });
    },
  );
}

export interface LoginInvitation extends Place {
  /** The certificate's name. */
  readonly name: string;
  /** For how long it is good. */
  readonly days: number;
}

export interface CertifyingSite {
  readonly directory: DirectoryReads;
  readonly certificates: CertificateAdministration;
}

/** For a program of a mailbox's owner. */
export function inviteMailbox(
  loaded: LoadedConfig,
  { directory, certificates }: CertifyingSite,
  address: string,
  { name, days, out = name }: LoginInvitation,
): Promise<Invited> {
  const { port, implicitTls } = listenerOf(loaded, ["submissions", "submission"], "user");
  const { hostname } = loaded.config;
  return invited(
    loaded,
    { name, out },
    (keep) => certificates.invite(address, name, days, keep),
    (certificate) => {
      const mailbox = findMailbox(directory, address);
      const own = typeof mailbox === "string" ? address : wireForm(mailbox);
      return loginSettings({ name, address: own, hostname, port, implicitTls, certificate });
    },
  );
}

/** Whole, or not there at all. */
async function invited(
  loaded: LoadedConfig,
  { name, out }: Required<Place> & { readonly name: string },
  invite: (keep: KeepIssued) => Promise<Outcome>,
  settingsFor: (own: OwnCertificate) => string,
): Promise<Invited> {
  const dir = resolve(out);
  const own = ownCertificate(loaded);
  const { hostname } = loaded.config;
  let made = false;
  const keep: KeepIssued = async (issued) => {
    await makeDirectory(dir);
    made = true;
    await write(dir, `${name}.pem`, issued.certificate);
    await write(dir, `${name}-key.pem`, issued.key);
    if (own.pem !== undefined) await write(dir, `${hostname}.pem`, own.pem);
  };
  let settings: string | undefined;
  try {
    const outcome = await invite(keep);
    if (outcome.kind === "problem") return { outcome, dir };
    settings = settingsFor(own.shown);
    await write(dir, "settings.txt", settings);
    return { outcome, dir, settings };
  } finally {
    if (made && settings === undefined) await rm(dir, { recursive: true });
  }
}

/** Whose mail is to come here: that of our own domains, of those whose mailboxes are at a host of ours, and what the peer may relay. */
function domainsFor(
  name: string,
  { config }: LoadedConfig,
  directory: InvitingSite["directory"],
): readonly string[] {
  const ours = directory.domains().map((domain) => domain.name);
  const gateways = config.relay.domains.map(({ domain }) => domain);
  const relayed = (directory.peer(name)?.relays ?? []).map(({ recipient }) => recipient);
  return [...new Set([...ours, ...gateways, ...relayed])];
}

/** One that asks for certificates, where one does. */
function listenerOf(
  { config }: LoadedConfig,
  services: readonly ServiceName[],
  whose: "peer" | "user",
): PlannedListener {
  const listeners = plannedListeners(config).filter(({ service }) => services.includes(service));
  const inOrder = listeners.toSorted(
    (a, b) => services.indexOf(a.service) - services.indexOf(b.service),
  );
  const listener = inOrder.find(({ asksCertificate }) => asksCertificate) ?? inOrder[0];
  if (listener !== undefined) return listener;
  const named = services.map((service) => `listen.${service}`).join(" or ");
  throw new InvitationError(
    `this site has no ${named}: there is no port for a ${whose} to come to`,
  );
}

interface Own {
  readonly shown: OwnCertificate;
  /** Of one that nobody else vouches for. */
  readonly pem?: string;
}

/** Nobody is known by a certificate where no port of these services asks for one. */
export function asksForCertificates(
  { config }: LoadedConfig,
  services: readonly ServiceName[],
): boolean {
  return plannedListeners(config).some(
    ({ service, asksCertificate }) => services.includes(service) && asksCertificate,
  );
}

/** Who signs his own certificate has no authority that others know. */
function ownCertificate(loaded: LoadedConfig): Own {
  const { config } = loaded;
  if (config.tls === undefined)
    throw new InvitationError("this site has no [tls]: a certificate is shown over TLS only");
  const certificate = new X509Certificate(readFileSync(loaded.path(config.tls.certificate)));
  if (certificate.subject !== certificate.issuer) return { shown: { kind: "public" } };
  const key = keyDigest(certificate);
  if (key === undefined) throw new InvitationError("the key of tls.certificate cannot be read");
  const sha256 = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
  return { shown: { kind: "own", sha256, key }, pem: certificate.toString() };
}

async function makeDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir, { mode: 0o700 });
  } catch (error) {
    const there = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new InvitationError(
      there
        ? `${dir} is there already; nothing was changed. Name another directory with --out`
        : `${dir} cannot be made; nothing was changed`,
      { cause: error },
    );
  }
}

function write(dir: string, file: string, text: string): Promise<void> {
  return writeFile(join(dir, file), text, { mode: 0o600, flag: "wx", flush: true });
}
