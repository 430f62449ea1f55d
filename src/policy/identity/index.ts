/** Whether somebody is who he should be: the servers that mail is sent to, by DANE and MTA-STS; those that connect, by their certificates. */
export * from "./caller.ts";
export * from "./caller-facts.ts";
export * from "./certificate-content.ts";
export * from "./certificate-names.ts";
export * from "./certificate-path.ts";
export * from "./dane.ts";
export * from "./dane-match.ts";
export * from "./demand.ts";
export * from "./level.ts";
export * from "./mta-sts.ts";
export * from "./mta-sts-cache.ts";
export * from "./mta-sts-record.ts";
export * from "./public-authority.ts";
