/**
 * What has been typed but not yet stored by the server: drafts, and messages on their way.
 * Short rooms keep it for the life of the tab, long rooms across restarts until it expires.
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

function dropExpired(storage) {
  for (const key of Object.keys(storage).filter((name) => name.startsWith(PREFIX))) {
    try {
      if (JSON.parse(storage.getItem(key)).expires < Date.now()) storage.removeItem(key);
    } catch {
      storage.removeItem(key);
    }
  }
}

export class Drafts {
  /** @param {{code: string, seat: string, duration_s: number}} config */
  constructor({ code, seat, duration_s: durationS }) {
    const long = durationS > LONG_ROOM_S;
    this.storage = usable(() => (long ? localStorage : sessionStorage));
    this.key = `${PREFIX}${code}:${seat}`;
    this.expires = Date.now() + durationS * 1000 + SPARE_MS;
    if (this.storage) dropExpired(this.storage);
    this.kept = this.#read();
  }

  #read() {
    try {
      const { drafts = {}, outbox = [] } = JSON.parse(this.storage?.getItem(this.key) ?? "{}");
      return { drafts, outbox };
    } catch {
      return { drafts: {}, outbox: [] };
    }
  }

  #write() {
    try {
      this.storage?.setItem(this.key, JSON.stringify({ expires: this.expires, ...this.kept }));
    } catch {
      this.storage = null;  // Full or forbidden: the room goes on without drafts.
    }
  }

  get works() { return this.storage !== null; }
  draft(pane) { return this.kept.drafts[pane ?? ""] ?? ""; }
  get outbox() { return this.kept.outbox; }

  setDraft(pane, text) {
    this.kept.drafts[pane ?? ""] = text;
    this.#write();
  }

  /** @param {{id: string, pane: string|null, text: string, error?: string}[]} items */
  setOutbox(items) {
    if (items.length === 0 && this.kept.outbox.length === 0) return;
    this.kept.outbox = items.map(({ id, pane, text, error }) => ({ id, pane, text, error }));
    this.#write();
  }

  clear() {
    this.kept = { drafts: {}, outbox: [] };
    try {
      this.storage?.removeItem(this.key);
    } catch { /* nothing was kept */ }
  }
}
