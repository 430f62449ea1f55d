/** Accounts: passwords, what is stored of them, who may log in, and how guessing is slowed. */
export { Accounts, type AccountsDeps } from "./accounts.ts";
export { CertificateLogins, type CertificateLogin } from "./certificate-login.ts";
export type {
  Authentication,
  Standing,
  LoginDirectory,
  LoginResult,
  ScramLogin,
  Visitor,
} from "./authentication.ts";
export { APP_PASSWORDS_PER_MAILBOX, appPasswordHash, generateAppPassword } from "./app-password.ts";
export {
  LoginQuestions,
  type CredentialsQuestion,
  type JudgedLogin,
  type VerifierAnswer,
} from "./login-questions.ts";
export {
  PASSWORD_OCTETS,
  generatePassword,
  preparePassword,
  type Password,
  type PasswordFault,
} from "./password.ts";
export { HASH_COST, makeVerifier, type HashCost } from "./verifier.ts";
export { makeVerifiers, type Verifiers } from "./verifiers.ts";
export type { AccountsSettings } from "./settings.ts";
