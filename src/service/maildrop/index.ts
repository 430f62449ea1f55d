/** Maildrops: what a POP3 session is served with, and who may have which mailbox open. */
export { MaildropDesk, type MaildropDeps } from "./desk.ts";
export { MaildropLeases, type Timer } from "./leases.ts";
export type { Pop3Peer } from "./peer.ts";
export type { MaildropSettings } from "./settings.ts";
