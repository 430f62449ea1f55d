/** The thread that reads one list's file, and ends: what that costs is not taken from those who wait for the server. */
import { parentPort, workerData } from "node:worker_threads";
import { sharedSnapshot } from "../../policy/lists/index.ts";
import { readListFile, type FileReading, type FileWanted } from "./read-file.ts";

if (parentPort === null) throw new Error("the reader runs as a thread only");

const wanted = workerData as FileWanted; // our own reader-thread.ts gives nothing else
const reading = await readListFile(wanted);
// In memory that threads share: handed over, not copied, and to the threads of the list server too.
parentPort.postMessage(inSharedMemory(reading), []);

function inSharedMemory(read: FileReading): FileReading {
  const snapshot = read.kind === "read" ? read.parsed.snapshot : undefined;
  if (read.kind === "unreadable" || snapshot === undefined) return read;
  return { ...read, parsed: { ...read.parsed, snapshot: sharedSnapshot(snapshot) } };
}
