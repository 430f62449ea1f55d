/** A question to a list that costs no more than the time it is given, and how long it took. */
import type { Clock } from "../../runtime/index.ts";
import type { DnsName, RecordType, Resolution, Resolver } from "../../protocol/dns/index.ts";

/** Calls `then` once, after so many milliseconds, unless the returned function is called before. */
export interface Timer {
  after(ms: number, then: () => void): () => void;
}

export interface TimedQuestionDeps {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly timer: Timer;
}

export interface TimedAnswer<Type extends RecordType> {
  readonly resolution: Resolution<Type>;
  /** Milliseconds. */
  readonly ms: number;
}

/** Does not reject. */
export async function timedQuestion<Type extends RecordType>(
  { resolver, clock, timer }: TimedQuestionDeps,
  name: DnsName,
  type: Type,
  limitMs: number,
): Promise<TimedAnswer<Type>> {
  const began = clock.elapsed();
  let stop = (): void => {};
  const late = new Promise<Resolution<Type>>((resolve) => {
    stop = timer.after(limitMs, () => resolve({ kind: "failed", why: "timeout" }));
  });
  const resolution = await Promise.race([resolver.resolve(name, type), late]);
  stop();
  return { resolution, ms: Math.round(clock.elapsed() - began) };
}
