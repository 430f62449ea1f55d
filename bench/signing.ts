/**
 * What a DKIM signature costs: mail that a user hands in over TLS, signed or not, relayed to a sink. Gatepost without keys, with
 * RSA and with both of its keys beside Postfix without and with opendkim, in turns, in one run.
 */
import assert from "node:assert/strict";
import { publicKeyRecord, generateDkimKeys } from "../src/service/signing/index.ts";
import { pythonDkim } from "../test/interop/support/dkim-verifiers.ts";
import { temporaryDirectory } from "../test/interop/support/site.ts";
import { sendOverTls, type TlsLoad } from "./load/tls-mail.ts";
import type { Round } from "./measure/figures.ts";
import { lineOf, type Line } from "./measure/line.ts";
import { carriedThrough } from "./measure/loads.ts";
import { OVER_TLS, scaled, SUBMITTED, WARMING, type Plan } from "./plan.ts";
import { makeCertificate } from "./servers/certificate.ts";
import { startSubmissionGatepost } from "./servers/gatepost.ts";
import { startOpenDkim } from "./servers/opendkim.ts";
import { SINK_MAILBOX, type Peer, type RelayPeer } from "./servers/peer.ts";
import { startSubmissionPostfix } from "./servers/postfix.ts";
import { startTlsSink, type TlsSink } from "./servers/tls-sink.ts";
import { freePort, stopAll, stopAndThrow } from "./servers/together.ts";

/** Messages of each round whose signatures are verified. */
const SAMPLE = 3;

/** A relay and what its signatures are to be verified with: TXT records by name, one for each signature. */
interface Signer extends RelayPeer {
  readonly sink: TlsSink;
  readonly records: ReadonlyMap<string, string>;
}

export async function compareSigning(plan: Plan): Promise<readonly Line[]> {
  const started: Peer[] = [];
  const signers = await startSigners(started).catch((error: unknown) =>
    stopAndThrow(started.toReversed(), error),
  );
  try {
    const warming = { ...scaled(WARMING, Math.min(1, plan.scale)), ...OVER_TLS, login: true };
    for (const signer of signers) await handedIn(signer, warming);
    const lines: Line[] = [];
    for (const contest of SUBMITTED) {
      plan.say(contest.title);
      lines.push(await lineOf(plan, contest, signers, handedIn, assertSigned));
    }
    return lines;
  } finally {
    await stopAll(started.toReversed());
  }
}

/** What has been started is in `started`, also when not everything could be. */
async function startSigners(started: Peer[]): Promise<Signer[]> {
  const begun = <P extends Peer>(peer: P): P => {
    started.push(peer);
    return peer;
  };
  const newSink = async (): Promise<TlsSink> =>
    begun(await startTlsSink({ port: await freePort(), resumable: true }));
  const signers: Signer[] = [];
  for (const signingWith of ["nothing", "RSA", "RSA and Ed25519"] as const) {
    const sink = await newSink();
    const relay = begun(await startSubmissionGatepost(sink, signingWith));
    signers.push({ ...relay, sink });
  }
  const certificate = await makeCertificate(temporaryDirectory());
  const [bare, signed] = [await newSink(), await newSink()];
  const postfix = begun(await startSubmissionPostfix(await freePort(), bare, certificate));
  const { milter, records } = await startMilter();
  begun(milter);
  const both = begun(await startSubmissionPostfix(await freePort(), signed, certificate, milter));
  return [
    ...signers,
    { ...postfix, sink: bare, records: new Map() },
    { ...both, sink: signed, records },
  ];
}

async function startMilter() {
  const [, domain = ""] = SINK_MAILBOX.split("@");
  const [rsa] = await generateDkimKeys(Date.now(), []);
  assert.ok(rsa !== undefined);
  const port = await freePort();
  const milter = { ...(await startOpenDkim(port, domain, rsa)), port };
  const records = new Map([[`${rsa.selector}._domainkey.${domain}`, publicKeyRecord(rsa)]]);
  return { milter, records };
}

function handedIn(signer: Signer, load: TlsLoad): Promise<Round> {
  return carriedThrough(signer, load, sendOverTls);
}

/** The newest messages at the sink have the signatures that they should have, no more, and each verifies. */
async function assertSigned({ name, sink, records }: Signer): Promise<void> {
  for (const message of (await sink.newest()).slice(-SAMPLE)) {
    const count = message.toString("latin1").match(/^DKIM-Signature:/gim)?.length ?? 0;
    assert.equal(count, records.size, `signatures of ${name}`);
    const judged = await pythonDkim(message, records, records.size);
    assert.ok(
      judged.every((found) => found === "pass"),
      `${name}: ${judged.join()}`,
    );
  }
}
