/** Reports that come by mail, about TLS with us (RFC 8460) and about hosts that relay: read from the mail that waits, and kept. */
export { ReportCollector, type CollectorDeps } from "./collector.ts";
export { relayKeeper, type RelayKeeping, type ReportedHost } from "./keep-relays.ts";
export { tlsKeeper, type TlsKeeping } from "./keep-tls.ts";
export { ReaderThread } from "./reader-thread.ts";
export type { ReportReader } from "./reading.ts";
