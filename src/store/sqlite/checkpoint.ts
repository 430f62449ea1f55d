/** The checkpoint thread: copies the write-ahead log into the database while the writer goes on writing. */
import { parentPort, workerData } from "node:worker_threads";
import { Connection, wordsOf } from "./connection.ts";
import type { CheckpointMessage, WorkerOptions } from "./operations.ts";

if (parentPort === null) throw new Error("the checkpointer runs as a thread only");
const port = parentPort;
const options = workerData as WorkerOptions; // from Checkpointer
const connection = new Connection({ ...options, purpose: "write" });
const checkpoint = connection.query("PRAGMA wal_checkpoint(PASSIVE)");

/** true: make a checkpoint. false: no more will be asked. */
port.on("message", (wanted: boolean) => {
  if (!wanted) {
    connection.close();
    port.close();
    return;
  }
  port.postMessage(copy());
});

function copy(): CheckpointMessage {
  try {
    checkpoint.row();
    return {};
  } catch (error) {
    return { problem: wordsOf(error) };
  }
}
