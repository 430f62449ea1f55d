/** stub */
import type { ServedZone } from "./served-zone.ts";
export function* transferMessages(_zone: ServedZone, _q: Uint8Array): Generator<Uint8Array> {}
