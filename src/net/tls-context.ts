/**
 * The server's certificates and keys, read from their files again when those change. Connections that stand keep
 * what they have; each new handshake takes the newest pair that was good. A broken new pair is reported and
 * the old one stays. A client may resume a session; of whom it was, a ticket says nothing.
 */
import { constants, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";
import { parseDomain, type Domain } from "../mail/index.ts";
import { errorText, type Log } from "../runtime/index.ts";

export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

/** How often the files are looked at, in milliseconds. */
const LOOK_INTERVAL_MS = 1000;

/** RFC 8996, RFC 9325: nothing below TLS 1.2. */
export const MIN_TLS_VERSION = "TLSv1.2";

/** TLS 1.2 lets a client ask for one handshake after the other on its connection, each of which costs us more than it (RFC 9325 §3.5). */
const NO_RENEGOTIATION = constants.SSL_OP_NO_RENEGOTIATION;

/** Without them no session is resumed: Node keeps none in memory unless it is told to. */
const NO_TICKETS = constants.SSL_OP_NO_TICKET;

/**
 * How long one key seals the tickets with which sessions are resumed, in milliseconds: who takes it can read what was said over
 * TLS 1.2 while it was in use (RFC 9325 §3.4). The tickets themselves are good for two hours.
 */
const TICKET_KEY_MS = 86_400_000;

export class TlsContext {
  readonly #pairs: readonly [Pair, ...Pair[]];
  readonly #timers: readonly NodeJS.Timeout[];

  /** The first is for whoever names none of them. Throws when files cannot be read or do not belong together: a server does not start without them. */
  constructor([first, ...others]: readonly [TlsFiles, ...TlsFiles[]], log: Log) {
    this.#pairs = [new Pair(first, log), ...others.map((files) => new Pair(files, log))];
    this.#timers = [
      setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref(),
      setInterval(() => this.#changeTicketKeys(), TICKET_KEY_MS).unref(),
    ];
  }

  /** The first one's key seals the tickets, whatever name was asked for: with any new certificate it changes too. */
  #look(): void {
    const reloaded = this.#pairs.filter((pair) => pair.look());
    if (reloaded.length > 0) this.#changeTicketKeys();
  }

  #changeTicketKeys(): void {
    for (const pair of this.#pairs) pair.renewContext();
  }

  /** The context for the next handshake, with a client that asks for this name (SNI, RFC 6066 §3). */
  current(servername = ""): SecureContext {
    return this.#pairFor(servername).context;
  }

  /** The same for one that is asked for a certificate: it is given no ticket, and none is taken from it. */
  currentWithoutTickets(servername = ""): SecureContext {
    return this.#pairFor(servername).contextWithoutTickets;
  }

  #pairFor(servername: string): Pair {
    const [first, ...others] = this.#pairs;
    const name = others.length === 0 ? undefined : parseDomain(servername);
    return name === undefined ? first : certificateFor(name, this.#pairs);
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}

/** What holds a certificate in whose subjectAltName the name is, by itself or by a wildcard for its first label; else the first. */
export function certificateFor<Holder extends { readonly x509: X509Certificate }>(
  name: Domain,
  holders: readonly [Holder, ...Holder[]],
): Holder {
  return (
    holders.find(({ x509 }) => x509.checkHost(name, BY_SUBJECT_ALT_NAME) !== undefined) ??
    holders[0]
  );
}

/** RFC 9525 §6.3: no common names, and "*" only as a whole label. */
const BY_SUBJECT_ALT_NAME = { subject: "never", partialWildcards: false } as const;

class Pair {
  readonly #files: TlsFiles;
  readonly #log: Log;
  #loaded: Loaded;
  #context: SecureContext;
  /** Made when it is asked for: most servers need none. */
  #withoutTickets: SecureContext | undefined;
  #seen: string;

  constructor(files: TlsFiles, log: Log) {
    this.#files = files;
    this.#log = log;
    this.#seen = fingerprint(files);
    this.#loaded = load(files);
    this.#context = contextOf(this.#loaded);
  }

  get context(): SecureContext {
    return this.#context;
  }

  get contextWithoutTickets(): SecureContext {
    this.#withoutTickets ??= contextOf(this.#loaded, NO_TICKETS);
    return this.#withoutTickets;
  }

  /** The same pair, with another ticket key. */
  renewContext(): void {
    this.#context = contextOf(this.#loaded);
  }

  get x509(): X509Certificate {
    return this.#loaded.x509;
  }

  /** Whether there is another good pair now. */
  look(): boolean {
    try {
      const now = fingerprint(this.#files);
      if (now === this.#seen) return false;
      this.#seen = now;
      const loaded = load(this.#files);
      this.#context = contextOf(loaded);
      this.#withoutTickets = undefined;
      this.#loaded = loaded;
      this.#log.info("certificate reloaded", { ...this.#files });
      return true;
    } catch (error) {
      // The files are an administrator's to repair; mail goes on with the old pair.
      this.#log.error("certificate not reloaded", {
        ...this.#files,
        problem: errorText(error),
        todo: "put a certificate and its key there that belong together, both PEM",
      });
      return false;
    }
  }
}

interface Loaded {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The server's own, of those in the file. */
  readonly x509: X509Certificate;
}

function load(files: TlsFiles): Loaded {
  const cert = readFileSync(files.certificate);
  return { cert, key: readFileSync(files.key), x509: new X509Certificate(cert) };
}

/** Of PEM, with a ticket key of its own. Throws where certificate and key do not belong together. */
export function contextOf(
  { cert, key }: { readonly cert: Buffer | string; readonly key: Buffer | string },
  options = 0,
): SecureContext {
  return createSecureContext({
    cert,
    key,
    minVersion: MIN_TLS_VERSION,
    secureOptions: NO_RENEGOTIATION | options,
  });
}

/** Changes whenever a file was written, replaced or taken away. */
function fingerprint(files: TlsFiles): string {
  return [files.certificate, files.key]
    .map((file) => {
      const there = statSync(file, { throwIfNoEntry: false });
      return there === undefined ? "absent" : `${there.ino} ${there.size} ${there.mtimeMs}`;
    })
    .join(", ");
}
