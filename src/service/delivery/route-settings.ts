/** The operator's routes as he writes them, as URLs or as tables; passwords, authorities and certificates may still be in files. */
import { z } from "zod";
import {
  parseDomain,
  parseIp,
  parsePin,
  PIN_EXPECTED,
  readLiteral,
  type Domain,
} from "../../mail/index.ts";
import {
  LMTP_ELSEWHERE,
  LMTP_PORT,
  namesSocket,
  parseLmtpSocket,
  SMTP_PORT,
  type HostRoute,
  type LmtpSocket,
} from "../../policy/routing/index.ts";
import { parseName } from "../../protocol/dns/index.ts";

const portNumber = z.int().min(1).max(65_535);

export type RouteSetting = HostRouteSetting | LmtpSocket;

export interface HostRouteSetting extends Omit<HostRoute, "login" | "trust" | "clientCertificate"> {
  readonly login?: { readonly name: string; readonly password: PasswordSetting };
  readonly trust?: TrustSetting;
  /** Files. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
}

export type TrustSetting =
  | { readonly kind: "any" | "authority" }
  | { readonly kind: "authority file"; readonly file: string }
  | { readonly kind: "pin"; readonly sha256: string };

export type PasswordSetting =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly file: string };

const EXPECTED =
  'expected smtp://HOST:PORT, smtps://HOST:PORT, lmtp://HOST:PORT, lmtp:/PATH/OF/SOCKET, or a table { protocol = "smtp" | "lmtp", host, port, tls = "off" | "opportunistic" | "required" | "implicit", login, password_file, ca | pin | tls_verify, certificate, key }';

const SUBMISSIONS_PORT = 465;

const USUAL_PORTS: ReadonlyMap<string, number> = new Map([
  ["smtp", SMTP_PORT],
  ["smtps", SUBMISSIONS_PORT],
  ["lmtp", LMTP_PORT],
]);

const url = z.string().transform((text, context): RouteSetting => {
  if (namesSocket(text)) {
    const read = parseLmtpSocket(text);
    if (typeof read !== "string") return read;
    context.addIssue({ code: "custom", message: read });
    return z.NEVER;
  }
  const [, scheme, login, host = "", port] =
    /^(smtps?|lmtp):\/\/(?:([^@/]*)@)?(\[[0-9A-Fa-f:.IPv]+\]|[^:@/[\]]+)(?::([0-9]{1,5}))?\/?$/.exec(
      text,
    ) ?? [];
  const server = hostOf(host);
  const credentials = login === undefined ? undefined : credentialsOf(login);
  const number = Number(port ?? USUAL_PORTS.get(scheme ?? ""));
  const complete = login === undefined || credentials !== undefined;
  const misplaced = scheme === "lmtp" && number === SMTP_PORT;
  if (server === undefined || !complete || misplaced || !portNumber.safeParse(number).success) {
    context.addIssue({ code: "custom", message: misplaced ? LMTP_ELSEWHERE : EXPECTED });
    return z.NEVER;
  }
  const unsaid = credentials === undefined ? "opportunistic" : "required";
  return {
    ...(scheme === "lmtp" && { protocol: "lmtp" }),
    host: server,
    port: number,
    tls: scheme === "smtps" ? "at once" : unsaid,
    ...(credentials !== undefined && { login: credentials }),
  };
});

const table = z
  .strictObject({
    protocol: z.enum(["smtp", "lmtp"]).optional(),
    host: z.string(),
    port: portNumber.optional(),
    tls: z.enum(["off", "opportunistic", "required", "implicit"]).optional(),
    login: z.string().min(1).optional(),
    password: z.string().min(1).optional(),
    password_file: z.string().min(1).optional(),
    ca: z.string().min(1).optional(),
    pin: z.string().optional(),
    tls_verify: z.boolean().optional(),
    certificate: z.string().min(1).optional(),
    key: z.string().min(1).optional(),
  })
  .transform((route, context): HostRouteSetting => {
    const host = hostOf(route.host);
    const tls = route.tls ?? (route.login === undefined ? "opportunistic" : "required");
    const fault =
      host === undefined
        ? "host: expected a host name or an address"
        : (lmtpFault(route.protocol, route.port, tls) ??
          loginFault(route.login, route.password, route.password_file, tls) ??
          trustFault(route, tls) ??
          ownCertificateFault(route, tls));
    if (fault !== undefined || host === undefined) {
      context.addIssue({ code: "custom", message: fault ?? EXPECTED });
      return z.NEVER;
    }
    const { login, password, password_file: file = "" } = route;
    const secret: PasswordSetting =
      password === undefined ? { kind: "file", file } : { kind: "text", text: password };
    const implicit = tls === "implicit";
    const usual = USUAL_PORTS.get(implicit ? "smtps" : (route.protocol ?? "smtp"));
    const trust = trustSetting(route);
    const { certificate, key } = route;
    return {
      ...(route.protocol === "lmtp" && { protocol: route.protocol }),
      host,
      port: route.port ?? usual ?? SMTP_PORT,
      tls: implicit ? "at once" : tls,
      ...(login !== undefined && { login: { name: login, password: secret } }),
      ...(trust !== undefined && { trust }),
      ...(certificate !== undefined &&
        key !== undefined && { clientCertificate: { certificate, key } }),
    };
  });

function lmtpFault(
  protocol: string | undefined,
  port: number | undefined,
  tls: string,
): string | undefined {
  if (protocol !== "lmtp") return undefined;
  if (port === SMTP_PORT) return LMTP_ELSEWHERE;
  if (tls === "implicit")
    return 'LMTP begins in the clear: expected tls = "off", "opportunistic" or "required"';
  return undefined;
}

interface WrittenTrust {
  readonly ca?: string | undefined;
  readonly pin?: string | undefined;
  readonly tls_verify?: boolean | undefined;
}

function trustFault({ ca, pin, tls_verify }: WrittenTrust, tls: string): string | undefined {
  const written = [ca, pin, tls_verify].filter((one) => one !== undefined).length;
  if (written === 0) return undefined;
  if (written > 1) return "expected one of ca, pin and tls_verify";
  if (pin !== undefined && parsePin(pin) === undefined) return `pin: ${PIN_EXPECTED}`;
  if (tls === "off" || tls === "opportunistic")
    return 'a certificate is asked for where TLS is: expected tls = "required" or "implicit"';
  return undefined;
}

function ownCertificateFault(
  {
    certificate,
    key,
  }: { readonly certificate?: string | undefined; readonly key?: string | undefined },
  tls: string,
): string | undefined {
  if ((certificate === undefined) !== (key === undefined))
    return "certificate and key belong together: expected both, files in PEM";
  return certificate !== undefined && tls === "off"
    ? "a certificate is shown over TLS only: expected another tls than off"
    : undefined;
}

function trustSetting({ ca, pin, tls_verify }: WrittenTrust): TrustSetting | undefined {
  const sha256 = parsePin(pin ?? "");
  if (sha256 !== undefined) return { kind: "pin", sha256 };
  if (ca !== undefined) return { kind: "authority file", file: ca };
  if (tls_verify === undefined) return undefined;
  return { kind: tls_verify ? "authority" : "any" };
}

function loginFault(
  login: string | undefined,
  password: string | undefined,
  file: string | undefined,
  tls: string,
): string | undefined {
  const passwords = [password, file].filter((one) => one !== undefined).length;
  if (login === undefined) return passwords === 0 ? undefined : "expected a login to the password";
  if (passwords !== 1) return "expected password or password_file to the login, and not both";
  if (tls === "off" || tls === "opportunistic")
    return 'a login goes over TLS only: expected tls = "required" or "implicit"';
  return undefined;
}

function hostOf(text: string): HostRoute["host"] | undefined {
  const ip = parseIp(text) ?? readLiteral(text) ?? parseIp(text.replace(/^\[(.*)\]$/, "$1"));
  if (ip !== undefined) return { kind: "address", ip };
  const domain = parseDomain(text);
  const name = domain === undefined ? undefined : parseName(domain);
  return name === undefined ? undefined : { kind: "name", name };
}

/** "user:password", octets that mean something else percent-encoded. */
function credentialsOf(text: string): HostRouteSetting["login"] | undefined {
  const [, name, password] = /^([^:]+):([^:]+)$/.exec(text) ?? [];
  if (name === undefined || password === undefined) return undefined;
  try {
    const secret: PasswordSetting = { kind: "text", text: decodeURIComponent(password) };
    return { name: decodeURIComponent(name), password: secret };
  } catch {
    return undefined; // a percent sign that begins no octet
  }
}

/** By domain, or "*" for all that have none. */
export const routesSchema = z
  .record(z.string(), z.union([url, table]))
  .transform((routes, context): ReadonlyMap<Domain | "*", RouteSetting> => {
    const read = new Map<Domain | "*", RouteSetting>();
    for (const [name, route] of Object.entries(routes)) {
      const domain = name === "*" ? name : parseDomain(name);
      if (domain === undefined)
        context.addIssue({
          code: "custom",
          path: [name],
          message: 'expected a domain, or "*" for all others',
        });
      else read.set(domain, route);
    }
    return read;
  });

export type RoutesSettings = z.output<typeof routesSchema>;
