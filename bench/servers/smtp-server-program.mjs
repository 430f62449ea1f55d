/**
 * A mail server of the npm package smtp-server: takes mail for one domain, and answers when the message's file is
 * written, flushed and in place. Plain JavaScript, for the package is the bench's own and may not be there.
 * Arguments: port, maildir.
 */
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";

const [port, maildir] = process.argv.slice(2);
let number = 0;

async function store(chunks) {
  const name = `${Date.now()}.${process.pid}_${++number}.bench`;
  const file = await open(join(maildir, "tmp", name), "wx");
  try {
    await file.writev(chunks);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(join(maildir, "tmp", name), join(maildir, "new", name));
}

const server = new SMTPServer({
  name: "mx.local.example",
  logger: false,
  disabledCommands: ["AUTH", "STARTTLS"],
  disableReverseLookup: true,
  onRcptTo({ address }, session, reply) {
    if (address.endsWith("@local.example")) return reply();
    reply(Object.assign(new Error("Relay access denied"), { responseCode: 554 }));
  },
  onData(stream, session, reply) {
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => store(chunks).then(() => reply(), reply));
  },
});
server.on("error", (error) => process.stderr.write(`${error.message}\n`));
server.listen(Number(port), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
