/** A thread of the list server: over UDP one for each core, over TCP one, so that a transfer takes no time from datagrams. */
import { parentPort, workerData } from "node:worker_threads";
import { Answerer } from "../answering/index.ts";
import type { ThreadData } from "./messages.ts";
import { ThreadWork } from "./thread-work.ts";

if (parentPort === null) throw new Error("the list server's thread runs as a thread only");

const data = workerData as ThreadData; // our own list-thread.ts gives nothing else
ThreadWork.begin(data, parentPort, (zones, rules) => new Answerer(zones, rules));
