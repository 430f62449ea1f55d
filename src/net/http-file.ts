/** One small file of another web server, in the clear: for what anybody may read and nobody is to be believed for. */
import { request } from "node:http";
import type { Ip } from "../mail/index.ts";
import {
  HEADER_OCTETS_LIMIT,
  readFile,
  type FetchedFile,
  type FileLimits,
} from "./fetched-file.ts";

export interface HttpFile extends FileLimits {
  readonly ip: Ip;
  readonly port: number;
  readonly host: string;
  readonly path: string;
}

/** Does not reject. */
export function fetchHttpFile(file: HttpFile): Promise<FetchedFile> {
  const { ip, port, host, path } = file;
  const headers = { host, accept: "text/plain" };
  const asked = request({
    host: ip,
    port,
    path,
    headers,
    agent: false,
    maxHeaderSize: HEADER_OCTETS_LIMIT,
  });
  return readFile(asked, file);
}
