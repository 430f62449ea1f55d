/** The machine's timer, in the form in which services ask for one. */
export const systemTimer = {
  /** Calls `then` once, after so many milliseconds, unless the returned function is called before. */
  after(ms: number, then: () => void): () => void {
    const timeout = setTimeout(then, ms);
    return () => clearTimeout(timeout);
  },
};

/** The same, for what is no reason for the process to go on. */
export const idleTimer = {
  after(ms: number, then: () => void): () => void {
    const timeout = setTimeout(then, ms).unref();
    return () => clearTimeout(timeout);
  },
};
