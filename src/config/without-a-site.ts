/** Settings of commands that need no site, where there is none: the defaults of one. */
import { dnsSchema } from "../net/settings.ts";
import { testerSchema } from "../operate/tester/settings.ts";

export const WITHOUT_A_SITE = { dns: dnsSchema.parse({}), tester: testerSchema.parse({}) };
