/**
 * The records as lines of a zone file, each set under a comment that says what it is for. What belongs in another zone, what is
 * not known and what comes later stands behind a semicolon: the whole can be pasted as it is.
 */
import { isWithin, nameOfDomain } from "../../protocol/dns/index.ts";
import type { DomainFacts } from "./facts.ts";
import { dataTexts, nameText } from "./presentation.ts";
import type { Publication } from "./publication.ts";
import { wrapped } from "../../runtime/index.ts";

/** Seconds. An hour: a mistake is soon over. */
export const TTL = 3600;

const COMMENT = "; ";

export function zoneText(
  publications: readonly Publication[],
  { domain, hostname, forTests }: Pick<DomainFacts, "domain" | "hostname" | "forTests">,
): string {
  const zone = nameOfDomain(domain);
  const [own, foreign] = [true, false].map((within) =>
    publications.filter(({ name }) => isWithin(name, zone) === within),
  );
  const sections = [
    [`; Records of ${domain} for ${forTests === true ? "relay tests" : "its mail"}.`],
    ...(own ?? []).map((one) => setLines(one, false)),
    ...(foreign?.length
      ? [wrapped(`What follows belongs in the zone of ${hostname}, not in this one:`, COMMENT)]
      : []),
    ...(foreign ?? []).map((one) => setLines(one, true)),
  ];
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

function setLines(publication: Publication, elsewhere: boolean): readonly string[] {
  const { comment, standing } = publication;
  const aside = elsewhere || standing === "later" ? ";" : "";
  return [
    ...wrapped(standing === "later" ? `Later. ${comment}` : comment, COMMENT),
    ...recordLines(publication).map(({ line, known }) => (known ? `${aside}${line}` : `;${line}`)),
  ];
}

function recordLines(publication: Publication): { line: string; known: boolean }[] {
  const { name, type } = publication;
  const head = `${nameText(name)} ${TTL} IN ${type}`;
  const texts = dataTexts(publication);
  if (texts.length === 0) return [{ line: `${head} (its public address)`, known: false }];
  return texts.map((text) => ({ line: `${head} ${text}`, known: true }));
}
