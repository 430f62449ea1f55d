/** What a list answers about who is on it (RFC 5782 §2.1): an address within 127.0.0.0/8 that is no host's, and no sign that it does not answer. */
import { parseIp } from "../../mail/index.ts";

/** 127.255.255.0/24 is how lists refuse to answer; whoever asks would take it for that. */
const REFUSALS = "127.255.255.";

/** Its canonical text; undefined where it is none. */
export function parseCode(text: string): string | undefined {
  const ip = parseIp(text);
  const fits = ip?.startsWith("127.") === true && ip !== "127.0.0.0" && ip !== "127.0.0.1";
  return fits && !ip.startsWith(REFUSALS) ? ip : undefined;
}
