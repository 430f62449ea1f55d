/** The options of `gatepost test`, and what they say together with the site's settings, where there is a site. */
import { sitesTester, type TesterPlan, type TestWanted } from "../app/index.ts";
import { parseAddress, parseIp, type Domain } from "../mail/index.ts";
import { parseHostName, parseTarget, type Knowledge } from "../operate/tester/index.ts";
import { CommandError } from "./exit.ts";
import type { ReportOptions } from "./report-files.ts";
import { siteConfigIfAny, type SiteOptions } from "./site-options.ts";

export interface TestOptions extends ReportOptions {
  readonly domain?: string;
  readonly mailbox?: string;
  readonly ports: string;
  readonly mine?: boolean;
  readonly sink?: string;
  readonly testerDomain?: string;
  readonly wait: string;
  readonly pace?: string;
  readonly vector?: string;
  readonly targets?: string;
  readonly connections: string;
  /** True: the last one. */
  readonly resume?: string | true;
  readonly self?: boolean;
}

export function testerPlan(options: TestOptions & SiteOptions): TesterPlan {
  const domain =
    options.testerDomain === undefined
      ? undefined
      : domainOf(options.testerDomain, "--tester-domain");
  const sink = options.sink === undefined ? undefined : sinkOf(options.sink);
  return {
    ...sitesTester(siteConfigIfAny(options), { domain }),
    ...(sink !== undefined && { sink }),
    waitMs: seconds(options.wait) * 1000,
  };
}

function sinkOf(text: string): TesterPlan["sink"] {
  const target = parseTarget(
    text === "localhost" ? "127.0.0.1" : text.replace(/^localhost:/, "127.0.0.1:"),
  );
  const [ip, port] =
    target.kind === "host" && target.implicitTls === undefined
      ? [parseIp(target.host), target.port]
      : [];
  if (ip === undefined || port === undefined)
    throw new CommandError(
      `--sink ${text}: expected an address of this machine and a port, such as 127.0.0.1:2526`,
    );
  return { ip, port };
}

function seconds(text: string): number {
  if (/^[0-9]{1,5}$/.test(text)) return Number(text);
  throw new CommandError(`--wait ${text}: expected seconds`);
}

function domainOf(text: string, option: string): Domain {
  const domain = parseHostName(text);
  if (domain !== undefined) return domain;
  throw new CommandError(`${option} ${text}: expected a domain such as example.org`);
}

export function knowledgeOf({ domain, mailbox }: TestOptions): Knowledge {
  return {
    ...(domain !== undefined && { domain: domainOf(domain, "--domain") }),
    ...(mailbox !== undefined && { mailbox: mailboxOf(mailbox) }),
  };
}

/** A name of letters and digits, as the catalogue's sub-addresses are made of it. */
function mailboxOf(text: string): NonNullable<Knowledge["mailbox"]> {
  const address = parseAddress(text);
  if (
    typeof address !== "string" &&
    address.host.kind === "domain" &&
    /^[a-z0-9.-]{1,20}$/i.test(address.local)
  )
    return { local: address.local, domain: address.host.domain };
  throw new CommandError(
    `--mailbox ${text}: expected an address such as user@example.org, its name of at most 20 letters and digits`,
  );
}

export function wantedTarget(
  host: string | undefined,
  { domain }: TestOptions,
): Pick<TestWanted, "target" | "name"> {
  if (host !== undefined) return { target: parseTarget(host), name: host };
  if (domain === undefined)
    throw new CommandError(
      "which server? Name a host, or --domain for the servers of a domain, or --self for this site",
    );
  const name = domainOf(domain, "--domain");
  return { target: { kind: "domain", domain: name }, name };
}
