/** All that is stored in place of a password: one verifier for whoever says it, one for whoever proves to know it. */
import type { Random } from "../../runtime/index.ts";
import { preparePassword } from "./password.ts";
import { makeScramVerifier } from "./scram.ts";
import { makeVerifier } from "./verifier.ts";

export interface Verifiers {
  /** argon2id, a PHC string. */
  readonly verifier: string;
  readonly scramVerifier: string;
}

/** Throws a RangeError for what is no password; ask `preparePassword` before. */
export async function makeVerifiers(password: string, random: Random): Promise<Verifiers> {
  const form = preparePassword(password);
  if (typeof form !== "string") throw new RangeError(`the password is no password: ${form.fault}`);
  const [verifier, scramVerifier] = await Promise.all([
    makeVerifier(form, random),
    makeScramVerifier(form, random),
  ]);
  return { verifier, scramVerifier };
}
