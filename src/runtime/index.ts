/** What the machine gives us: time, chance, a log, counts. Each is an interface, so that a test can be its machine. */
export * from "./clock.ts";
export * from "./distinct-counts.ts";
export * from "./entry-lines.ts";
export * from "./error-text.ts";
export * from "./file-fault.ts";
export * from "./hourly-counts.ts";
export * from "./log.ts";
export * from "./log-shares.ts";
export * from "./octets-text.ts";
export * from "./operator-error.ts";
export * from "./random.ts";
export * from "./sliding-counts.ts";
export * from "./tally.ts";
export * from "./turns.ts";
export * from "./wrapped.ts";
