/** Whether a process still runs: by its number and its start, and not while it only waits to be buried. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { processMark, runningProcess } from "../../src/app/process-mark.ts";

test("this process runs, under its own number and start alone", () => {
  const mark = processMark(process.pid) ?? assert.fail();
  assert.equal(runningProcess(mark), process.pid);
  const [pid = "", start = ""] = mark.split(" ");
  assert.equal(pid, String(process.pid));
  if (process.platform === "linux") assert.match(start, /^[0-9]+$/);
  for (const other of [`${mark}1`, `${mark} 1`, "", "0", "-1 5", "x", "process 1"])
    assert.equal(runningProcess(other), undefined, other);
});

test("one that has ended does not", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
  const mark = processMark(child.pid ?? assert.fail()) ?? assert.fail();
  assert.equal(runningProcess(mark), child.pid);
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(runningProcess(mark), undefined);
});
