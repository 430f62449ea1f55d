/**
 * `gatepost quickstart`, which `npm start` runs: a real server on this machine alone, with one mailbox, in
 * ./data. Made at the first start, served at each.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { CONFIG_NAME, makeSite, type GatepostServer, type ServiceName } from "../app/index.ts";
import { loadConfig } from "../config/index.ts";
import { systemRandom } from "../runtime/index.ts";
import { generatePassword } from "../service/accounts/index.ts";
import { print } from "./output.ts";
import { portText, readyLine, startServing } from "./serve.ts";

const DIR = "data";
const HOSTNAME = "mail.example.test";
const DOMAIN = "example.test";
const MAILBOX = `you@${DOMAIN}`;
const PORT_BASE = 10_000;
const ADDRESS = "127.0.0.1";

/** Nobody needs to read a line for each session here. */
const OVERRIDES = ["log.level=warn"];

/** Beside the store, readable by its owner only: this site is for trying, and the commands shown must work each time. */
const PASSWORD_FILE = join(DIR, "quickstart-password");

export function quickstartCommand(program: Command): void {
  program
    .command("quickstart", { hidden: true })
    .description(
      "make a site for trying in ./data, unless there is one, and serve it on this machine alone",
    )
    .action(run);
}

async function run(): Promise<void> {
  const file = join(DIR, CONFIG_NAME);
  if (!existsSync(file)) await makeQuickstartSite();
  const loaded = loadConfig(file, OVERRIDES);
  const { server } = await startServing(loaded, OVERRIDES);
  print(instructions(server));
  print(readyLine(server));
}

async function makeQuickstartSite(): Promise<void> {
  const password = generatePassword(systemRandom);
  await makeSite({
    dir: DIR,
    hostname: HOSTNAME,
    domains: [DOMAIN],
    signs: false,
    mailboxes: [{ address: MAILBOX, password }],
    portBase: PORT_BASE,
    listen: [ADDRESS],
  });
  writeFileSync(PASSWORD_FILE, `${password}\n`, { mode: 0o600 });
}

function instructions(server: GatepostServer): string {
  const password = existsSync(PASSWORD_FILE)
    ? readFileSync(PASSWORD_FILE, "utf8").trim()
    : "PASSWORD";
  const smtp = reachable(server, "smtp");
  const pop3 = reachable(server, "pop3");
  return `
Gatepost is running, for this machine alone. Its site is in ./${DIR}.

  host name   ${HOSTNAME}
  domain      ${DOMAIN}
  mailbox     ${MAILBOX}
  password    ${password}
  SMTP        ${smtp}, STARTTLS
  Submission  ${reachable(server, "submission")}, STARTTLS
      (TLS)   ${reachable(server, "submissions")}
  POP3        ${pop3}, STLS
  POP3 (TLS)  ${reachable(server, "pop3s")}
  HTTP        ${reachable(server, "http")}, automatic set-up of mail programs
  HTTPS       ${reachable(server, "https")}, the same, and MTA-STS policies
  proof       ${server.proof.summary}

Send a message, in another terminal:

  ${sendCommand(smtp)}

Fetch it:

  curl --user '${MAILBOX}:${password}' pop3://${pop3}/1

Stop with Ctrl-C.
`;
}

/** Where the service is; the site in ./data may have been edited. */
function reachable(server: GatepostServer, service: ServiceName): string {
  const open = server.ports.find(({ planned }) => planned.service === service);
  return open === undefined ? "off" : portText(open);
}

/** `--crlf`: the text has Unix line ends, mail has CRLF. */
function sendCommand(smtp: string): string {
  const text = `From: friend@example.net\\nTo: ${MAILBOX}\\nSubject: hello\\n\\nIt works.\\n`;
  return (
    `printf '${text}' | curl --crlf --mail-from friend@example.net --mail-rcpt ${MAILBOX} ` +
    `--upload-file - smtp://${smtp}`
  );
}
