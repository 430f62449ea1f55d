/** The SMTP server's engine and its contract with the desk. */
export { statusLine } from "./replies.ts";
export * from "./requests.ts";
export { SmtpServerSession } from "./server-session.ts";
