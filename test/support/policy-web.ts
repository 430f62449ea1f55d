/** A web server that has an MTA-STS policy, or something else, on loopback. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { makeAuthority, makeCertificate, type Made } from "./certificates.ts";

export const ROOT = await makeAuthority();
export const POLICY_HOST = "mta-sts.foreign.example";
export const WEB = await makeCertificate({ names: [POLICY_HOST], by: ROOT });

interface Owner {
  after(close: () => void): void;
}

export interface Web {
  readonly port: number;
  /** "host path" of each request. */
  readonly asked: string[];
}

export function policyText(mode: string, servers: readonly string[], maxAge = 86_400): string {
  const lines = ["version: STSv1", `mode: ${mode}`, ...servers.map((mx) => `mx: ${mx}`)];
  return [...lines, `max_age: ${maxAge}`, ""].join("\r\n");
}

type Respond = (response: ServerResponse, request: IncomingMessage) => void;

export function text(policy: string, type = "text/plain"): Respond {
  return (response) => response.writeHead(200, { "content-type": type }).end(policy);
}

export async function openWeb(owner: Owner, respond: Respond, shown: Made = WEB): Promise<Web> {
  const asked: string[] = [];
  const server = createServer({ cert: shown.certificate, key: shown.key }, (request, response) => {
    asked.push(`${request.headers.host} ${request.url}`);
    respond(response, request);
  });
  server.on("tlsClientError", () => undefined); // a client that does not like the certificate
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  owner.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, asked }; // a TCP server's address is an AddressInfo
}
