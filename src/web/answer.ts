/**
 * From a request to its response. Promises: nothing is said of a domain that is not in the directory, nothing is changed but that a test of
 * a listed host is asked for, and every request, however strange, has an answer.
 */
import type { Domain } from "../mail/index.ts";
import { autoconfig } from "./autoconfig.ts";
import { domainAsked } from "./domain-asked.ts";
import { NOT_FOUND, notAllowed, READ_METHODS, response, TEXT, type WebRequest, type WebResponse } from "./exchange.ts"; // prettier-ignore
import { answerListed } from "./listed.ts";
import { readListedPath } from "./listed-path.ts";
import type { WebSite } from "./site.ts";

interface Resource {
  readonly path: string;
  /** In front of the domain in the host's name; absent where the host is the domain itself. */
  readonly label?: string;
  readonly type: string;
  /** Undefined where there is nothing to say. */
  readonly content: (site: WebSite, domain: Domain) => string | undefined;
}

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

/** What is known at once is answered without a promise. */
export function answerWeb(site: WebSite, request: WebRequest): WebResponse | Promise<WebResponse> {
  const listed = readListedPath(request.path);
  if (listed !== undefined && site.listed !== undefined)
    return answerListed(site.listed, request, listed);
  const { method, authority, path } = request;
  if (!READ_METHODS.includes(method)) return notAllowed("This can only be read.", READ_METHODS);
  const resource = RESOURCES.find((one) => one.path === path);
  if (resource === undefined) return NOT_FOUND;
  const domain = domainAsked(authority, resource.label);
  if (domain === undefined || !site.isOwnDomain(domain)) return NOT_FOUND;
  const body = resource.content(site, domain);
  return body === undefined ? NOT_FOUND : response(200, resource.type, body);
}
