/** From the `[listen]` table to the ports that are to be open. */
import type { Config } from "../config/index.ts";
import { ipReach, parseIp } from "../mail/index.ts";
import { asksCertificate, type ListenerOptions } from "../net/index.ts";

/** In the order in which they are opened and shown. */
export const SERVICES = [
  "smtp",
  "submission",
  "submissions",
  "pop3",
  "pop3s",
  "http",
  "https",
] as const;

export type ServiceName = (typeof SERVICES)[number];

export interface PlannedListener extends ListenerOptions {
  readonly service: ServiceName;
  /** STARTTLS or STLS is offered on it. */
  readonly startTls: boolean;
  /** Clients are asked for a certificate. */
  readonly asksCertificate: boolean;
}

const PORTS: Readonly<Record<ServiceName, number>> = {
  smtp: 25,
  submission: 587,
  submissions: 465,
  pop3: 110,
  pop3s: 995,
  http: 80,
  https: 443,
};

/** RFC 8314 §3: TLS from the first byte; else by a command, where the protocol has one. */
const IMPLICIT: ReadonlySet<ServiceName> = new Set(["submissions", "pop3s", "https"]);

/** Asked by web clients. */
export function isWeb({ service }: Pick<PlannedListener, "service">): boolean {
  return service === "http" || service === "https";
}

/** Users hand in their own mail here. */
export function isSubmission({ service }: Pick<PlannedListener, "service">): boolean {
  return service === "submission" || service === "submissions";
}

/** Mail comes from servers whose addresses the world can look up, or shall be taken as if. */
export function meetsStrangers(config: Config): boolean {
  const { enabled, private_clients: privateToo } = config.authentication;
  const reached = ({ address, proxyFrom }: PlannedListener): boolean => {
    const ip = parseIp(address);
    return privateToo || proxyFrom.length > 0 || ip === undefined || ipReach(ip) !== "loopback";
  };
  return enabled && plannedListeners(config).some((one) => one.service === "smtp" && reached(one));
}

export function plannedListeners({ listen, tls }: Config): readonly PlannedListener[] {
  return SERVICES.flatMap((service) =>
    listen[service].map((setting) => {
      const own = typeof setting === "string" ? { address: setting } : setting;
      const usual = IMPLICIT.has(service) ? "implicit" : "starttls";
      const begins =
        tls === undefined || service === "http"
          ? "off"
          : (("tls" in own ? own.tls : undefined) ?? usual);
      return {
        service,
        name: service,
        setting: `listen.${service}`,
        address: own.address,
        port: ("port" in own ? own.port : undefined) ?? listen.port_base + PORTS[service],
        implicitTls: begins === "implicit",
        startTls: begins === "starttls",
        asksCertificate: asksCertificate(setting),
        proxyFrom: "proxy_from" in own ? own.proxy_from : [],
      };
    }),
  );
}

/** Two configurations mean the same port when this is equal: a reload leaves it open, with the new one's options. */
export function listenerKey({ service, address, port }: PlannedListener): string {
  return port === 0 ? `${address} any port for ${service}` : `${address} ${port}`;
}
