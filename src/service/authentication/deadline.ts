/**
 * How long one message waits for the DNS: one deadline for all that is asked about it. It begins when somebody waits, which is when
 * the message is in; what was asked while it came has had that time for nothing. Promises: once it is over no question is
 * open and none is asked, and what has no answer then is a failure, never "not there".
 */
import type {
  DnsName,
  Failed,
  RecordType,
  Resolution,
  Resolver,
} from "../../protocol/dns/index.ts";

export interface Timer {
  /** Calls `then` once, after so many milliseconds, unless the returned function is called before. */
  after(ms: number, then: () => void): () => void;
}

const LATE: Failed = { kind: "failed", why: "timeout" };

export class Deadline implements Resolver {
  readonly #resolver: Resolver;
  readonly #over = Promise.withResolvers<Failed>();
  #isOver = false;

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  /** Has the time run while `task` is under way. */
  async hold<Result>(timer: Timer, ms: number, task: () => Promise<Result>): Promise<Result> {
    const stop = timer.after(ms, () => {
      this.#isOver = true;
      this.#over.resolve(LATE);
    });
    try {
      return await task();
    } finally {
      stop();
    }
  }

  resolve<Type extends RecordType>(name: DnsName, type: Type): Promise<Resolution<Type>> {
    if (this.#isOver) return this.#over.promise;
    return Promise.race([this.#resolver.resolve(name, type), this.#over.promise]);
  }
}
