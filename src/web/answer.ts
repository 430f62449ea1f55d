/**
 * From a request to its response. Promises: nothing is said of a domain that is not in the directory, nothing is changed, and every
 * request, however strange, has an answer.
 */
import type { Domain } from "../mail/index.ts";
import { autoconfig } from "./autoconfig.ts";
import { domainAsked } from "./domain-asked.ts";
import type { WebSite } from "./site.ts";

export interface WebRequest {
  readonly method: string;
  /** Host and port as the client says them; some clients of HTTP/1.0 say none. */
  readonly authority: string | undefined;
  /** As it was said, without the query: no answer of ours depends on one. */
  readonly path: string;
}

export interface WebResponse {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Resource {
  readonly path: string;
  /** In front of the domain in the host's name; absent where the host is the domain itself. */
  readonly label?: string;
  readonly type: string;
  /** Undefined where there is nothing to say. */
  readonly content: (site: WebSite, domain: Domain) => string | undefined;
}

const TEXT = "text/plain";
const XML = "text/xml; charset=utf-8";

const RESOURCES: readonly Resource[] = [
  {
    // RFC 8461 §3.3. It counts by HTTPS only; by HTTP it is for a proxy that has the certificate.
    path: "/.well-known/mta-sts.txt",
    label: "mta-sts",
    type: TEXT,
    content: ({ stsPolicy }) => stsPolicy,
  },
  { path: "/mail/config-v1.1.xml", label: "autoconfig", type: XML, content: autoconfig },
  { path: "/.well-known/autoconfig/mail/config-v1.1.xml", type: XML, content: autoconfig },
];

const ALLOWED = ["GET", "HEAD"];

export function answerWeb(site: WebSite, { method, authority, path }: WebRequest): WebResponse {
  if (!ALLOWED.includes(method)) return NOT_ALLOWED;
  const resource = RESOURCES.find((one) => one.path === path);
  if (resource === undefined) return NOT_FOUND;
  const domain = domainAsked(authority, resource.label);
  if (domain === undefined || !site.isOwnDomain(domain)) return NOT_FOUND;
  const body = resource.content(site, domain);
  return body === undefined ? NOT_FOUND : response(200, resource.type, body);
}

function response(status: number, type: string, body: string, more = {}): WebResponse {
  return {
    status,
    fields: { "Content-Type": type, "X-Content-Type-Options": "nosniff", ...more },
    body,
  };
}

const NOT_FOUND = response(404, TEXT, "There is nothing here.\n");

/** RFC 9110 §15.5.6. */
const NOT_ALLOWED = response(405, TEXT, "This can only be read.\n", { Allow: ALLOWED.join(", ") });
