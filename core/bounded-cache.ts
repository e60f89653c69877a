/** Keeps the entries that were used last; the one unused for longest leaves when a new one would be too many. */
export interface BoundedCache<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
}

/** @param maxEntries how many are kept, at least 1 */
export function createBoundedCache<Key, Value>(maxEntries: number): BoundedCache<Key, Value> {
  // A Map lists its keys in the order of insertion: what was used is inserted anew, so the first is the least used.
  const entries = new Map<Key, Value>();
  return {
    get: (key) => {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size <= maxEntries) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        return;
      }
    },
    delete: (key) => {
      entries.delete(key);
    },
  };
}
