/** Things of which one call goes wrong. */

/** The n-th call of this method throws, or rejects where it answers later; the others work. */
export interface Fault {
  readonly method: string;
  readonly call: number;
  readonly how: "throws" | "rejects";
}

export class Breaker {
  readonly #fault: Fault;
  #calls = 0;

  constructor(fault: Fault) {
    this.#fault = fault;
  }

  /** The call that was to fail has come. */
  get hasBroken(): boolean {
    return this.#calls >= this.#fault.call;
  }

  /** The same thing with that method's call broken; what its methods return is broken by `within`. */
  wrap<T extends object>(name: string, thing: T, within: (result: unknown) => unknown = same): T {
    return new Proxy(thing, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== "function") return member;
        const method = `${name}.${String(property)}`;
        return (...args: unknown[]) =>
          this.#broken(method) ?? within(Reflect.apply(member, target, args));
      },
    });
  }

  /** The same for a function. */
  wrapped<Args extends unknown[], Result>(
    name: string,
    call: (...args: Args) => Result,
  ): (...args: Args) => Result {
    // A rejection stands for a result that would have been a promise.
    return (...args) => (this.#broken(name) as Result | undefined) ?? call(...args);
  }

  #broken(method: string): Promise<never> | undefined {
    const { method: wanted, call, how } = this.#fault;
    if (method !== wanted || ++this.#calls !== call) return undefined;
    const error = new Error(`${method} broke`);
    if (how === "throws") throw error;
    return Promise.reject(error);
  }
}

function same(result: unknown): unknown {
  return result;
}
