/** The first words of TLS: those of a client, to be said again and again without any work, and those of a server. */
import { createServer, type AddressInfo } from "node:net";
import { connect } from "node:tls";

/** What the network sees of a TLS connection's beginning. */
export async function clientHello(): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const listener = createServer((socket) => socket.on("error", () => {}).once("data", resolve));
  await new Promise<void>((listening) => listener.listen(0, "127.0.0.1", listening));
  const { port } = listener.address() as AddressInfo; // a TCP server's address is an AddressInfo
  const client = connect({ port, host: "127.0.0.1" }).on("error", () => {});
  const octets = await promise;
  client.destroy();
  listener.close();
  return octets;
}

/** What was said begins with a ServerHello, octets as characters. */
export function isServerHello(said: string): boolean {
  return said.startsWith("\x16\x03\x03");
}
