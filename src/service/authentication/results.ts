/** What was found out about a message's origin, as plain data. */
import type { ARCResult, DKIMResult, SPFResult } from "mailauth";
import { isIpv6, type Ip } from "../../mail/index.ts";
import type { AuthorPolicy, Policy } from "./author-policy.ts";
import type { Sealer } from "./chain.ts";
import type { Iprev } from "./iprev.ts";

/** RFC 8617 §4.4. */
export type ChainStatus = "none" | "pass" | "fail";

export interface Results {
  /** RFC 7208 §2.6, of the domain that was asked: MAIL FROM's, or HELO's where there is none. */
  readonly spf: string;
  readonly spfDomain: string;
  /** Of each signature, in the order of the fields (RFC 8601 §2.7.1); "none" where there is none. */
  readonly dkim: readonly string[];
  readonly dmarc: AuthorPolicy["result"];
  /** The author's domain; absent where there is no one author. */
  readonly author?: string;
  /** Of a message that DMARC lets pass: whose its author is, and whose its sender, where that may be the same. */
  readonly organizations?: Organizations;
  /** What that domain asks for, where the message has not passed. */
  readonly policy?: Policy;
  readonly arc: ChainStatus;
  /** Of a chain that is intact; the newest first. */
  readonly sealers: readonly Sealer[];
  readonly iprev: Iprev["result"];
  /** All of it as RFC 8601 §2.2 writes it, behind our own name; ASCII, in folded lines, without the last line end. */
  readonly text: string;
  /** Why none of it could be vouched for: nothing that holds, and something that nobody could find out. */
  readonly unknown?: string;
  /** Why its signatures were not looked at: it is like no mail. */
  readonly unread?: string;
}

/** Organizational domains (RFC 9989 §4.10.2). */
export interface Organizations {
  readonly author: string;
  readonly sender: string;
}

/** What SPF says of a sender. */
export interface SpfFinding {
  /** RFC 7208 §2.6. */
  readonly result: string;
  /** The domain that was asked. */
  readonly domain: string;
}

/** Of the header section and the body. */
export interface Signatures {
  readonly results: readonly Pick<DKIMResult, "status" | "info" | "signingDomain">[];
  readonly arc: Pick<ARCResult, "status" | "info">;
  readonly sealers: readonly Sealer[];
}

export interface Found extends Signatures {
  readonly spf: SPFResult;
  readonly dmarc: AuthorPolicy;
  readonly organizations?: Organizations;
  readonly iprev: Iprev;
  readonly ip: Ip;
  /** The first lookup that had no answer; iprev's aside. */
  readonly failed?: string;
  readonly unread?: string;
}

export function resultsOf(found: Found, hostname: string): Results {
  const { results, spf, arc, dmarc, organizations, iprev, ip, sealers, failed, unread } = found;
  const signatures = results.map(({ status }) => status.result);
  const chain = chainStatus(arc.status.result);
  // Neither nor: what failed might have said who it is from. And a chain whose keys nobody could look up is not broken.
  const nothingHolds = spf.status.result !== "pass" && !signatures.includes("pass");
  const unsure = failed !== undefined && (nothingHolds || chain === "fail");
  const unknown = unread ?? (unsure ? `the DNS did not say: ${failed}` : undefined);
  const infos = [
    ...results.map(({ info }) => info),
    spf.info,
    arc.info ?? "arc=none",
    dmarc.info,
    iprevInfo(iprev, ip),
  ];
  return {
    spf: spf.status.result,
    spfDomain: spf.domain,
    dkim: signatures,
    dmarc: dmarc.result,
    ...(dmarc.domain !== undefined && { author: dmarc.domain }),
    ...(organizations !== undefined && { organizations }),
    ...(dmarc.policy !== undefined && { policy: dmarc.policy }),
    arc: chain,
    sealers: chain === "pass" ? sealers : [],
    iprev: iprev.result,
    text: resultsText(hostname, infos),
    ...(unknown !== undefined && { unknown }),
    ...(unread !== undefined && { unread }),
  };
}

/** Of a message about which nothing at all could be found out: a fault of ours. */
export function nothingFound(reason: string, hostname: string): Results {
  return {
    spf: "temperror",
    spfDomain: "",
    dkim: ["temperror"],
    dmarc: "temperror",
    arc: "none",
    sealers: [],
    iprev: "temperror",
    text: resultsText(
      hostname,
      ["dkim", "spf", "dmarc", "iprev"].map((method) => `${method}=temperror`),
    ),
    unknown: reason,
  };
}

function chainStatus(result: string): ChainStatus {
  return result === "none" || result === "pass" ? result : "fail";
}

/** RFC 8601 §2.7.3; an IPv6 address is no token. */
function iprevInfo({ result, name }: Iprev, ip: Ip): string {
  const address = isIpv6(ip) ? `"${ip}"` : ip;
  return `iprev=${result} ${name === undefined ? "" : `(${name.replaceAll(/[^\w.-]/g, "?")}) `}policy.iprev=${address}`;
}

function resultsText(hostname: string, infos: readonly string[]): string {
  return [hostname, ...infos.map((info) => folded(inAscii(info)))].join(`;${FOLD}`);
}

/** Letters come in from addresses and other people's records, and not every next hop takes them. */
function inAscii(text: string): string {
  return text.replaceAll(/[^ -~]/g, "?");
}

const FOLD = "\r\n\t";
/** Octets of a line, about. */
const LINE_OCTETS = 76;

function folded(info: string): string {
  let text = "";
  let lineOctets = 1;
  for (const word of info.split(" ")) {
    const fits = text === "" || lineOctets + word.length < LINE_OCTETS;
    if (text !== "") text += fits ? " " : FOLD;
    lineOctets = fits ? lineOctets + 1 + word.length : word.length + 1;
    text += word;
  }
  return text;
}
