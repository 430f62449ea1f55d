/** The thread that makes snapshots of zones: what that costs is not taken from mail, nor from those who ask. */
import { parentPort } from "node:worker_threads";
import type { ToThread } from "./snapshot-messages.ts";
import { SnapshotWork } from "./snapshot-work.ts";

if (parentPort === null) throw new Error("snapshots are made in a thread only");

const port = parentPort;
const work = new SnapshotWork();
port.on("message", (message: ToThread) => {
  // our own snapshot-maker.ts's
  const answer = work.hear(message);
  if (answer !== undefined) port.postMessage(answer, []);
});
