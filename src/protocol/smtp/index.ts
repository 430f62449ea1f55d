/** SMTP's engines, server and client, and their contracts with their desks. */
export { NO_CAPABILITIES, type Capabilities } from "./client-capabilities.ts";
export * from "./client-requests.ts";
export { needsRequireTls } from "./client-statuses.ts";
export { SmtpClientSession } from "./client-session.ts";
export { LineBreaker } from "./client-lines.ts";
export { statusLine } from "./replies.ts";
export * from "./requests.ts";
export { SmtpServerSession } from "./server-session.ts";
