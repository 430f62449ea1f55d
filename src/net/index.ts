/** Every socket: listen, TLS, PROXY headers, time limits, the resolver. Carries bytes to a dialogue and its words back; knows no protocol but the DNS. */
export { LINGER_MS, type ConnectionEnvironment, type Converse } from "./connection.ts";
export {
  NetDialler,
  type Connected,
  type ConnectOptions,
  type Conversing,
  type Dialled,
  type DiallerSettings,
  type NotConnected,
} from "./dialler.ts";
export {
  DatagramServer,
  type AnswersDatagrams,
  type DatagramPort,
  type PortSharing,
} from "./datagram-server.ts";
export { SocketCarrier, type Carrier } from "./dns-carrier.ts";
export { framed, IncomingMessages } from "./dns-frames.ts";
export type { Endpoint, SocketEndpoint, TcpEndpoint } from "./endpoint.ts";
export type { FetchedFile } from "./fetched-file.ts";
export { fetchHttpFile } from "./http-file.ts";
export { fetchHttpsFile, type HttpsFile } from "./https-file.ts";
export { HTTP_BUSY, HttpDialogue, type HttpLimits, type HttpParts } from "./http.ts";
export type { HttpRequest, HttpResponse } from "./http-request.ts";
export { ListenError, type WantedPort } from "./listen-error.ts";
export { greetingDelay, noGreetingDelay, type GreetingDelay } from "./greeting-delay.ts";
export { ipv4Routes, ipv6Routes, machineFacts, type Machine } from "./machine.ts";
export type { Peer } from "./peer.ts";
export * from "./proxy-header.ts";
export { NetResolver, openResolver, type ResolverMachine } from "./resolver.ts";
export { makeSelfSigned, selfSignedContext, type KeyPairPem } from "./self-signed.ts";
export { machineAddresses, ownEndpoints } from "./own-endpoints.ts";
export { openFilesLimit } from "./open-files.ts";
export { parseNameServer, type NameServer } from "./name-server.ts";
export type { ConnectionLimits, LimitName } from "./occupancy.ts";
export {
  NetServer,
  type ListenerOptions,
  type Listening,
  type OpenDialogue,
  type Service,
  type ServiceEnvironment,
} from "./server.ts";
export { asksCertificate } from "./settings.ts";
export { certificateFor, TlsContext, type TlsFiles } from "./tls-context.ts";
export {
  publicAuthorities,
  trustedAuthorities,
  type CertificateProblem,
  type ShownCertificate,
} from "./shown-certificate.ts";
