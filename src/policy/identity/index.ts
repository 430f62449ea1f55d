/** Whether somebody is who he should be. Today: the servers that mail is sent to. */
export * from "./certificate-path.ts";
export * from "./dane.ts";
export * from "./dane-match.ts";
export * from "./mta-sts.ts";
export * from "./mta-sts-cache.ts";
export * from "./mta-sts-record.ts";
