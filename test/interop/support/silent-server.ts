/** A server of another domain that takes connections and never says a word: whoever calls it waits. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

export class SilentServer {
  readonly #sockets: Socket[] = [];
  readonly #called = Promise.withResolvers<void>();
  readonly #server: Server = createServer((socket) => {
    this.#sockets.push(socket.on("error", () => socket.destroy()));
    this.#called.resolve();
  });

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // a TCP server's address is an AddressInfo
  }

  /** There was a connection. */
  get called(): Promise<void> {
    return this.#called.promise;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
