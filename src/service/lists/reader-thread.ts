/** Reads a list's file on a thread of its own. One that takes too long or too much memory ends the thread and not the server. */
import { Worker } from "node:worker_threads";
import { errorText } from "../../runtime/index.ts";
import type { FileReading, FileWanted } from "./read-file.ts";

/** Milliseconds. */
const READING_MS = 300_000;

/** Of the thread's heap, where names and texts are while they are sorted; what becomes of them is beside it. */
const HEAP_MEBIBYTES = 1024;

/** The build turns .ts into .js but not inside a URL. */
const FILE = import.meta.url.endsWith(".js") ? "./thread.js" : "./thread.ts";

/** Does not reject. */
export async function readInThread(
  wanted: FileWanted,
  { readingMs = READING_MS, heapMebibytes = HEAP_MEBIBYTES } = {},
): Promise<FileReading> {
  const { promise, resolve } = Promise.withResolvers<FileReading>();
  const gaveUp = (problem: string): void => resolve({ kind: "unreadable", problem });
  const thread = new Worker(new URL(FILE, import.meta.url), {
    workerData: wanted,
    resourceLimits: { maxOldGenerationSizeMb: heapMebibytes },
  });
  const timer = setTimeout(() => gaveUp(`reading it took more than ${readingMs} ms`), readingMs);
  thread.on("message", (reading: FileReading) => resolve(reading)); // our own thread's
  thread.on("error", (error) => gaveUp(`reading it broke: ${errorText(error)}`));
  thread.on("exit", (code) => gaveUp(`reading it ended with code ${code}`));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
