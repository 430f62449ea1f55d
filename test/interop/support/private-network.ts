/**
 * A network of a test's own: nothing but loopback, with addresses that are public elsewhere, well-known ports free, and a
 * resolv.conf that names 127.0.0.1. Neither the machine's own resolver nor the world outside is to be had in it. Made of Linux
 * namespaces, as root; it is gone when the test is.
 */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, type Run, type RunOptions } from "./programs.ts";
import { temporaryDirectory } from "./site.ts";

/** Ends with its input, which is this process's to close. */
const SCRIPT = `set -e
mount --bind "$1" /etc/resolv.conf
shift
ip link set lo up
for place; do
  case "$place" in
    */*) ip route add local "$place" dev lo ;;
    *) ip address add "$place/32" dev lo ;;
  esac
done
echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind
echo ready
exec cat`;

export class PrivateNetwork {
  readonly #holder: ChildProcess;
  /** What stands in front of a program, so that it runs in here. */
  readonly enter: readonly [program: string, ...args: string[]];

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
    this.enter = ["nsenter", `--target=${holder.pid}`, "--net", "--mount", "--"];
  }

  /**
   * With these IPv4 addresses beside those of loopback. From those of a block, such as 9.9.9.0/24 or one of IPv6, programs can come too,
   * and none of them is the machine's own.
   */
  static async open(places: readonly string[]): Promise<PrivateNetwork> {
    const resolvConf = join(temporaryDirectory(), "resolv.conf");
    writeFileSync(resolvConf, "nameserver 127.0.0.1\noptions edns0 trust-ad\n", { mode: 0o644 });
    const args = ["--net", "--mount", "sh", "-c", SCRIPT, "sh", resolvConf, ...places];
    const holder = spawn("unshare", args, { stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    holder.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
    const [first] = await Promise.race([
      once(holder.stdout, "data"),
      once(holder, "close").then(() => [said]),
    ]);
    assert.equal(String(first), "ready\n");
    return new PrivateNetwork(holder);
  }

  run(program: string, args: readonly string[], options?: RunOptions): Promise<Run> {
    const [enter, ...how] = this.enter;
    return run(enter, [...how, program, ...args], options);
  }

  /** A program that is this one in here, under the same process id. */
  program(path: string): string {
    const file = join(temporaryDirectory(), "program");
    const script = `#!/bin/sh\nexec ${this.enter.join(" ")} '${path}' "$@"\n`;
    writeFileSync(file, script, { mode: 0o755 });
    return file;
  }

  /** Once everything in it has been stopped. */
  async close(): Promise<void> {
    const ended = once(this.#holder, "close");
    this.#holder.stdin?.end();
    await ended;
  }
}
