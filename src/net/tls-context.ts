/**
 * The server's certificate and key, read from their files again when those change. Connections that stand keep
 * what they have; each new handshake takes the newest pair that was good. A broken new pair is reported and
 * the old one stays.
 */
import { constants } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";
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

export class TlsContext {
  readonly #files: TlsFiles;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #context: SecureContext;
  #seen: string;

  /** Throws when the files cannot be read or do not belong together: a server does not start without them. */
  constructor(files: TlsFiles, log: Log) {
    this.#files = files;
    this.#log = log;
    this.#seen = fingerprint(files);
    this.#context = load(files);
    this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref();
  }

  /** The context for the next handshake. */
  current(): SecureContext {
    return this.#context;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    try {
      const now = fingerprint(this.#files);
      if (now === this.#seen) return;
      this.#seen = now;
      this.#context = load(this.#files);
      this.#log.info("certificate reloaded", { ...this.#files });
    } catch (error) {
      // The files are an administrator's to repair; mail goes on with the old pair.
      this.#log.error("certificate not reloaded", {
        ...this.#files,
        problem: errorText(error),
        todo: "put a certificate and its key there that belong together, both PEM",
      });
    }
  }
}

function load(files: TlsFiles): SecureContext {
  const cert = readFileSync(files.certificate);
  const key = readFileSync(files.key);
  return createSecureContext({
    cert,
    key,
    minVersion: MIN_TLS_VERSION,
    secureOptions: NO_RENEGOTIATION,
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
