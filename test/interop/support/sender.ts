/** The plainest sender of mail: one command at a time, every reply waited for. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { stuffed } from "./messages.ts";
import { USER, type Site } from "./site.ts";

/** Milliseconds without a byte. */
const PATIENCE = 30_000;

/** Delivers a message on port 25; returns the reply to its final dot, which is a 250. */
export async function send(
  site: Site,
  message: Buffer,
  to = USER,
  from = "sender@remote.example",
): Promise<string> {
  const socket = connect(site.ports.smtp, "127.0.0.1");
  socket.setTimeout(PATIENCE, () => socket.destroy(new Error("the SMTP server is silent")));
  const replies = repliesOf(socket);
  const expect = async (code: string): Promise<string> => {
    const { value = "the connection ended" } = await replies.next();
    assert.ok(value.startsWith(code), value);
    return value;
  };
  await expect("220");
  for (const line of ["EHLO client.example", `MAIL FROM:<${from}>`, `RCPT TO:<${to}>`]) {
    socket.write(`${line}\r\n`);
    await expect("250");
  }
  socket.write("DATA\r\n");
  await expect("354");
  socket.write(Buffer.concat([stuffed(message), Buffer.from(".\r\n")]));
  const accepted = await expect("250");
  socket.end("QUIT\r\n");
  await expect("221");
  return accepted;
}

/** Replies of one or several lines; the last of them has a blank after its code (RFC 5321 §4.2.1). */
async function* repliesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string, undefined> {
  let reply = "";
  for await (const chunk of chunks) {
    reply += chunk.toString("latin1");
    if (!/^\d{3} .*\r\n$/m.test(reply)) continue;
    yield reply;
    reply = "";
  }
}
