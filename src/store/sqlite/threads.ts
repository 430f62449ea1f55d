/** Starts and stops this room's threads. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { WorkerOptions } from "./operations.ts";

/** The file of a thread. The build turns .ts into .js but not inside a URL. */
export function threadFile(source: URL): URL {
  return import.meta.url.endsWith(".js") ? new URL(source.href.replace(/\.ts$/, ".js")) : source;
}

export function startThread(source: URL, workerData: WorkerOptions): Worker {
  return new Worker(threadFile(source), { workerData });
}

/** Sends the thread its last message and waits until it has ended. */
export async function stopThread(thread: Worker, lastMessage: unknown): Promise<void> {
  const ended = once(thread, "exit");
  thread.postMessage(lastMessage, []);
  await ended;
}
