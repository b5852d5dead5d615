/** A browser's storage for as long as the test holds it. */
export class MemoryStorage {
  #items = new Map();

  get length() { return this.#items.size; }
  key(i) { return [...this.#items.keys()][i] ?? null; }
  getItem(key) { return this.#items.get(key) ?? null; }
  setItem(key, value) { this.#items.set(key, value); }
  removeItem(key) { this.#items.delete(key); }
}

/** A tab's storage, and that of the device. */
export function storages() {
  const tab = new MemoryStorage();
  const device = new MemoryStorage();
  return { tab: () => tab, device: () => device };
}
