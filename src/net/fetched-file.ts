/** One small file of another web server, as it comes: no redirection followed, no more octets and no more time than was said. */
import type { ClientRequest } from "node:http";
import { errorText } from "../runtime/index.ts";

export type FetchedFile =
  | { readonly kind: "fetched"; readonly octets: Uint8Array; readonly mediaType: string }
  /** `at`: its certificate, its answer, or the way there. */
  | {
      readonly kind: "failed";
      readonly at: "certificate" | "answer" | "way";
      readonly why: string;
    };

export const HEADER_OCTETS_LIMIT = 16_384;

export interface FileLimits {
  /** From the first octet to the last, milliseconds. */
  readonly timeMs: number;
  readonly octetsLimit: number;
}

/** Ends the request, and reads what is answered. Does not reject. */
export function readFile(asked: ClientRequest, limits: FileLimits): Promise<FetchedFile> {
  const { timeMs, octetsLimit } = limits;
  const { promise, resolve } = Promise.withResolvers<FetchedFile>();
  const failed = (at: "certificate" | "answer" | "way", why: string): void => {
    clearTimeout(timer);
    resolve({ kind: "failed", at, why });
    asked.destroy();
  };
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
