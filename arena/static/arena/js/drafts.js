/**
 * What has been typed but not yet stored by the server: drafts, messages on their way, a verdict half given.
 * Short rooms keep it for the life of the tab, long rooms across restarts until it expires.
 *
 * The tabs of a seat share what a long room keeps. So each thing has a key of its own, which only
 * its writer takes away, and a draft that changes in one tab changes in the others.
 *
 * @import {Pane} from "./frames.js"
 * @import {Unsent} from "./store.js"
 * @typedef {Pane|"verdict"|null} Place where something is typed: null is the only composer
 * @typedef {Unsent & {at: number}} KeptMessage at orders the messages of all tabs
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

const UNSENT = "unsent:";

/** @param {Place} place */
const draftName = (place) => `draft:${place ?? ""}`;

/** The browser's own storages. */
const BROWSER = { tab: () => sessionStorage, device: () => localStorage };

export class Drafts {
  #storage;
  #prefix;
  #expires;
  /** @type {Map<Place, string>} for a browser that keeps nothing */
  #drafts = new Map();
  /** @type {Map<string, KeptMessage>} the messages that this page is to send */
  #messages = new Map();
  #lastAt = 0;

  /**
   * @param {{code: string, seat: string, duration_s: number}} config
   * @param {{tab: () => Storage, device: () => Storage}} storages
   * @param {number} now
   */
  constructor({ code, seat, duration_s: durationS }, storages = BROWSER, now = Date.now()) {
    this.#storage = usable(durationS > LONG_ROOM_S ? storages.device : storages.tab);
    this.#prefix = `${PREFIX}${code}:${seat}:`;
    this.#expires = now + durationS * 1000 + SPARE_MS;
    if (this.#storage) dropExpired(this.#storage, now);
  }

  get works() { return this.#storage !== null; }

  /** @param {Place} place */
  draft(place) {
    const kept = this.#storage ? this.#read(draftName(place)) : this.#drafts.get(place);
    return typeof kept === "string" ? kept : "";
  }

  /** @param {Place} place @param {string} text */
  setDraft(place, text) {
    this.#drafts.set(place, text);
    this.#write(draftName(place), text || null);
  }

  /** Hear of what is typed in another tab. @param {Place} place @param {(text: string) => void} listener */
  watch(place, listener) {
    addEventListener("storage", ({ key, storageArea }) => {
      if (storageArea === this.#storage && key === this.#prefix + draftName(place)) listener(this.draft(place));
    });
  }

  /** The messages that wait to be stored, other tabs' too, in the order they were written. @returns {Unsent[]} */
  get outbox() {
    const keys = this.#storage ? keysOf(this.#storage) : [];
    const names = keys.filter((key) => key.startsWith(this.#prefix + UNSENT)).map((key) => key.slice(this.#prefix.length));
    const kept = names.map((name) => /** @type {KeptMessage|null} */ (this.#read(name))).filter((message) => message !== null);
    return kept.sort((a, b) => a.at - b.at).map(({ id, pane, text, error }) => ({ id, pane, text, error }));
  }

  /** Keep these, and of what this page was to send nothing else. @param {Unsent[]} items */
  setOutbox(items) {
    for (const item of items) this.#keep(item);
    for (const id of this.#messages.keys()) {
      if (items.some((item) => item.id === id)) continue;
      this.#messages.delete(id);
      this.#write(UNSENT + id, null);
    }
  }

  /** @param {Unsent} item */
  #keep({ id, pane, text, error }) {
    const known = this.#messages.get(id) ?? /** @type {KeptMessage|null} */ (this.#read(UNSENT + id));
    this.#lastAt = Math.max(Date.now(), this.#lastAt + 1);
    const message = { id, pane, text, error, at: known?.at ?? this.#lastAt };
    if (this.#messages.has(id) && known?.error === error) return;
    this.#messages.set(id, message);
    this.#write(UNSENT + id, message);
  }

  /** Forget everything, and keep nothing from now on: the room is over. */
  close() {
    for (const key of this.#storage ? keysOf(this.#storage) : []) {
      if (key.startsWith(this.#prefix)) this.#write(key.slice(this.#prefix.length), null);
    }
    this.#storage = null;
    this.#drafts.clear();
  }

  /** @param {string} name @returns {unknown} */
  #read(name) {
    try {
      return JSON.parse(this.#storage?.getItem(this.#prefix + name) ?? "null")?.value ?? null;
    } catch {
      return null;
    }
  }

  /** @param {string} name @param {unknown} value null takes it away */
  #write(name, value) {
    const key = this.#prefix + name;
    try {
      if (value === null) this.#storage?.removeItem(key);
      else this.#storage?.setItem(key, JSON.stringify({ expires: this.#expires, value }));
    } catch {
      this.#storage = null;  // Full or forbidden: the room goes on without drafts.
    }
  }
}
