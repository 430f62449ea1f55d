/** The authors of a message whose header section mailauth is not given: read by our own parser, in linear time. */
import { countFields, formatAddress, readAuthors } from "../../mail/index.ts";
import type { Authors } from "./author-policy.ts";

/** A section that names nobody for sure has no author. */
export function fromAuthors(section: Uint8Array): Authors {
  const read = readAuthors(section);
  const addresses = read.kind === "read" ? read.authors : [];
  return {
    headerFrom: addresses
      .filter(({ field }) => field === "From")
      .map(({ address }) => formatAddress(address)),
    fromFields: countFields(section, "From"),
  };
}
