/** sendmail as programs know it: options, message and login, made into what a submission port takes; and how it ends. */
export { EXITS, exitOf, type Exit } from "./exits.ts";
export { MESSAGE_LIMIT, MessageInput } from "./lines.ts";
export {
  LoginFileError,
  readLoginFile,
  usualLoginFile,
  writeLoginFile,
  type NewLogin,
  type SendmailLogin,
} from "./login-file.ts";
export { readOptions, type SendmailCall } from "./options.ts";
export { prepare, type OwnAddresses, type Unprepared } from "./prepare.ts";
export type {
  ServerTrust,
  Submission,
  SubmissionServer,
  Submitted,
  Submitter,
} from "./submission.ts";
