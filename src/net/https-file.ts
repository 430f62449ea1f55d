/**
 * One small file of another web server, over a connection of its own: its certificate verified for the host's name, no redirection
 * followed, no more octets and no more time than was said. Whose address that is was found out before.
 */
import { request } from "node:https";
import { MIN_TLS_VERSION } from "./tls-context.ts";
import type { Ip } from "../mail/index.ts";
import { errorText } from "../runtime/index.ts";

export interface HttpsFile {
  readonly ip: Ip;
  readonly port: number;
  /** For SNI, the certificate and the Host field. */
  readonly host: string;
  readonly path: string;
  /** From the first octet to the last, milliseconds. */
  readonly timeMs: number;
  readonly octetsLimit: number;
  /** Who vouches for its certificate, as PEM. */
  readonly authorities: readonly string[];
}

export type FetchedFile =
  | { readonly kind: "fetched"; readonly octets: Uint8Array; readonly mediaType: string }
  /** `at`: its certificate, its answer, or the way there. */
  | {
      readonly kind: "failed";
      readonly at: "certificate" | "answer" | "way";
      readonly why: string;
    };

const HEADER_OCTETS_LIMIT = 16_384;

/** Does not reject. */
export function fetchHttpsFile(file: HttpsFile): Promise<FetchedFile> {
  const { ip, port, host, path, timeMs, octetsLimit, authorities } = file;
  const { promise, resolve } = Promise.withResolvers<FetchedFile>();
  const failed = (at: "certificate" | "answer" | "way", why: string): void => {
    clearTimeout(timer);
    resolve({ kind: "failed", at, why });
    asked.destroy();
  };
  const asked = request({
    host: ip,
    port,
    servername: host,
    path,
    headers: { host, accept: "text/plain" },
    agent: false,
    ca: [...authorities],
    minVersion: MIN_TLS_VERSION,
    maxHeaderSize: HEADER_OCTETS_LIMIT,
  });
  const timer = setTimeout(() => failed("way", `no file within ${timeMs} ms`), timeMs);
  asked.on("error", (error) =>
    failed(isAboutCertificate(error) ? "certificate" : "way", errorText(error)),
  );
  asked.on("response", (response) => {
    const { statusCode, headers } = response;
    if (statusCode !== 200) return failed("answer", `the answer is ${statusCode}, not 200`);
    const pieces: Buffer[] = [];
    let octets = 0;
    response.on("data", (piece: Buffer) => {
      octets += piece.length;
      pieces.push(piece);
      if (octets > octetsLimit) failed("answer", `it has more than ${octetsLimit} octets`);
    });
    response.on("error", (error) => failed("way", errorText(error)));
    response.on("end", () => {
      clearTimeout(timer);
      const mediaType = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
      resolve({ kind: "fetched", octets: Buffer.concat(pieces), mediaType });
    });
  });
  asked.end();
  return promise;
}

/** OpenSSL's and Node's words for a certificate that will not do; whatever else fails is the way there. */
function isAboutCertificate({ code = "" }: NodeJS.ErrnoException): boolean {
  return /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|INVALID_CA|HOSTNAME_MISMATCH|PATH_LENGTH|INVALID_PURPOSE)/.test(
    code,
  );
}
