/** A request and its response, as far as any answer of ours depends on them. */
import type { Ip } from "../mail/index.ts";

export interface WebRequest {
  readonly method: string;
  /** Host and port as the client says them; some clients of HTTP/1.0 say none. */
  readonly authority: string | undefined;
  /** As it was said, without the query. */
  readonly path: string;
  readonly query: string;
  readonly ip: Ip;
  /** Fields as they were said, each empty where it was not. */
  readonly accept: string;
  readonly origin: string;
  readonly fetchSite: string;
}

export interface WebResponse {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

export const TEXT = "text/plain";

export function response(
  status: number,
  type: string,
  body: string,
  more: WebResponse["fields"] = {},
): WebResponse {
  const fields = { "Content-Type": type, "X-Content-Type-Options": "nosniff", ...more };
  return { status, fields, body };
}

export const READ_METHODS: readonly string[] = ["GET", "HEAD"];

/** RFC 9110 §15.5.6. */
export function notAllowed(why: string, allowed: readonly string[]): WebResponse {
  return response(405, TEXT, `${why}\n`, { Allow: allowed.join(", ") });
}

export const NOT_FOUND = response(404, TEXT, "There is nothing here.\n");
