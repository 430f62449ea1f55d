/**
 * One more ARC set on top of a message (RFC 8617 §5.1): what was found out about it, a signature over what leaves, and the seal
 * over all sets. Whoever gets a forward can see there what the sender's own signature and address were worth before it went on.
 */
import { readChain, ARC_RESULTS_FIELD } from "./arc-chain.ts";
import { fieldsNamed, relaxedField, relaxedFields } from "./relaxed-header.ts";
import {
  ARC_SEAL_FIELD,
  ARC_SIGNATURE_FIELD,
  SIGNATURE_FIELD,
  signedValue,
  unsignedMessage,
  unsignedSeal,
  type SignerTags,
} from "./signature-field.ts";
import { fieldsToSign, type FieldsToSign } from "./signed-fields.ts";

/** RFC 8617 §4.2.1. */
export const ARC_SETS_LIMIT = 50;

export interface Findings {
  /** How the chain that the message brings was validated (RFC 8617 §5.2). */
  readonly chain: "none" | "pass" | "fail";
  /** What Authentication-Results would say, our name first; folded lines, without the last line end. */
  readonly results: string;
}

export interface Seal {
  /** To write on top of the header section. */
  readonly fields: Uint8Array;
  readonly instance: number;
}

/** `section` is as it leaves. Or why there can be no seal. */
export async function arcSet(
  section: Uint8Array,
  { chain, results, bodyHash }: Findings & { readonly bodyHash: string },
  tags: SignerTags,
  sign: (text: string) => Promise<string>,
): Promise<Seal | string> {
  const before = readChain(section);
  const toSign = forwardedFields(section);
  if (toSign === undefined) return "it has not exactly one From, or too many fields";
  if (before.hasFailed) return "its ARC chain had failed before it came here"; // §5.1, step 2
  if (before.highest >= ARC_SETS_LIMIT) return `it has ${ARC_SETS_LIMIT} ARC sets already`;
  // Another reader took them for something else: whoever verifies might, too.
  if (chain === "none" ? before.highest > 0 : chain === "pass" && !before.sealed)
    return "its ARC fields can be read in two ways";

  const instance = before.highest + 1;
  const aar = ` i=${instance}; ${results}`;
  const unsigned = unsignedMessage({
    ...tags,
    first: `i=${instance}`,
    fields: toSign.names,
    bodyHash,
  });
  const hashed =
    relaxedFields(section, toSign.fields) + relaxedField(ARC_SIGNATURE_FIELD, unsigned);
  const ams = signedValue(unsigned, await sign(hashed));
  const unsealed = unsignedSeal(tags, instance, chain);
  const covered = [
    chain === "pass" ? (before.sealed ?? "") : "", // a broken chain is not vouched for (§5.1.2)
    `${relaxedField(ARC_RESULTS_FIELD, aar)}\r\n`,
    `${relaxedField(ARC_SIGNATURE_FIELD, ams)}\r\n`,
    relaxedField(ARC_SEAL_FIELD, unsealed),
  ].join("");
  const seal = signedValue(unsealed, await sign(covered));
  const fields = [
    `${ARC_SEAL_FIELD}:${seal}\r\n`,
    `${ARC_SIGNATURE_FIELD}:${ams}\r\n`,
    `${ARC_RESULTS_FIELD}:${aar}\r\n`,
  ];
  return { fields: Buffer.from(fields.join("")), instance };
}

/** As for a signature of ours, and the signatures that are there (§4.1.2); no trace, no results, no ARC fields. */
function forwardedFields(section: Uint8Array): FieldsToSign | undefined {
  const toSign = fieldsToSign(section);
  if (toSign === undefined) return undefined;
  const signatures = fieldsNamed(section, [SIGNATURE_FIELD]);
  const names = signatures.flatMap(({ name, places }) => places.map(() => name));
  return { fields: [...signatures, ...toSign.fields], names: [...names, ...toSign.names] };
}
