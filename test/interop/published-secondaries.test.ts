/**
 * BIND and NSD as ordinary secondaries of a published list: they take it by AXFR, are told of a change (NOTIFY), and say what Gatepost says. In a network of the test's
 * own, where every server has port 53 of an address.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { startForeground, type Foreground } from "./support/foreground.ts";
import { PrivateNetwork } from "./support/private-network.ts";
import { GATEPOST, startSite, temporaryDirectory, type Site } from "./support/site.ts";

const ZONE = "relays.bl.example";
const PRIMARY = "127.0.0.1";
const BIND = "127.0.0.11";
const NSD = "127.0.0.12";

const LISTED = ["192.0.2.7", "198.51.100.0/25"];

describe("secondaries of a published list", () => {
  let network: PrivateNetwork;
  let site: Site | undefined;
  const others: Foreground[] = [];
  const file = join(temporaryDirectory(), "relays.ip4set");

  before(async () => {
    network = await PrivateNetwork.open([BIND, NSD]);
    writeFileSync(file, fileOf(LISTED));
    site = await startPrimary(network, file);
    others.push(await startBind(network), await startNsd(network));
  });
  after(async () => {
    await Promise.all(others.map((one) => one.stop()));
    await site?.stop();
    await network.close();
  });

  /** In one line; empty where nothing is listed. */
  async function dig(server: string, question: string, type = "A"): Promise<string> {
    const { stdout } = await network.run("dig", ["+short", "+tries=1", `@${server}`, `${question}.${ZONE}`, type]); // prettier-ignore
    const lines = stdout.toString().split("\n");
    return lines.filter((line) => line !== "" && !line.startsWith(";")).toSorted().join(" "); // prettier-ignore
  }

  for (const [program, address] of [
    ["BIND", BIND],
    ["NSD", NSD],
  ] as const)
    // prettier-ignore
    test(`${program} transfers the zone, is told when it changes, and says the same`, async () => {
      const listed = await eventually(`the transfer to ${program}`, async () =>
        (await dig(address, "7.2.0.192")) || undefined,
      );
      assert.equal(listed, "127.0.0.2");
      for (const [who, type] of [["7.2.0.192", "TXT"], ["1.100.51.198", "A"], ["127.100.51.198", "A"], ["128.100.51.198", "A"], ["2.0.0.127", "A"], ["1.0.0.127", "A"]] as const) // prettier-ignore
        assert.equal(await dig(address, who, type), await dig(PRIMARY, who, type), `${who} ${type}`);
      const added = program === "BIND" ? "203.0.113.1" : "203.0.113.2";
      LISTED.push(added);
      writeFileSync(file, fileOf(LISTED));
      const question = added.split(".").toReversed().join(".");
      await eventually(`the change at ${program}`, async () =>
        (await dig(address, question)) || undefined,
      );
    });
});

function fileOf(listed: readonly string[]): string {
  return [":127.0.0.2:open relay: $", ...listed, ""].join("\n");
}

function startPrimary(network: PrivateNetwork, file: string): Promise<Site> {
  const zone = `{ zone = "${ZONE}", kind = "addresses", ns = ["ns1.example.org"], contact = "hostmaster@example.org", files = ["${file}"], secondaries = ["${BIND}", "${NSD}"], refresh = 3600 }`;
  const settings = [`listing.zone=[${zone}]`, `listen.dns=[{ address = "${PRIMARY}", port = 53 }]`, "listing.special_ranges=true"]; // prettier-ignore
  return startSite({ program: network.program(GATEPOST), settings });
}

async function startBind(network: PrivateNetwork): Promise<Foreground> {
  const home = temporaryDirectory();
  const config = join(home, "named.conf");
  writeFileSync(
    config,
    `options { directory "${home}"; listen-on { ${BIND}; }; listen-on-v6 { none; }; pid-file none; recursion no; session-keyfile none; dnssec-validation no; };
controls { };
zone "${ZONE}" { type secondary; primaries { ${PRIMARY}; }; transfer-source ${BIND}; file "zone"; };
`,
  );
  return startForeground(
    [...network.enter, "named", "-g", "-c", config],
    /all zones loaded|running/,
  );
}

async function startNsd(network: PrivateNetwork): Promise<Foreground> {
  const home = temporaryDirectory();
  const config = join(home, "nsd.conf");
  writeFileSync(
    config,
    `server:
  ip-address: ${NSD}
  username: ""
  zonesdir: "${home}"
  database: ""
  pidfile: ""
  xfrdfile: "${home}/xfrd.state"
  zonelistfile: "${home}/zone.list"
  xfrdir: "${home}"
  verbosity: 2
remote-control:
  control-enable: no
zone:
  name: "${ZONE}"
  zonefile: "zone"
  request-xfr: AXFR ${PRIMARY} NOKEY
  allow-notify: ${PRIMARY} NOKEY
  outgoing-interface: ${NSD}
`,
  );
  return startForeground([...network.enter, "nsd", "-d", "-c", config], /nsd started/);
}
