/** Records and findings as JSON for scripts. */
import { nameText, dataTexts } from "./presentation.ts";
import type { Publication, Purpose, Standing } from "./publication.ts";
import { TTL } from "./zone-text.ts";

export interface PublicationJson {
  readonly name: string;
  readonly ttl: number;
  readonly type: string;
  /** As a zone file has them; none where they are not known. */
  readonly data: readonly string[];
  readonly purpose: Purpose;
  readonly standing: Standing;
  readonly comment: string;
}

export function publicationJson(publication: Publication): PublicationJson {
  const { name, type, purpose, standing, comment } = publication;
  const data = dataTexts(publication);
  return { name: nameText(name), ttl: TTL, type, data, purpose, standing, comment };
}
