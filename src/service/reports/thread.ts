/** The thread that reads mail which strangers made: what it costs is not taken from those who wait for the server. */
import { parentPort } from "node:worker_threads";
import { readReportMail } from "./read-mail.ts";
import type { ReadingTask } from "./reader-thread.ts";

if (parentPort === null) throw new Error("the reader runs as a thread only");
const port = parentPort;

port.on("message", ({ mail, wanted }: ReadingTask) => {
  void readReportMail(mail, wanted).then((reading) => port.postMessage(reading));
});
