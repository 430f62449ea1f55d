/** A reader that takes all the memory it gets. */
import { parentPort } from "node:worker_threads";

parentPort?.on("message", () => {
  const kept: object[] = [];
  for (;;) kept.push({});
});
