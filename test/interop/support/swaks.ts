/** swaks as the client of a site: the file goes over the wire as it is (--no-data-fixup). */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stuffed } from "./messages.ts";
import { run, type Run } from "./programs.ts";
import { USER, type Site } from "./site.ts";

/** On port 25, from a stranger to our user, unless `more` says something else. */
export function swaks(site: Site, message: Buffer, ...more: string[]): Promise<Run> {
  const file = join(site.directory, "swaks.eml");
  writeFileSync(file, Buffer.concat([stuffed(message), Buffer.from(".")]));
  const target = `--server 127.0.0.1 --port ${site.ports.smtp} --helo client.example`;
  const envelope = `--from sender@remote.example --to ${USER}`;
  const data = ["--no-data-fixup", "--data", `@${file}`];
  return run("swaks", [...target.split(" "), ...envelope.split(" "), ...data, ...more]);
}
