/**
 * What `npm start` and `npm test` do first: install the packages where they are missing or stale, and make
 * sure that Node 26, which comes as the package `node`, is really there. Plain JavaScript without packages,
 * for it runs on whatever Node the machine has (20 or newer). Promises: nothing to do costs no child
 * process; something to do is told in one line; npm's own words are shown only when it failed.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const NODE_PACKAGE = join(ROOT, "node_modules", "node");
const NODE = join(NODE_PACKAGE, "bin", "node");

/** The packages a lock file lists, by their place under node_modules; empty when there is no such file. */
function packagesOf(lockFile) {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(join(ROOT, lockFile), "utf8")).packages));
  } catch (error) {
    if (error.code === "ENOENT") return new Map();
    throw error;
  }
}

/**
 * Why the packages need to be installed; undefined when they need not. npm writes the second lock file last,
 * so an interrupted install counts as missing. Optional packages are those of other machines.
 */
function reasonToInstall() {
  const installed = packagesOf("node_modules/.package-lock.json");
  if (installed.size === 0) return "they are not there yet";
  for (const [place, wanted] of packagesOf("package-lock.json")) {
    if (place === "") continue;
    const found = installed.get(place);
    if (found === undefined && wanted.optional) continue;
    if (found?.version !== wanted.version) return `${place.replace(/^node_modules\//, "")} changed`;
  }
  return undefined;
}

function nodeIsThere() {
  try {
    accessSync(NODE, constants.X_OK);
    return true;
  } catch {
    return false; // Missing or not executable: both mean that it must be brought.
  }
}

/** Runs a command quietly; when it fails, shows what it said and ends with its exit code. */
function run(command, args, options) {
  const result = spawnSync(command, args, { encoding: "utf8", maxBuffer: 64 << 20, ...options });
  if (result.status === 0) return result.stdout.trim();
  console.error(
    `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`.trim(),
  );
  console.error(`gatepost: \`${[command, ...args].join(" ")}\` failed; nothing was started.`);
  process.exit(result.status || 1);
}

/**
 * `npm install` and not `npm ci`: the linters list a package for each kind of machine, and `ci` refuses a lock
 * file without all of them, which not every registry has. With --no-save the lock file is read, never written.
 */
function installPackages(reason) {
  console.error(`gatepost: installing packages (${reason}); about 20 seconds …`);
  run("npm", ["install", "--no-save", "--include=dev", "--loglevel=error"], { cwd: ROOT });
}

/** The package `node` brings its binary by an install script; where npm is told to run none, it is run here. */
function bringNode() {
  if (!nodeIsThere())
    run(process.execPath, ["installArchSpecificPackage.js"], { cwd: NODE_PACKAGE });
  const version = run(NODE, ["--version"], {});
  console.error(`gatepost: packages are in place, Node ${version.slice(1)} with them.`);
}

const reason = reasonToInstall();
if (reason !== undefined) installPackages(reason);
if (reason !== undefined || !nodeIsThere()) bringNode();
