/** Reports of others about TLS with us (RFC 8460): read from the mail that waits, and kept. */
export { ReportCollector, type CollectorDeps } from "./collector.ts";
export { ReaderThread } from "./reader-thread.ts";
export type { ReportReader } from "./reading.ts";
