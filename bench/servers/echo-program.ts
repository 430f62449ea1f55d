/**
 * What Node's dgram costs by itself: each question comes back as its own answer, without an answer in it. A thread a core, each with a socket
 * on the same port. Argument: the port.
 */
import { createSocket } from "node:dgram";
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/** QR, the first bit behind the id: it is an answer (RFC 1035 §4.1.1). */
const FLAGS_AT = 2;
const ANSWER = 0x80;

if (isMainThread) await startThreads(Number(process.argv[2]));
else echo(Number(workerData));

async function startThreads(port: number): Promise<void> {
  const threads = Array.from({ length: availableParallelism() }, () => {
    const thread = new Worker(import.meta.filename, { workerData: port });
    return new Promise((resolve) => thread.once("message", resolve));
  });
  await Promise.all(threads);
  process.stdout.write("ready\n");
}

function echo(port: number): void {
  const socket = createSocket({
    type: "udp4",
    reusePort: true,
    recvBufferSize: 4_194_304,
    lookup: (host, _family, done) => done(null, host, 4),
  });
  socket.on("message", (question, from) => {
    question[FLAGS_AT] = (question[FLAGS_AT] ?? 0) | ANSWER;
    socket.send(question, 0, question.length, from.port, from.address);
  });
  socket.bind({ address: "127.0.0.1", port }, () => parentPort?.postMessage("bound", []));
}
