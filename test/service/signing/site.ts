/** A signing domain for tests, and messages signed as the server would: head above content, in any slices. */
import { headerSectionEnd } from "../../../src/mail/index.ts";
import { ManualClock } from "../../../src/runtime/index.ts";
import { generateDkimKeys, publicKeyRecord, Signing } from "../../../src/service/signing/index.ts";
import { domainOf } from "../../support/memory-directory.ts";

export const DOMAIN = domainOf("example.org");

export const KEYS = await generateDkimKeys(Date.UTC(2026, 10, 28), []);

export const RECORDS: ReadonlyMap<string, string> = new Map(
  KEYS.map((key) => [key.selector, publicKeyRecord(key)]),
);

export const SIGNING = new Signing({
  signingKeys: (domain) => (domain === DOMAIN ? KEYS : []),
  clock: new ManualClock(Date.UTC(2026, 10, 28)),
});

/** The message with its signatures; the body came in these slices. */
export async function signed(
  message: Uint8Array,
  sliceOctets = message.length,
): Promise<Uint8Array> {
  const end = headerSectionEnd(message);
  const section = end < 0 ? message : message.subarray(0, end);
  const signature = SIGNING.open(DOMAIN);
  if (signature === undefined) throw new Error("nothing to sign with");
  for (let at = section.length; at < message.length; at += sliceOctets)
    signature.body(message.subarray(at, at + sliceOctets));
  return Buffer.concat([await signature.finish(section), message]);
}
