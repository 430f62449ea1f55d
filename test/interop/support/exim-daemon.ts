/** An Exim of one's own, in the foreground: its configuration, spool and log below a temporary directory; it is told what it is. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"; // prettier-ignore
import { join } from "node:path";
import { EXIM, EXIM_USER } from "../../../scripts/exim.ts";
import type { PrivateNetwork } from "./private-network.ts";
import { run } from "./programs.ts";
import { temporaryDirectory } from "./site.ts";
import { eventually } from "./waiting.ts";

export interface LaunchedExim {
  /** The directory below which all of it is. */
  readonly home: string;
  readonly program: string;
  readonly config: string;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** What it has in its home, beside its spool and log. */
export interface EximFurniture {
  readonly folders?: readonly string[];
  /** Names and what is in them. */
  readonly files?: Readonly<Record<string, string>>;
}

/** An Exim with this configuration (of its home); in a network of its own where one is given. */
export async function launchExim(
  configuration: (home: string) => string,
  furniture: EximFurniture = {},
  network?: PrivateNetwork,
): Promise<LaunchedExim> {
  const home = temporaryDirectory();
  await furnish(home, furniture);
  const config = join(home, "exim.conf");
  writeFileSync(config, `${places(home)}${configuration(home)}`);
  // Exim starts itself again, as its own user, who may not get through to where it was unpacked.
  const program = join(home, "exim4");
  copyFileSync(EXIM, program);
  chmodSync(program, 0o755);
  const [first, ...args] = [...(network?.enter ?? []), program, "-C", config, "-bdf", "-q5s"];
  const daemon = spawn(first ?? program, args, { stdio: "ignore" });
  const ended = once(daemon, "exit");
  const log = (): string => readLog(join(home, "log"));
  await eventually(() => {
    assert.equal(daemon.exitCode, null, `Exim: ${log()}`);
    return log().includes(" daemon started: ") || undefined;
  }, log);
  return {
    home,
    program,
    config,
    log,
    async stop() {
      daemon.kill("SIGTERM");
      await ended;
    },
  };
}

/** All of it belongs to Exim's user but what Exim wants to be root's. */
async function furnish(home: string, { folders = [], files = {} }: EximFurniture): Promise<void> {
  chmodSync(home, 0o755);
  const [uid, gid] = await Promise.all([idOf("-u"), idOf("-g")]);
  for (const folder of ["spool", "log", ...folders]) {
    mkdirSync(join(home, folder));
    chownSync(join(home, folder), uid, gid);
  }
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(home, file), text, { mode: 0o600 });
    chownSync(join(home, file), uid, gid);
  }
}

async function idOf(which: "-u" | "-g"): Promise<number> {
  const { code, stdout, said } = await run("id", [which, EXIM_USER]);
  assert.equal(code, 0, said);
  return Number(stdout.toString());
}

/** Without a setuid program every part of it works as its own user: `deliver_drop_privilege`. */
function places(home: string): string {
  return `exim_path = ${home}/exim4
spool_directory = ${home}/spool
log_file_path = ${home}/log/%slog
deliver_drop_privilege
keep_environment =
`;
}

function readLog(folder: string): string {
  const read = (name: string): string => {
    const file = join(folder, name);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  };
  return ["mainlog", "rejectlog", "paniclog"].map(read).join("");
}
