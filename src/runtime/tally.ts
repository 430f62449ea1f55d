/** Counts how many of something are held at once, for each key; the keys come from strangers, so they are kept only while held. */
export class Tally<Key> {
  readonly #held = new Map<Key, number>();
  #total = 0;

  /** All that is held, over all keys. */
  get total(): number {
    return this.#total;
  }

  of(key: Key): number {
    return this.#held.get(key) ?? 0;
  }

  add(key: Key): void {
    this.#held.set(key, this.of(key) + 1);
    this.#total++;
  }

  remove(key: Key): void {
    const held = this.of(key);
    if (held === 0) throw new RangeError("nothing held under this key");
    if (held === 1) this.#held.delete(key);
    else this.#held.set(key, held - 1);
    this.#total--;
  }
}
