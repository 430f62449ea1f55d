/**
 * The moment between accepting a connection and greeting it, in which a client that does not wait for the
 * greeting gives itself away (RFC 5321 §4.3.1).
 */

/**
 * Calls `done` after `ms` milliseconds. Zero still reads the network once: what a client sent together with its
 * connection has arrived by then, and a client that waits loses nothing.
 */
export function greetingDelay(ms: number, done: () => void): void {
  if (ms > 0) setTimeout(done, ms);
  else setImmediate(() => setImmediate(done)); // two turns: the first one only registers the new socket
}
