/** A store with a domain and some mailboxes, and short words for what the cases do with it. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { messageId, parseDomain, sessionId, type Domain } from "../../src/mail/index.ts";
import type { MailboxId, SessionId } from "../../src/mail/index.ts";
import { systemRandom } from "../../src/runtime/index.ts";
import type {
  Acceptance,
  ChangeResult,
  CommitResult,
  DirectoryChange,
  MessageDraft,
  SessionRecord,
  Store,
} from "../../src/store/index.ts";
import type { Engine, Role } from "./engine.ts";

export const DOMAIN = domainOf("example.org");

/** Octets of `HEAD`. */
export const HEAD_TEXT = "Received: here\r\n";

export class Site {
  readonly engine: Engine;
  readonly location: string;
  readonly #stores = new Set<Store>();

  constructor(engine: Engine) {
    this.engine = engine;
    this.location = engine.makeLocation();
  }

  /** Opens the store; whoever forgets to close it does not keep the test from ending. */
  async open(role: Role): Promise<Store> {
    const store = await this.engine.open(this.location, role);
    this.#stores.add(store);
    return store;
  }

  async close(store: Store): Promise<void> {
    this.#stores.delete(store);
    await store.close();
  }

  async remove(): Promise<void> {
    for (const store of this.#stores) await this.close(store);
    this.engine.removeLocation(this.location);
  }
}

/** A store of its own for one test, with the domain example.org. A command's needs no thread until it writes mail. */
export async function openSite(
  t: TestContext,
  engine: Engine,
  role: Role = "server",
): Promise<{ readonly site: Site; readonly store: Store }> {
  const site = new Site(engine);
  t.after(() => site.remove());
  const store = await site.open(role);
  await change(store, { kind: "add-domain", domain: DOMAIN });
  return { site, store };
}

export function domainOf(name: string): Domain {
  const domain = parseDomain(name);
  assert.ok(domain !== undefined);
  return domain;
}

/** Makes a change that fits and that nobody objects to. */
export async function change(store: Store, wanted: DirectoryChange): Promise<void> {
  assert.deepEqual(await tryChange(store, wanted), { kind: "changed" });
}

export function tryChange(store: Store, wanted: DirectoryChange): Promise<ChangeResult> {
  return store.directory.change(wanted, () => true);
}

export async function addMailbox(
  store: Store,
  local: string,
  quotaOctets?: number,
): Promise<MailboxId> {
  await change(store, {
    kind: "add-mailbox",
    local,
    domain: DOMAIN,
    verifier: `verifier of ${local}`,
    ...(quotaOctets !== undefined && { quotaOctets }),
  });
  return mailboxOf(store, local).id;
}

export function mailboxOf(store: Store, local: string) {
  const mailbox = store.directory.mailbox(local, DOMAIN);
  assert.ok(mailbox !== undefined, `no mailbox ${local}`);
  return mailbox;
}

export function newSession(): SessionId {
  return sessionId(systemRandom.octets(12));
}

export function record(parts: Partial<SessionRecord> = {}): SessionRecord {
  return {
    session: newSession(),
    at: 1_000_000,
    ip: "192.0.2.1",
    addresses: ["someone@example.net"],
    json: `{"v":1}`,
    ...parts,
  };
}

export function acceptance(
  mailboxes: readonly MailboxId[],
  parts: Partial<Acceptance> = {},
): Acceptance {
  const kept = parts.record ?? record();
  return {
    id: messageId(kept.session, 1),
    head: Buffer.from(HEAD_TEXT),
    mailboxes,
    record: kept,
    ...parts,
  };
}

/** Stores a message whose content is this text. */
export function deposit(
  store: Store,
  mailboxes: readonly MailboxId[],
  content: string | Uint8Array,
  parts: Partial<Acceptance> = {},
): Promise<CommitResult> {
  const draft = store.openMessage();
  draft.write(typeof content === "string" ? Buffer.from(content) : content, () => {});
  return draft.commit(acceptance(mailboxes, parts));
}

export async function mustDeposit(
  store: Store,
  mailboxes: readonly MailboxId[],
  content: string | Uint8Array,
): Promise<void> {
  assert.deepEqual(await deposit(store, mailboxes, content), { kind: "committed" });
}

/** Writes the content in slices of a size, waiting whenever the draft asks for it. */
export async function writeAll(
  draft: MessageDraft,
  content: Uint8Array,
  sliceOctets: number,
): Promise<void> {
  for (let at = 0; at < content.length; at += sliceOctets) {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (!draft.write(content.subarray(at, at + sliceOctets), resolve)) await promise;
  }
}

export async function uids(store: Store, mailbox: MailboxId): Promise<readonly string[]> {
  return (await store.maildrops.list(mailbox)).map(({ uid }) => uid);
}

/** All octets of a message, pulled in steps of at most `limit`. */
export async function pull(
  store: Store,
  mailbox: MailboxId,
  uid: string,
  limit = 10_000,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; ;) {
    const piece = await store.maildrops.read(mailbox, uid, offset, limit);
    assert.ok(piece !== undefined, "the message is gone");
    assert.ok(piece.length <= limit, "more than was asked for");
    if (piece.length === 0) return Buffer.concat(pieces);
    pieces.push(piece);
    offset += piece.length;
  }
}

/** The contents of all messages of a mailbox, heads taken off, oldest first. */
export async function contents(store: Store, mailbox: MailboxId): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const uid of await uids(store, mailbox)) {
    const whole = (await pull(store, mailbox, uid)).toString();
    assert.ok(whole.startsWith(HEAD_TEXT));
    texts.push(whole.slice(HEAD_TEXT.length));
  }
  return texts;
}

/** Octets without a pattern that a wrong order could hide in; the same for the same seed. */
export function noise(octets: number, seed = 1): Uint8Array {
  const noisy = new Uint32Array(Math.ceil(octets / 4));
  let state = seed;
  for (let i = 0; i < noisy.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    noisy[i] = state;
  }
  return new Uint8Array(noisy.buffer, 0, octets);
}
