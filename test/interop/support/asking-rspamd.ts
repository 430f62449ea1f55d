/** rspamd that asks published lists, by the settings of docs/publishing.md, and nobody else: it has no module but that one. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documented } from "./documented.ts";
import { startForeground, type Foreground } from "./foreground.ts";
import type { PrivateNetwork } from "./private-network.ts";
import { temporaryDirectory } from "./site.ts";

const PLACE = "127.0.0.1:2528";

export interface Asked {
  readonly from: string;
  readonly sender: string;
}

/** What `rspamc --json` prints, as far as it is looked at. */
interface Scanned {
  readonly action: string;
  readonly symbols: Readonly<Record<string, { readonly options?: readonly string[] }>>;
}

export class AskingRspamd {
  readonly #network: PrivateNetwork;
  readonly #daemon: Foreground;

  private constructor(network: PrivateNetwork, daemon: Foreground) {
    this.#network = network;
    this.#daemon = daemon;
  }

  static async start(network: PrivateNetwork): Promise<AskingRspamd> {
    const home = temporaryDirectory();
    chmodSync(home, 0o755); // it drops to a user of its own, who must get through
    mkdirSync(join(home, "data"));
    chmodSync(join(home, "data"), 0o777);
    const config = join(home, "rspamd.conf");
    writeFileSync(join(home, "suffixes"), "example\norg\n");
    writeFileSync(config, configuration(home));
    const args = ["--no-fork", "--insecure", "-u", "_rspamd", "-g", "_rspamd", "-c", config];
    const command = [...network.enter, "rspamd", ...args] as const;
    return new AskingRspamd(network, await startForeground(command, /listening for control/));
  }

  /** What it would do with a message, and for which symbols: `reject GATEPOST_RELAY[9.9.9.66:from]`. */
  async says({ from, sender }: Asked): Promise<string> {
    const args = ["-h", PLACE, "--ip", from, "--from", sender, "--json"];
    const { code, stdout, said } = await this.#network.run("rspamc", args, { input: MESSAGE });
    assert.equal(code, 0, said);
    const { action, symbols } = JSON.parse(stdout.toString()) as Scanned; // what rspamc has just printed
    const found = Object.entries(symbols).map(([symbol, { options = [] }]) => `${symbol}[${options.join()}]`); // prettier-ignore
    return [action, ...found].join(" ");
  }

  log(): string {
    return this.#daemon.log();
  }

  stop(): Promise<void> {
    return this.#daemon.stop();
  }
}

const MESSAGE = "From: somebody@elsewhere.example\nSubject: lists\n\nhello\n";

/** Its own one would take seconds to read all public suffixes. The documented files stand where Debian includes them. */
function configuration(home: string): string {
  return `options {
  pidfile = "${home}/data/pid";
  control_socket = "${home}/data/control mode=0600";
  tempdir = "${home}/data";
  url_tld = "${home}/suffixes";
  filters = "";
  disable_hyperscan = true;
}
logging { type = "console"; level = "info"; }
worker "normal" { bind_socket = "${PLACE}"; count = 1; }
modules { path = "/usr/share/rspamd/plugins/rbl.lua"; }
actions { reject = 15; }
rbl {
${documented("rspamd: local.d/rbl.conf")}}
group "rbl" {
${documented("rspamd: local.d/rbl_group.conf")}}
`;
}
