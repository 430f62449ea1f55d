/** The thread that reads one list's file, and ends: what that costs is not taken from those who wait for the server. */
import { parentPort, workerData } from "node:worker_threads";
import { buffersOf } from "../../policy/lists/index.ts";
import { readListFile, type FileWanted } from "./read-file.ts";

if (parentPort === null) throw new Error("the reader runs as a thread only");

const wanted = workerData as FileWanted; // our own reader-thread.ts gives nothing else
const reading = await readListFile(wanted);
const snapshot = reading.kind === "read" ? reading.parsed.snapshot : undefined;
// Handed over, not copied.
parentPort.postMessage(reading, snapshot === undefined ? [] : buffersOf(snapshot));
