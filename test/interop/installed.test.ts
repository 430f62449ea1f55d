/** Gatepost as npm installs it: built JavaScript under node_modules, started through a link in .bin. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { assertArrived } from "./support/arrival.ts";
import { takeMessage } from "./support/mailbox.ts";
import { makeMessage, MIB } from "./support/messages.ts";
import { run } from "./support/programs.ts";
import { send } from "./support/sender.ts";
import { startSite, temporaryDirectory, type Site } from "./support/site.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

describe("an installed gatepost", () => {
  let site: Site;
  before(async () => {
    site = await startSite({ program: await install() });
  });
  after(() => site.stop());

  test("takes and gives mail like the checkout", async () => {
    const message = makeMessage("installed", { bytes: MIB });
    await send(site, message);
    assertArrived(await takeMessage(site), message);
  });

  test("has its other commands", async () => {
    const listed = await site.gatepost("domain", "list");
    assert.equal(listed.code, 0, listed.said);
    assert.match(listed.said, /local\.example/);
  });
});

/** Returns the command. The packages it needs are those of this checkout. */
async function install(): Promise<string> {
  const modules = join(temporaryDirectory(), "node_modules");
  const place = join(modules, "gatepost");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  const build = ["-p", "tsconfig.build.json", "--outDir", join(place, "dist")];
  const built = await run("node_modules/.bin/tsc", build, { cwd: ROOT });
  assert.equal(built.code, 0, built.said);
  for (const part of ["bin", "package.json"])
    cpSync(join(ROOT, part), join(place, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(place, "node_modules"));
  const command = join(modules, ".bin", "gatepost");
  symlinkSync("../gatepost/bin/gatepost", command);
  return command;
}
