/** All migrations, in order. A published one never changes: the next one corrects it. */
import { ground } from "./0001-ground.ts";
import { passwords } from "./0002-passwords.ts";
import { leaner } from "./0003-leaner.ts";
import { queue } from "./0004-queue.ts";
import { sending } from "./0005-sending.ts";
import { dkimKeys } from "./0006-dkim-keys.ts";
import { tlsReports } from "./0007-tls-reports.ts";
import { stsPolicies } from "./0008-sts-policies.ts";
import { identityCounts } from "./0009-identity-counts.ts";
import { peers } from "./0010-peers.ts";
import { greylist } from "./0011-greylist.ts";
import { mailboxCertificates } from "./0012-mailbox-certificates.ts";
import { reported } from "./0013-reported.ts";
import { listHealth } from "./0014-list-health.ts";
import { relayTests } from "./0015-relay-tests.ts";
import { published } from "./0016-published.ts";
import { suspects } from "./0017-suspects.ts";
import { listQuestions } from "./0018-list-questions.ts";
import type { Migration } from "./migration.ts";

export type { Migration } from "./migration.ts";

export const MIGRATIONS: readonly Migration[] = [
  ground,
  passwords,
  leaner,
  queue,
  sending,
  dkimKeys,
  tlsReports,
  stsPolicies,
  identityCounts,
  peers,
  greylist,
  mailboxCertificates,
  reported,
  listHealth,
  relayTests,
  published,
  suspects,
  listQuestions,
];
