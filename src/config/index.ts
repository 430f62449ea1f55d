/** One file is the truth: load it, check it, say what is wrong with it. */
export { loadConfig, type LoadedConfig } from "./load.ts";
export { ConfigError, type ConfigProblem } from "./problem.ts";
export { settingChoices } from "./choices.ts";
export { differingSettings, settingOf } from "./settings.ts";
export { WITHOUT_A_SITE } from "./without-a-site.ts";
export type { Config } from "./schema.ts";
