/** What of a request of HTTP counts, as plain data; what its answer is made of. */
import type { IncomingMessage } from "node:http";
import type { Ip } from "../mail/index.ts";

export interface HttpRequest {
  readonly method: string;
  /** Host and port as the client says them, unchecked; absent in HTTP/1.0 at times. */
  readonly authority: string | undefined;
  /** As it was said, without the query. */
  readonly path: string;
  /** What stands behind the first "?". */
  readonly query: string;
  /** Who asks: the peer, or whom a trusted proxy named. */
  readonly ip: Ip;
  /** Fields as they were said, each empty where it was not: Accept, Origin, Sec-Fetch-Site. */
  readonly accept: string;
  readonly origin: string;
  readonly fetchSite: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Undefined where it names more than one host (RFC 9112 §3.2). One in the target counts more than the field (§3.2.2). */
export function readRequest(
  { method = "", url = "", headersDistinct }: IncomingMessage,
  ip: Ip,
): HttpRequest | undefined {
  const field = (name: string): string => headersDistinct[name]?.join(", ") ?? "";
  const { host: hosts = [] } = headersDistinct;
  if (hosts.length > 1) return undefined;
  const [, named, rest = url] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  const at = rest.indexOf("?");
  return {
    method,
    authority: named ?? hosts[0],
    path: at < 0 ? rest : rest.slice(0, at),
    query: at < 0 ? "" : rest.slice(at + 1),
    ip,
    accept: field("accept"),
    origin: field("origin"),
    fetchSite: field("sec-fetch-site"),
  };
}

/** It is not read: nothing behind it can be understood. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
}

export const BAD_REQUEST: HttpResponse = { status: 400, fields: {}, body: "" };
export const FAILED: HttpResponse = { status: 500, fields: {}, body: "" };
