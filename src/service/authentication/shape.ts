/** Whether a header section is like that of mail. mailauth's time grows with the product of what is counted here. */
import { countFields } from "../../mail/index.ts";

/** DKIM-Signature fields of a message whose results are worth something; each may ask for a hash of the whole body. */
export const SIGNATURES_LIMIT = 8;
/** Of a header section that is read: octets, lines, and blanks or dots in a row. */
export const SECTION_OCTETS_LIMIT = 65_536;
export const SECTION_LINES_LIMIT = 1000;
export const RUN_LIMIT = 250;

/** Why nobody reads this header section for its signatures; undefined where it is like that of mail. */
export function tooMuch(section: Uint8Array): string | undefined {
  if (section.length > SECTION_OCTETS_LIMIT)
    return `its header section has more than ${SECTION_OCTETS_LIMIT} octets`;
  const { lines, longestRun } = shapeOf(section);
  if (lines > SECTION_LINES_LIMIT)
    return `its header section has more than ${SECTION_LINES_LIMIT} lines`;
  if (longestRun > RUN_LIMIT)
    return `its header section has more than ${RUN_LIMIT} blanks or dots in a row`;
  return countFields(section, "DKIM-Signature") > SIGNATURES_LIMIT
    ? `it has more than ${SIGNATURES_LIMIT} DKIM signatures`
    : undefined;
}

const LF = 10;
const SPACE = 32;
const DOT = 46;

/** A run is one of dots, or of blanks; line ends belong to the latter. */
function shapeOf(section: Uint8Array): { readonly lines: number; readonly longestRun: number } {
  let [lines, run, longestRun] = [0, 0, 0];
  let kind = 0;
  for (const octet of section) {
    if (octet === LF) lines++;
    const now = octet <= SPACE ? SPACE : octet;
    run = now === kind ? run + 1 : 1;
    kind = now;
    if (now <= SPACE || now === DOT) longestRun = Math.max(longestRun, run);
  }
  return { lines, longestRun };
}
