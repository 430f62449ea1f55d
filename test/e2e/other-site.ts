/** Another company's site, served by a second server of this process: Joe sends from it, and reads there what comes back. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { GatepostServer, makeSite, SERVER_PARTS } from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { silentLog } from "../../src/runtime/index.ts";
import { eventually } from "../support/eventually.ts";
import { handIn, idIn, type Letter } from "./letter.ts";
import { ANY_PORTS, portOf } from "./site.ts";
import { Talk } from "./talk.ts";

export const JOE = "joe@bravo.example";
const JOES_PASSWORD = "joe's own";

export interface OtherPlan {
  /** Overrides of its configuration. */
  readonly settings: readonly string[];
  /** What it needs in its directory before it starts. */
  readonly prepare?: (directory: string) => void;
}

export class OtherSite {
  readonly server: GatepostServer;

  private constructor(server: GatepostServer) {
    this.server = server;
  }

  static async start(t: TestContext, { settings, prepare }: OtherPlan): Promise<OtherSite> {
    const dir = join(temporary(t), "site");
    const file = await makeSite({
      dir,
      hostname: "mx.bravo.example",
      domains: ["bravo.example"],
      signs: false,
      mailboxes: [{ address: JOE, password: JOES_PASSWORD }],
      portBase: 0,
      listen: ["127.0.0.1"],
    });
    prepare?.(dir);
    const overrides = [...ANY_PORTS, ...settings, 'delivery.private_addresses="allow"'];
    const server = await GatepostServer.start(loadConfig(file, overrides), silentLog, SERVER_PARTS);
    t.after(() => server.stop(1000));
    return new OtherSite(server);
  }

  async sends(letter: Omit<Letter, "from">): Promise<void> {
    const talk = await Talk.toTls(portOf(this.server, "submissions"));
    await talk.reply();
    await talk.ask("EHLO client.example");
    const plain = Buffer.from(`\0${JOE}\0${JOES_PASSWORD}`).toString("base64");
    assert.match(await talk.ask(`AUTH PLAIN ${plain}`), /^235 /);
    idIn(await handIn(talk, { from: JOE, ...letter }));
    talk.destroy();
  }

  /** What Joe has in his mailbox, oldest first; it is gone then. */
  async fetch(): Promise<readonly string[]> {
    const talk = await Talk.to(portOf(this.server, "pop3"));
    await talk.reply();
    await talk.ask(`USER ${JOE}`);
    await talk.ask(`PASS ${JOES_PASSWORD}`);
    const messages: string[] = [];
    while ((await talk.ask(`RETR ${messages.length + 1}`)).startsWith("+OK")) {
      messages.push(await talk.block());
      await talk.ask(`DELE ${messages.length}`);
    }
    await talk.ask("QUIT");
    talk.destroy();
    return messages;
  }

  /** Joe gets a report that says so. */
  async returned(words: RegExp): Promise<string> {
    const [report = ""] = await eventually("a report", async () => {
      const there = await this.fetch();
      return there.length === 0 ? undefined : there;
    });
    assert.match(report, words);
    return report;
  }
}

export function temporary(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "gatepost-other-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
