/**
 * The moment between accepting a connection and greeting it, in which a client that does not wait for the
 * greeting gives itself away (RFC 5321 §4.3.1).
 */

/** Calls `done` when it is time to greet, unless the returned function is called before. */
export type GreetingDelay = (done: () => void) => () => void;

/**
 * After `ms` milliseconds. Zero still reads the network once: what a client sent together with its connection has arrived
 * by then, and a client that waits loses nothing.
 */
export function greetingDelay(ms: number): GreetingDelay {
  if (ms > 0) return (done) => stopping(setTimeout(done, ms));
  return (done) => {
    setImmediate(() => setImmediate(done)); // two turns: the first one only registers the new socket
    return NOTHING;
  };
}

/** Where there is no network: at once. */
export const noGreetingDelay: GreetingDelay = (done) => {
  done();
  return NOTHING;
};

/** Clients come and go faster than a long delay ends: nothing of them may wait for it. */
function stopping(timeout: NodeJS.Timeout): () => void {
  return () => clearTimeout(timeout);
}

const NOTHING = (): void => {};
