/** In a row of values: there is no entry. No value has this number. */
export const NOTHING = 0xffff_ffff;
