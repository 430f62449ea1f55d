/**
 * Several addresses of one server, and the first that answers (RFC 8305 §5 in spirit): the next is tried beside the last one
 * when that has not answered soon, or at once when it has failed. Promises: one connection at most comes of it.
 */
import type { Ip } from "../../mail/index.ts";
import type { Connected, ConnectOptions, Endpoint, NotConnected } from "../../net/index.ts";

export type Connect = (
  endpoint: Endpoint,
  options: ConnectOptions,
) => Promise<Connected | NotConnected>;

export interface FirstConnected {
  readonly connected: Connected | undefined;
  readonly failed: readonly NotConnected[];
}

export interface FirstConnectedOptions extends Omit<ConnectOptions, "signal" | "from"> {
  readonly from: (to: Endpoint) => Ip | undefined;
  /** Milliseconds before the next is tried beside one that has not answered. */
  readonly nextMs: number;
  /** All of it is given up. */
  readonly stopping: AbortSignal;
}

export async function firstConnected(
  endpoints: readonly Endpoint[],
  connect: Connect,
  { timeMs, from, nextMs, stopping }: FirstConnectedOptions,
): Promise<FirstConnected> {
  const over = new AbortController();
  const stop = (): void => over.abort();
  const failed: NotConnected[] = [];
  const under: Promise<void>[] = [];
  let connected: Connected | undefined;
  const attempt = async (endpoint: Endpoint): Promise<void> => {
    const local = from(endpoint);
    const own = local === undefined ? {} : { from: local };
    const result = await connect(endpoint, { timeMs, signal: over.signal, ...own });
    if (result.kind === "failed") {
      if (connected === undefined) failed.push(result);
    } else if (connected === undefined) {
      connected = result;
      over.abort();
    } else {
      result.socket.destroy(); // it came second
    }
  };
  if (stopping.aborted) stop();
  else stopping.addEventListener("abort", stop);
  for (const endpoint of endpoints) {
    const attempted = attempt(endpoint);
    under.push(attempted);
    await settledOrSoon(attempted, nextMs);
    if (over.signal.aborted) break;
  }
  await Promise.all(under);
  stopping.removeEventListener("abort", stop);
  return { connected, failed };
}

/** Resolves when it has, or when the next may begin. */
async function settledOrSoon(attempted: Promise<void>, nextMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, nextMs);
  await Promise.race([attempted, promise]);
  clearTimeout(timer);
}
