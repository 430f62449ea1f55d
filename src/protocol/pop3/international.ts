/** RFC 6532: a message whose header section is not plain ASCII, so that not every client can read it. */
import { headerSectionEnd } from "../../mail/index.ts";

/** Looks at the header section as far as it stands in the first octets of a message. */
export function isInternational(beginning: Uint8Array): boolean {
  const end = headerSectionEnd(beginning);
  const header = end < 0 ? beginning : beginning.subarray(0, end);
  return header.some((octet) => octet > 0x7f);
}
