/** What was found out about a message's origin, as plain data; or why nothing was. */
import type { ARCResult, DMARCResult, SPFResult } from "mailauth";
import type { Verified } from "./signatures.ts";

/** RFC 8617 §4.4. */
export type ChainStatus = "none" | "pass" | "fail";

export interface Results {
  readonly kind: "results";
  /** RFC 7208 §2.6. */
  readonly spf: string;
  /** Of each signature, in the order of the fields (RFC 8601 §2.7.1); "none" where there is none. */
  readonly dkim: readonly string[];
  /** RFC 9989; "none" where the domain has no policy, or the message no single author domain. */
  readonly dmarc: string;
  readonly arc: ChainStatus;
  /** All of it as RFC 8601 §2.2 writes it, behind our own name; ASCII, in folded lines, without the last line end. */
  readonly text: string;
}

/** Nothing true can be said of it. */
export interface Unknown {
  readonly kind: "unknown";
  readonly reason: string;
}

export interface Found {
  readonly dkim: Verified;
  readonly spf: SPFResult;
  readonly arc: ARCResult;
  readonly dmarc: DMARCResult | false;
}

/** `failed` is the first lookup that had no answer. */
export function resultsOf(
  { dkim, spf, arc, dmarc }: Found,
  hostname: string,
  failed: string | undefined,
): Results | Unknown {
  const signatures = dkim.results.map(({ status }) => status.result);
  const chain = chainStatus(arc.status.result);
  // Neither nor: what failed might have said who it is from. And a chain whose keys nobody could look up is not broken.
  const nothingHolds = spf.status.result !== "pass" && !signatures.includes("pass");
  if (failed !== undefined && (nothingHolds || chain === "fail"))
    return { kind: "unknown", reason: `the DNS did not say: ${failed}` };
  const infos = [
    ...dkim.results.map(({ info }) => info),
    spf.info,
    arc.info ?? "arc=none",
    ...(dmarc ? [dmarc.info] : []),
  ];
  return {
    kind: "results",
    spf: spf.status.result,
    dkim: signatures,
    dmarc: dmarc ? dmarc.status.result : "none",
    arc: chain,
    text: [hostname, ...infos.map((info) => folded(inAscii(info)))].join(`;${FOLD}`),
  };
}

function chainStatus(result: string): ChainStatus {
  return result === "none" || result === "pass" ? result : "fail";
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
