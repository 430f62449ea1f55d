/**
 * Names of a list as a zone file has them: those that a transferred zone has (answering/transfer-names.ts), so that a server with the file answers
 * as one that has transferred it.
 */
import { EXCLUDED, findName, type Dataset } from "../../policy/lists/files/index.ts";
import { TransferNames } from "./answering/index.ts";

export interface NamedAnswer {
  readonly name: string;
  readonly answer: number;
  /** Whom the entry is about. */
  readonly subject: string;
}

export function* bindNames(dataset: Dataset): Generator<NamedAnswer> {
  const encoder = new TextEncoder();
  const hit = { answer: EXCLUDED, from: 0, wild: false };
  for (const owner of new TransferNames([[dataset]]).owners()) {
    const octets = encoder.encode(owner);
    if (!findName(dataset, octets, 0, octets.length, hit) || hit.answer === EXCLUDED) continue;
    yield { name: escaped(owner), answer: hit.answer, subject: owner.slice(hit.from) };
  }
}

/** RFC 1035 §5.1: what would mean something else in a file. */
function escaped(name: string): string {
  return name.replaceAll(/["();@$\\]/g, String.raw`\$&`);
}
