/** The ways out of this server, as receiving sees them. */
import type { WaysOut } from "../service/receive/index.ts";

/** For whom nothing that is put into the queue leaves: the proof. */
export const NO_WAY_OUT: WaysOut = {
  destination: ({ domain }) => domain,
  returnPath: () => "",
  wake() {},
};
