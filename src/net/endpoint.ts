/** Where a connection of ours goes: an address and a port, or a socket in the file system of this machine. */
import { statSync } from "node:fs";
import { isIpv6, type Ip, type SocketPath } from "../mail/index.ts";
import { errorText } from "../runtime/index.ts";

export interface TcpEndpoint {
  readonly ip: Ip;
  readonly port: number;
}

export interface SocketEndpoint {
  readonly socket: SocketPath;
}

export type Endpoint = TcpEndpoint | SocketEndpoint;

/** As `node:net` wants it; `from` is an address of ours, left out the system's choice. */
export function connectOptions(endpoint: Endpoint, from: Ip | undefined) {
  if ("socket" in endpoint) return { path: endpoint.socket };
  const { ip, port } = endpoint;
  return {
    host: ip,
    port,
    family: isIpv6(ip) ? 6 : 4,
    noDelay: true,
    ...(from !== undefined && { localAddress: from }),
  };
}

/** Why there is no connection, in words. */
export function connectProblem(error: NodeJS.ErrnoException, endpoint: Endpoint): string {
  const problem = "socket" in endpoint ? socketProblem(error, endpoint.socket) : undefined;
  if (problem !== undefined) return problem;
  switch (error.code) {
    case "ECONNREFUSED":
      return "connection refused";
    case "ETIMEDOUT":
      return "no answer";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "no way there";
    case "EADDRNOTAVAIL":
      return "this machine has no address to connect from";
    default:
      return error.code ?? errorText(error);
  }
}

/** connect(2) and unix(7): what the operator has to mend. */
function socketProblem({ code }: NodeJS.ErrnoException, path: SocketPath): string | undefined {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return "there is no such socket";
    case "EACCES":
      return "no permission: the user that Gatepost runs as may not write to the socket, or not enter a directory above it";
    case "ECONNREFUSED":
      return isSocket(path) ? "nobody listens on the socket" : "it is no socket";
    case "EAGAIN":
      return "too many connections wait on the socket";
    case "EPROTOTYPE":
      return "it is a socket of another kind";
    default:
      return undefined;
  }
}

/** Where it cannot be seen, it was one when the connection was refused. */
function isSocket(path: SocketPath): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return true;
  }
}
