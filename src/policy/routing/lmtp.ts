/** Where LMTP is (RFC 2033), as an operator writes it: a socket of this machine, as Dovecot and Cyrus have, or a host; never the port of SMTP. */
import { parseSocketPath, SOCKET_PATH_OCTETS, type SocketPath } from "../../mail/index.ts";

/** Where LMTP is by custom; on SMTP's port it MUST NOT be (RFC 2033 §5). */
export const LMTP_PORT = 24;
export const SMTP_PORT = 25;

export const LMTP_ELSEWHERE = "port 25 is SMTP's, and LMTP must not be there (RFC 2033)";

/** "lmtp:" and no host: a socket is meant. */
export function namesSocket(text: string): boolean {
  return /^lmtp:(?!\/\/[^/])/i.test(text);
}

/** "lmtp:/run/dovecot/lmtp", also as Postfix writes it, "lmtp:unix:/run/dovecot/lmtp"; words for anything else. */
export function parseLmtpSocket(text: string): LmtpSocket | string {
  const path = text.replace(/^lmtp:(?:unix:)?/i, "");
  const socket = parseSocketPath(path);
  if (socket !== undefined) return { socket };
  const below = path.startsWith("/") ? "" : "; Postfix would read it below /var/spool/postfix";
  return `"${path}" is no absolute path of a socket (at most ${SOCKET_PATH_OCTETS} octets, no "." and ".."); expected one such as lmtp:/run/dovecot/lmtp${below}`;
}

export interface LmtpSocket {
  readonly socket: SocketPath;
}

export function socketText({ socket }: LmtpSocket): string {
  return `lmtp:${socket}`;
}
