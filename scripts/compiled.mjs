/** Loaded before all else in each process and thread of a test run: NODE_COMPILE_CACHE alone does not reach threads. */
import module from "node:module";
import process from "node:process";

const { NODE_COMPILE_CACHE: directory } = process.env;
// The Node that only starts another one may be too old for it.
if (directory !== undefined) module.enableCompileCache?.(directory);
