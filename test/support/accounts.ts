/** Accounts for tests that are about something else: nobody's, where nobody is to log in, and those of a few people. */
import type { MailboxEntry } from "../../src/store/index.ts";
import type { LoginResult } from "../../src/service/accounts/index.ts";
import type { LoginAccounts } from "../../src/service/receive/index.ts";

/** Nobody's certificate is known. */
const NO_CERTIFICATES: LoginAccounts["certificates"] = {
  mayBeKnown: () => false,
  login: () => ({ kind: "unmapped" }),
};

/** Whoever asks them has a bug: no port of the test lets anybody log in. */
export const NO_ACCOUNTS: LoginAccounts = {
  authenticate: () => Promise.reject(new Error("nobody can log in here")),
  openScram: () => {
    throw new Error("nobody can log in here");
  },
  stands: () => {
    throw new Error("nobody can have logged in here");
  },
  certificates: NO_CERTIFICATES,
};

/** Mailboxes of a directory, all with the same password; SCRAM finds nobody. */
export function accountsOf(
  mailboxOf: (login: string) => MailboxEntry | undefined,
  password: string,
): LoginAccounts {
  const wrong: LoginResult = { kind: "wrong" };
  return {
    authenticate: (login, said) => {
      const mailbox = mailboxOf(login);
      const right = mailbox !== undefined && said === password;
      return Promise.resolve(right ? { kind: "ok", mailbox } : wrong);
    },
    openScram: () => ({ kind: "wrong" }),
    certificates: NO_CERTIFICATES,
    stands: ({ address }) => {
      const mailbox = mailboxOf(address);
      return mailbox === undefined ? "gone" : mailbox.disabled ? "disabled" : "yes";
    },
  };
}
