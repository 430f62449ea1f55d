/** Why a port cannot be opened, in words for the operator. */
import { OperatorError } from "../runtime/index.ts";

export interface WantedPort {
  /** The setting that named the address: "listen.smtp". */
  readonly setting: string;
  readonly address: string;
  readonly port: number;
}

export class ListenError extends OperatorError {
  override readonly name = "ListenError";

  static of(error: NodeJS.ErrnoException, wanted: WantedPort): ListenError {
    return new ListenError(listenProblem(error, wanted), { cause: error });
  }
}

function listenProblem(
  error: NodeJS.ErrnoException,
  { address, port, setting }: WantedPort,
): string {
  const where = `${address} port ${port} (setting ${setting})`;
  switch (error.code) {
    case "EADDRINUSE":
      return `cannot listen on ${where}: another program has this port; stop it or change ${setting} or listen.port_base`;
    case "EACCES":
      return `cannot listen on ${where}: ports below 1024 need the capability CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE)`;
    case "EADDRNOTAVAIL":
      return `cannot listen on ${where}: this machine has no such address`;
    default:
      return `cannot listen on ${where}: ${error.message}`;
  }
}
