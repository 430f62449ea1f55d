/** POP3: the server's side of the protocol, pure. */
export * from "./requests.ts";
export { fullLine } from "./replies.ts";
export { Pop3ServerSession } from "./server-session.ts";
