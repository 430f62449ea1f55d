/** A port with TLS from the first byte, where clients are asked for a certificate; and what they were seen to show. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeSelfSigned, NetServer, TlsContext } from "../../src/net/index.ts";
import type { TlsFacts } from "../../src/protocol/dialogue/index.ts";
import { EchoService } from "../net/echo.ts";

export interface AskingServer {
  readonly port: number;
  readonly service: EchoService;
  readonly context: TlsContext;
  /** What the handshake of the n-th connection led to, from 0. */
  facts(n: number): Promise<TlsFacts>;
  stop(): Promise<void>;
}

const LIMITS = { connections: 999, connectionsPerAddress: 999, connectionsPerNetwork: 999 };

export async function askingServer(implicitTls = true): Promise<AskingServer> {
  const directory = mkdtempSync(join(tmpdir(), "gatepost-asking-"));
  const files = { certificate: join(directory, "cert.pem"), key: join(directory, "key.pem") };
  const pair = await makeSelfSigned("mx.local.example", Date.now());
  writeFileSync(files.certificate, pair.certificate);
  writeFileSync(files.key, pair.key);
  const service = new EchoService();
  const context = new TlsContext([files], service.log);
  service.asksCertificate = true;
  service.secureContext = (name) => context.currentWithoutTickets(name);
  const net = new NetServer(() => LIMITS, service.log);
  const { port } = await net.listen(
    { name: "asking", setting: "", address: "127.0.0.1", port: 0, implicitTls, proxyFrom: [] },
    service,
  );
  return {
    port,
    service,
    context,
    async facts(n) {
      const { peer, tls = peer.tls } = await service.dialogue(n);
      if (tls === undefined) throw new Error("there is no TLS");
      return tls;
    },
    async stop() {
      context.close();
      await net.stop(0);
      rmSync(directory, { recursive: true });
    },
  };
}
