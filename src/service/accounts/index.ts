/** Accounts: passwords, what is stored of them, and who may log in. */
export {
  Accounts,
  type AccountsDeps,
  type Authentication,
  type LoginDirectory,
} from "./accounts.ts";
export {
  PASSWORD_OCTETS,
  generatePassword,
  preparePassword,
  type Password,
  type PasswordFault,
} from "./password.ts";
export { HASH_COST, makeVerifier, type HashCost } from "./verifier.ts";
export type { AccountsSettings } from "./settings.ts";
