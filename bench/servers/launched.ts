/** A Gatepost started by the bench's launcher: what its event loop did can be asked, and Node be told to profile it. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { SETTINGS, type GatepostSite } from "./gatepost.ts";
import type { Asked, LoopDelay, Told } from "./launcher.ts";
import type { Pop3Peer, SmtpPeer } from "./peer.ts";

const LAUNCHER = fileURLToPath(new URL("launcher.ts", import.meta.url));

export interface Launched extends SmtpPeer, Pop3Peer {
  /** Of the time since it was last asked. */
  loopDelay(): Promise<LoopDelay>;
}

export interface LaunchOptions {
  /** Settings beyond those of every Gatepost here. */
  readonly settings?: readonly string[];
  /** Options for Node itself. */
  readonly nodeOptions?: readonly string[];
}

export async function launch(
  { config, smtp, pop3 }: GatepostSite,
  { settings = [], nodeOptions = [] }: LaunchOptions = {},
): Promise<Launched> {
  const child = fork(LAUNCHER, [config, ...SETTINGS, ...settings], { execArgv: [...nodeOptions] });
  const ended = exitOf(child);
  const told = async <Kind extends Told["kind"]>(kind: Kind): Promise<Told & { kind: Kind }> => {
    const heard = await Promise.race([message(child), ended]);
    if (isOf(heard, kind)) return heard;
    throw new Error(`the launched Gatepost said ${JSON.stringify(heard)} instead of ${kind}`);
  };
  const loopDelay = (): Promise<LoopDelay> => {
    child.send("delay" satisfies Asked);
    return told("delay");
  };
  await told("ready");
  await loopDelay(); // what it did while it started is nobody's question
  return {
    name: "Gatepost",
    pid: child.pid ?? 0,
    smtp,
    pop3,
    stored: () => Promise.resolve(undefined),
    loopDelay,
    async stop() {
      child.send("stop" satisfies Asked);
      const { code } = await ended;
      if (code !== 0) throw new Error(`the launched Gatepost ended with ${code}`);
    },
  };
}

async function exitOf(
  child: ChildProcess,
): Promise<{ readonly kind: "ended"; readonly code: number | null }> {
  const [code] = (await once(child, "exit")) as [number | null];
  return { kind: "ended", code };
}

async function message(child: ChildProcess): Promise<Told> {
  const [told] = (await once(child, "message")) as [Told]; // the launcher says nothing else
  return told;
}

function isOf<Kind extends Told["kind"]>(
  heard: { readonly kind: string },
  kind: Kind,
): heard is Told & { readonly kind: Kind } {
  return heard.kind === kind;
}
