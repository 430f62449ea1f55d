/** DKIM signatures of what our domains send, ARC seals of what they forward, and the key pairs that make them. */
export { generateDkimKeys, publicKey, publicKeyRecord } from "./key-pairs.ts";
export type { SigningKey } from "./private-keys.ts";
export { RelaxedBody } from "./relaxed-body.ts";
export type { Findings, Seal } from "./seal.ts";
export { Signing, type Sealing, type Signature, type SigningDeps } from "./signing.ts";
