/** What is remembered of the directory is never older than the last look. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DirectoryMemory, type RevisedDirectory } from "../../src/app/directory-memory.ts";
import type { MailboxId } from "../../src/mail/index.ts";
import type { RoutedMailbox } from "../../src/policy/routing/index.ts";
import { domainOf } from "../support/memory-directory.ts";

const DOMAIN = domainOf("local.example");

/** A directory that counts its reads. */
class Counted implements RevisedDirectory {
  reads = 0;
  now = 1;
  domains = new Set([DOMAIN]);
  ann: RoutedMailbox | undefined = mailbox();

  revision(): number {
    return this.now;
  }

  proofRevision(): number {
    return 10 * this.now;
  }

  domain(name: typeof DOMAIN): object | undefined {
    this.reads++;
    return this.domains.has(name) ? {} : undefined;
  }

  mailbox(local: string): RoutedMailbox | undefined {
    this.reads++;
    return local === "ann" ? this.ann : undefined;
  }

  mailboxById(): undefined {
    this.reads++;
  }

  alias(): undefined {
    this.reads++;
  }

  peers(): readonly [] {
    this.reads++;
    return [];
  }

  peer(): undefined {
    this.reads++;
  }

  senderGrants(): readonly [] {
    this.reads++;
    return [];
  }
}

function mailbox(more: Partial<RoutedMailbox> = {}): RoutedMailbox {
  const id = 1 as MailboxId; // a number that the store could have given
  return { id, local: "ann", domain: DOMAIN, disabled: false, usedOctets: 0, ...more };
}

test("a second recipient reads nothing but the revision", () => {
  const directory = new Counted();
  const memory = new DirectoryMemory(directory);
  for (let i = 0; i < 3; i++) {
    assert.equal(memory.proofRevision(), 10);
    assert.deepEqual(memory.domain(DOMAIN), {});
    assert.equal(memory.mailbox("ann", DOMAIN)?.id, 1);
  }
  assert.equal(directory.reads, 2);
});

test("after a change nothing that was remembered is said, once somebody has looked", () => {
  const directory = new Counted();
  const memory = new DirectoryMemory(directory);
  memory.proofRevision();
  assert.equal(memory.mailbox("ann", DOMAIN)?.disabled, false);
  assert.notEqual(memory.domain(DOMAIN), undefined);
  directory.now++;
  directory.ann = mailbox({ disabled: true });
  directory.domains.clear();
  assert.equal(memory.proofRevision(), 20);
  assert.equal(memory.mailbox("ann", DOMAIN)?.disabled, true);
  assert.equal(memory.domain(DOMAIN), undefined);
});

test("what is not there may be there a moment later, and a quota is read each time", () => {
  const directory = new Counted();
  const memory = new DirectoryMemory(directory);
  directory.ann = undefined;
  memory.proofRevision();
  assert.equal(memory.mailbox("ann", DOMAIN), undefined);
  directory.ann = mailbox({ quotaOctets: 100, usedOctets: 10 });
  assert.equal(memory.mailbox("ann", DOMAIN)?.usedOctets, 10);
  directory.ann = mailbox({ quotaOctets: 100, usedOctets: 90 });
  assert.equal(memory.mailbox("ann", DOMAIN)?.usedOctets, 90);
});

test("strangers cannot fill the memory", () => {
  const directory = new Counted();
  const memory = new DirectoryMemory(directory);
  directory.mailbox = (local) => {
    directory.reads++;
    return mailbox({ local });
  };
  memory.proofRevision();
  for (let i = 0; i <= 10_000; i++) memory.mailbox(`u${i}`, DOMAIN);
  directory.reads = 0;
  memory.mailbox("u0", DOMAIN);
  assert.equal(directory.reads, 1, "the first ones are forgotten");
  memory.mailbox("u10000", DOMAIN);
  assert.equal(directory.reads, 1, "the last one is not");
});
