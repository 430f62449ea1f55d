/**
 * The byte conversation that a relay test needs, in its own words: a socket to a server elsewhere, or the
 * server's own engine in memory. Octets are characters U+0000 to U+00FF.
 */

export interface Connection {
  write(octets: string): void;
  /** What has come since the last read, or why nothing will; waits for so many milliseconds, or as long as the connector sees fit. */
  read(withinMs?: number): Promise<Arrival>;
  /** The client's side of a TLS handshake; false when there is none to be had. */
  startTls(): Promise<boolean>;
  /** Ends it from this side. Harmless when it has ended. */
  close(): void;
}

export type Arrival =
  /** At least one octet. */
  | { readonly kind: "octets"; readonly octets: string }
  /** The other side waits for us, or the time has passed. */
  | { readonly kind: "silence" }
  | { readonly kind: "closed" };
