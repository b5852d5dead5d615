/**
 * What has been typed but not yet stored by the server: drafts, and messages on their way.
 * Short rooms keep it for the life of the tab, long rooms across restarts until it expires.
 *
 * @import {Pane} from "./frames.js"
 * @import {Unsent} from "./store.js"
 * @typedef {{drafts: Record<string, string>, outbox: Unsent[]}} Kept
 */

const PREFIX = "arena:";
const LONG_ROOM_S = 7200;
const SPARE_MS = 86_400_000;

/** @param {() => Storage} pick @returns {Storage|null} */
function usable(pick) {
  try {
    const storage = pick();
    storage.setItem(`${PREFIX}probe`, "1");
    const works = storage.getItem(`${PREFIX}probe`) === "1";
    storage.removeItem(`${PREFIX}probe`);
    return works ? storage : null;
  } catch {
    return null;
  }
}

/** @param {Storage} storage */
const keysOf = (storage) => Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "");

/** @param {Storage} storage @param {number} now */
function dropExpired(storage, now) {
  for (const key of keysOf(storage).filter((name) => name.startsWith(PREFIX))) {
    try {
      if (JSON.parse(storage.getItem(key) ?? "").expires < now) storage.removeItem(key);
    } catch {
      storage.removeItem(key);
    }
  }
}

/** The browser's own storages. */
const BROWSER = { tab: () => sessionStorage, device: () => localStorage };

export class Drafts {
  #storage;
  #key;
  #expires;
  #kept;

  /**
   * @param {{code: string, seat: string, duration_s: number}} config
   * @param {{tab: () => Storage, device: () => Storage}} storages
   * @param {number} now
   */
  constructor({ code, seat, duration_s: durationS }, storages = BROWSER, now = Date.now()) {
    this.#storage = usable(durationS > LONG_ROOM_S ? storages.device : storages.tab);
    this.#key = `${PREFIX}${code}:${seat}`;
    this.#expires = now + durationS * 1000 + SPARE_MS;
    if (this.#storage) dropExpired(this.#storage, now);
    this.#kept = this.#read();
  }

  /** @returns {Kept} */
  #read() {
    try {
      const { drafts = {}, outbox = [] } = JSON.parse(this.#storage?.getItem(this.#key) ?? "{}");
      return { drafts, outbox };
    } catch {
      return { drafts: {}, outbox: [] };
    }
  }

  #write() {
    try {
      this.#storage?.setItem(this.#key, JSON.stringify({ expires: this.#expires, ...this.#kept }));
    } catch {
      this.#storage = null;  // Full or forbidden: the room goes on without drafts.
    }
  }

  get works() { return this.#storage !== null; }
  get outbox() { return this.#kept.outbox; }

  /** @param {Pane|null} pane */
  draft(pane) { return this.#kept.drafts[pane ?? ""] ?? ""; }

  /** @param {Pane|null} pane @param {string} text */
  setDraft(pane, text) {
    this.#kept.drafts[pane ?? ""] = text;
    this.#write();
  }

  /** @param {Unsent[]} items */
  setOutbox(items) {
    if (items.length === 0 && this.#kept.outbox.length === 0) return;
    this.#kept.outbox = items.map(({ id, pane, text, error }) => ({ id, pane, text, error }));
    this.#write();
  }

  /** Forget everything, and keep nothing from now on: the room is over. */
  close() {
    this.#kept = { drafts: {}, outbox: [] };
    try {
      this.#storage?.removeItem(this.#key);
    } catch { /* nothing was kept */ }
    this.#storage = null;
  }
}
