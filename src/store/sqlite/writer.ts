/** The writer thread: the one connection through which mail, deletions and the journal are written. */
import { parentPort, workerData } from "node:worker_threads";
import { Batches } from "./batches.ts";
import { Connection } from "./connection.ts";
import type { BatchMessage, Operation, OutcomesMessage, WorkerOptions } from "./operations.ts";
import { tasksOf, Tasks } from "./tasks.ts";
import { WalGauge } from "./wal-gauge.ts";

if (parentPort === null) throw new Error("the writer runs as a thread only");
const port = parentPort;
const options = workerData as WorkerOptions; // from WriterThread
const connection = new Connection({ ...options, purpose: "write" });
const batches = new Batches(connection, new Tasks(connection));
const wal = new WalGauge(connection);

/** null: no more batches will come. */
port.on("message", (message: BatchMessage | null) => {
  if (message === null) {
    connection.close();
    port.close();
    return;
  }
  const operations = JSON.parse(message.operations) as readonly Operation[]; // from WriterThread
  const outcomes = batches.run(tasksOf(operations, message.arrays));
  const answer: OutcomesMessage = { outcomes: JSON.stringify(outcomes), walPages: wal.measure() };
  port.postMessage(answer);
});
