/**
 * Cyrus as the server that has the mailboxes of `inner.example`: its master, with LMTP and IMAP behind sockets, everything
 * below a temporary directory. IMAP asks for no password there; the mailboxes are made by it.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { basename, join } from "node:path";
import { createInterface } from "node:readline/promises";
import { cyrusFiles } from "../../../scripts/cyrus.ts";
import { LMTP_USERS, NOBODY, type LmtpServer, type LmtpUser } from "./lmtp-server.ts";
import { temporaryDirectory } from "./site.ts";
import { eventually } from "./waiting.ts";

export async function startCyrus(): Promise<LmtpServer> {
  const home = temporaryDirectory();
  furnish(home);
  const args = ["-D", "-C", `${home}/imapd.conf`, "-M", `${home}/cyrus.conf`, "-p", `${home}/pid`];
  const master = spawn(join(home, "bin", "master"), args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, LD_LIBRARY_PATH: join(home, "lib") },
  });
  let said = "";
  master.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const ids = await eventually(
    () => {
      if (master.exitCode !== null) throw new Error(`cyrus: ${said}`);
      return makeMailboxes(`${home}/run/imap`).catch(() => undefined);
    },
    () => `cyrus is not there: ${said}`,
  );
  return {
    mailboxes: `lmtp:${home}/run/lmtp`,
    log: () => said,
    messages: (user) => messagesIn(home, ids.get(user) ?? assert.fail(user)),
    async stop() {
      master.kill("SIGTERM");
      if (master.exitCode === null) await once(master, "exit");
    },
  };
}

/** Its user, nobody, may not get through to where it was unpacked. */
function furnish(home: string): void {
  for (const place of ["", "bin", "lib", "conf", "mail", "run", "run/proc", "run/lock"]) {
    mkdirSync(join(home, place), { recursive: true });
    chmodSync(join(home, place), 0o755);
    chownSync(join(home, place), NOBODY, NOBODY);
  }
  const { programs, libraries } = cyrusFiles();
  for (const file of programs) copyFileSync(file, join(home, "bin", basename(file)));
  for (const file of libraries) copyFileSync(file, join(home, "lib", basename(file)));
  writeFileSync(join(home, "imapd.conf"), imapdConfiguration(home));
  writeFileSync(join(home, "cyrus.conf"), masterConfiguration(home));
}

function imapdConfiguration(home: string): string {
  return `configdirectory: ${home}/conf
defaultpartition: default
partition-default: ${home}/mail
proc_path: ${home}/run/proc
mboxname_lockpath: ${home}/run/lock
cyrus_user: nobody
admins: cyrus
allowplaintext: yes
servername: inner.example
virtdomains: userid
defaultdomain: none.invalid
unixhierarchysep: yes
lmtp_downcase_rcpt: yes
`;
}

function masterConfiguration(home: string): string {
  const command = (program: string): string => `${home}/bin/${program} -C ${home}/imapd.conf`;
  return `START {
  recover cmd="${command("ctl_cyrusdb")} -r"
}
SERVICES {
  imap cmd="${command("imapd")} -N" listen="${home}/run/imap" prefork=0
  lmtpunix cmd="${command("lmtpd")}" listen="${home}/run/lmtp" prefork=0
}
EVENTS {
}
`;
}

/** Each user's, with the name of its directory. */
async function makeMailboxes(socket: string): Promise<ReadonlyMap<LmtpUser, string>> {
  const said = await imap(socket, [
    "LOGIN cyrus any",
    ...LMTP_USERS.map((user) => `CREATE user/${user}@inner.example`),
    "SETQUOTA user/full@inner.example (STORAGE 0)",
    "LOGOUT",
  ]);
  const ids = said.flatMap((line) => /MAILBOXID \((\w+)\)/.exec(line)?.[1] ?? []);
  assert.equal(ids.length, LMTP_USERS.length, said.join("\n"));
  return new Map(LMTP_USERS.map((user, i) => [user, ids[i] ?? ""]));
}

/** One command after the other; all that was said. */
async function imap(path: string, commands: readonly string[]): Promise<string[]> {
  const socket = connect(path);
  await once(socket, "connect");
  const said: string[] = [];
  let next = 0;
  for await (const line of createInterface({ input: socket })) {
    said.push(line);
    const answered = line.startsWith(`${next} `) || next === 0;
    const command = commands[next];
    if (answered && command !== undefined) socket.write(`${++next} ${command}\r\n`);
  }
  return said;
}

function messagesIn(home: string, id: string): readonly string[] {
  const directory = join(home, "mail", "uuid", id.slice(0, 1), id.slice(1, 2), id);
  return readdirSync(directory)
    .filter((name) => /^\d+\.$/.test(name))
    .map((name) => readFileSync(join(directory, name), "utf8").replaceAll("\r\n", "\n"));
}
