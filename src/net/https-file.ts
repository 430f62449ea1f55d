/**
 * One small file of another web server, over a connection of its own: its certificate verified for the host's name, no redirection
 * followed, no more octets and no more time than was said. Whose address that is was found out before.
 */
import { request } from "node:https";
import { MIN_TLS_VERSION } from "./tls-context.ts";
import type { Ip } from "../mail/index.ts";
import {
  HEADER_OCTETS_LIMIT,
  readFile,
  type FetchedFile,
  type FileLimits,
} from "./fetched-file.ts";

export interface HttpsFile extends FileLimits {
  readonly ip: Ip;
  readonly port: number;
  /** For SNI, the certificate and the Host field. */
  readonly host: string;
  readonly path: string;
  /** Who vouches for its certificate, as PEM. */
  readonly authorities: readonly string[];
}

/** Does not reject. */
export function fetchHttpsFile(file: HttpsFile): Promise<FetchedFile> {
  const { ip, port, host, path, authorities } = file;
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
  return readFile(asked, file);
}
