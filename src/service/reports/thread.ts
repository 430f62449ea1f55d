/** The thread that reads mail which strangers made: what it costs is not taken from those who wait for the server. */
import { parentPort } from "node:worker_threads";
import { readReportMail } from "./read-mail.ts";

if (parentPort === null) throw new Error("the reader runs as a thread only");
const port = parentPort;

port.on("message", (mail: Uint8Array<ArrayBuffer>) => {
  void readReportMail(mail).then((reading) => port.postMessage(reading));
});
