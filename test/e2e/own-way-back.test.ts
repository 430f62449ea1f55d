/** `gatepost test` without a sink: does mail for the tester's domain come to this site? Its own server and the DNS are asked, nobody else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ownWayBack } from "../../src/app/own-way-back.ts";
import { connectForTest } from "../../src/app/tester-connection.ts";
import { loadConfig } from "../../src/config/index.ts";
import { parseDomain, parseIp, type Domain, type Ip } from "../../src/mail/index.ts";
import { NetDialler, openResolver } from "../../src/net/index.ts";
import { silentLog, systemClock, systemRandom } from "../../src/runtime/index.ts";
import { ScriptedServer } from "../support/scripted-server.ts";
import { SendingSite } from "./sending-site.ts";
import { portOf } from "./site.ts";

const DOMAIN = parseDomain("tests.local.example") as Domain; // it is one
const HOST = parseDomain("mx.local.example") as Domain; // it is one
const HERE = parseIp("127.0.0.1") as Ip; // it is one
const WAIT_MS = 7000;

test("the way back is asked for before anything is sent", async (t) => {
  const site = await SendingSite.start(t, {});
  const { zone } = site;
  const dialler = new NetDialler({
    clock: systemClock,
    log: silentLog,
    handshakeMs: 1000,
    sessionMs: 60_000,
  });
  t.after(() => dialler.stop(0));
  const machine = {
    connect: (endpoint: Parameters<typeof connectForTest>[1]) =>
      connectForTest(dialler, endpoint, 5000),
    clock: systemClock,
    sleep: () => Promise.resolve(),
    random: systemRandom,
  };
  const { dns } = loadConfig(site.site.file, site.settings).config;
  const wayBack = async (port: number | undefined = portOf(site.server, "smtp"), host = HOST) => {
    const resolver = openResolver(dns, { clock: systemClock, random: systemRandom });
    const listeners = port === 0 ? [] : [{ ip: HERE, port, implicitTls: false }];
    try {
      return await ownWayBack({ hostname: host, listeners }, DOMAIN, WAIT_MS, {
        machine,
        resolver,
      });
    } finally {
      resolver.close();
    }
  };
  const name = "mail for tests.local.example, which this site takes";

  await t.test("a server that was not told takes none of it, so nobody waits", async () => {
    zone.mx(DOMAIN, "10 mx.local.example");
    const { doubts = [], ...rest } = await wayBack();
    assert.deepEqual(rest, { name, waitMs: 0 });
    assert.equal(doubts.length, 1);
    assert.match(
      doubts[0] ?? "",
      /^this site's server at 127\.0\.0\.1:[0-9]+ does not take mail for it, and says 550 5\.7\.1 .*has it read the setting tester\.domain\?$/,
    );
  });

  await t.test("one that was told takes it, whoever else it keeps out", async () => {
    await site.reload(`tester.domain="${DOMAIN}"`, 'admission.require="certificate"');
    assert.deepEqual(await wayBack(), { name, waitMs: WAIT_MS });
  });

  await t.test(
    "the DNS leads to another host, or nowhere: said, and waited all the same",
    async () => {
      zone.mx(DOMAIN, "10 other.example");
      const other = await wayBack();
      assert.equal(other.waitMs, WAIT_MS);
      assert.match(
        other.doubts?.join() ?? "",
        /^in the DNS .* has the MX other\.example, not mx\.local/,
      );
      zone.mx(DOMAIN);
      assert.match((await wayBack()).doubts?.join() ?? "", /has no MX record, not mx\.local/);
      zone.broken(DOMAIN);
      assert.deepEqual(await wayBack(), { name, waitMs: WAIT_MS });
    },
  );

  await t.test("no server, none that says anything, no listener", async () => {
    const silent = await ScriptedServer.open(t);
    const { port } = silent;
    silent.close();
    assert.match(
      (await wayBack(port)).doubts?.join() ?? "",
      /^this site's server does not answer at /,
    );
    assert.match((await wayBack(0)).doubts?.join() ?? "", /^this site has no listener for mail/);
  });
});
