/** DKIM signatures of what our domains send, and the key pairs that make them. */
export { generateDkimKeys, publicKey, publicKeyRecord } from "./key-pairs.ts";
export { Signing, type Signature, type SigningDeps, type SigningKey } from "./signing.ts";
