/** The contract every store keeps; the engines stand beside it in rooms of their own. */
export * from "./certificates.ts";
export * from "./contract.ts";
export * from "./directory.ts";
export * from "./directory-change.ts";
export * from "./directory-entries.ts";
export * from "./greylist.ts";
export * from "./identity-counts.ts";
export * from "./journal.ts";
export * from "./maildrops.ts";
export * from "./messages.ts";
export * from "./peers.ts";
export * from "./queue.ts";
export * from "./report-counts.ts";
export * from "./sending.ts";
export * from "./sts-policies.ts";
export * from "./tls-reports.ts";
export * from "./tls-results.ts";
