/** A configuration as settings: what they are, who wrote them, what they could be, what differs between two. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import {
  ConfigError,
  differingSettings,
  loadConfig,
  settingChoices,
  settingOf,
  type LoadedConfig,
} from "../../src/config/index.ts";

const WHOLE = 'hostname = "mx.local.example"\npostmaster = "admin@local.example"\n';

function load(t: TestContext, more: string, overrides: readonly string[] = []): LoadedConfig {
  const dir = mkdtempSync(join(tmpdir(), "gatepost-settings-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "gatepost.toml");
  writeFileSync(file, WHOLE + more);
  return loadConfig(file, overrides);
}

test("a setting is found by its key, also one of a domain; what is no setting is not", (t) => {
  const { config } = load(t, '[admission.domains]\n"a.example" = "aligned"\n');
  assert.equal(settingOf(config, "authentication.dmarc"), "honour");
  assert.equal(settingOf(config, "admission.domains.a.example"), "aligned");
  for (const key of ["admission.domains.b.example", "authentication.nothing", "hostname.x"])
    assert.equal(settingOf(config, key), undefined, key);
});

test("whether somebody has written it: in the file, or over it", (t) => {
  const loaded = load(t, "[limits]\nhops = 120\n", ["limits.errors=3"]);
  assert.deepEqual(
    ["limits.hops", "limits.errors", "limits.bodies", "greylist.below"].map((key) =>
      loaded.writes(key),
    ),
    [true, true, false, false],
  );
});

test("with one setting changed it is checked like any other", (t) => {
  const loaded = load(t, "[limits]\nhops = 120\n");
  const { limits } = loaded.changed("limits.hops", 130).config;
  assert.deepEqual([limits.hops, loaded.config.limits.hops], [130, 120]);
  assert.throws(() => loaded.changed("limits.hops", 1), ConfigError);
  assert.throws(() => loaded.changed("limits.hop", 130), ConfigError);
});

test("what a setting can be, where that is a list of words", () => {
  assert.deepEqual(settingChoices("authentication.dmarc"), ["honour", "mark", "ignore"]);
  assert.deepEqual(settingChoices("greylist.enabled"), [false, true]);
  for (const key of ["limits.hops", "hostname", "no.such.setting"])
    assert.deepEqual(settingChoices(key), [], key);
});

test("what differs is named by its key, each list as one", (t) => {
  const before = load(t, "").config;
  const after = load(
    t,
    '[limits]\nhops = 120\n[admission.domains]\n"a.example" = "aligned"\n' +
      '[[relay.networks]]\nnetwork = "192.0.2.7"\nreason = "a printer there"\n',
  ).config;
  assert.deepEqual(differingSettings(before, after), [
    "admission.domains.a.example",
    "limits.hops",
    "relay.networks",
  ]);
  assert.deepEqual(differingSettings(after, after), []);
});
