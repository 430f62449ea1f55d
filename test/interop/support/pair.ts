/**
 * Gatepost and a peer, each the other's next hop: whatever leaves us goes to it, by a route, and what it has for
 * `local.example` comes to us.
 */
import assert from "node:assert/strict";
import { takeMessages } from "./mailbox.ts";
import { handIn } from "./msmtp.ts";
import { GATEWAYS, type Peer, type StartPeer } from "./peer.ts";
import { freePortBase, startSite, USER, type Site } from "./site.ts";
import { eventually } from "./waiting.ts";

export class Pair {
  readonly site: Site;
  readonly peer: Peer;

  private constructor(site: Site, peer: Peer) {
    this.site = site;
    this.peer = peer;
  }

  static async start(startPeer: StartPeer): Promise<Pair> {
    const port = (await freePortBase()) + 1;
    const host = `smtp://127.0.0.1:${port}`;
    const gateways = GATEWAYS.map(
      (domain, i) => `{ domain = "${domain}", host = "${host}", verify = ${i > 0} }`,
    );
    const site = await startSite({
      settings: [`routes={ "*" = "${host}" }`, `relay.domains=[${gateways.join(", ")}]`],
    });
    try {
      const place = { port, gatepost: site.ports.smtp, user: USER };
      return new Pair(site, await startPeer(place));
    } catch (error) {
      await site.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.peer.stop();
    await this.site.stop();
  }

  /** An address at the peer. */
  at(local: string): string {
    return `${local}@${this.peer.domain}`;
  }

  async alias(local: string, target: string): Promise<string> {
    const alias = `${local}@local.example`;
    const { code, said } = await this.site.gatepost("alias", "add", alias, target);
    assert.equal(code, 0, said);
    return alias;
  }

  /** Our user hands a message in, by msmtp, with a login. */
  async submit(message: Buffer, to: string, ...more: string[]): Promise<void> {
    await handIn(this.site, message, [to], { options: more });
  }

  /** The next message in our user's mailbox, and that it is the only one. */
  async arrival(): Promise<Buffer> {
    const taken = await this.eventually(async () => {
      const messages = await takeMessages(this.site);
      return messages.length === 0 ? undefined : messages;
    });
    const [message = assert.fail(), ...others] = taken;
    assert.deepEqual(others.map(String), []);
    return message;
  }

  /** The peer's log has one message for this address that it takes for a bounce. */
  async bounced(address: string): Promise<void> {
    const count = await this.eventually(() => this.peer.bouncesTo(address) || undefined);
    assert.equal(count, 1, this.peer.log());
  }

  eventually<T>(find: () => T | undefined | Promise<T | undefined>): Promise<T> {
    return eventually(find, () => `${this.peer.log()}\n${this.site.log()}`);
  }

  /** Nothing waits any more: each recipient is delivered, or has failed. */
  async settled(): Promise<void> {
    await this.eventually(async () => {
      const { code, stdout, said } = await this.site.gatepost("queue", "list", "--json");
      assert.equal(code, 0, said);
      return stdout.toString() === "[]\n" || undefined;
    });
  }
}
