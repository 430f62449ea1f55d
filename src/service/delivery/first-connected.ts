/**
 * Several addresses of one server, and the first that answers (RFC 8305 §5 in spirit): the next is tried beside the last one
 * when that has not answered soon, or at once when it has failed. Promises: one connection at most comes of it.
 */
import type { Connected, ConnectOptions, Endpoint, NotConnected } from "../../net/index.ts";

export type Connect = (
  endpoint: Endpoint,
  options: ConnectOptions,
) => Promise<Connected | NotConnected>;

export interface FirstConnected {
  readonly connected: Connected | undefined;
  readonly failed: readonly NotConnected[];
}

export async function firstConnected(
  endpoints: readonly Endpoint[],
  connect: Connect,
  options: (endpoint: Endpoint) => ConnectOptions,
  nextMs: number,
): Promise<FirstConnected> {
  const others = new AbortController();
  const failed: NotConnected[] = [];
  const under = new Set<Promise<void>>();
  let connected: Connected | undefined;
  const attempt = async (endpoint: Endpoint): Promise<void> => {
    const given = options(endpoint);
    const signal = AbortSignal.any([given.signal, others.signal]);
    const result = await connect(endpoint, { ...given, signal });
    if (result.kind === "failed") {
      if (!others.signal.aborted) failed.push(result);
    } else if (connected === undefined) {
      connected = result;
      others.abort();
    } else {
      result.socket.destroy(); // it came second
    }
  };
  for (const endpoint of endpoints) {
    const attempted = attempt(endpoint);
    under.add(attempted);
    await settledOrSoon(attempted, nextMs);
    if (connected !== undefined) break;
  }
  await Promise.all(under);
  return { connected, failed };
}

/** Resolves when it has, or when the next may begin. */
async function settledOrSoon(attempted: Promise<void>, nextMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, nextMs);
  await Promise.race([attempted, promise]);
  clearTimeout(timer);
}
