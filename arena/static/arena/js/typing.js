/**
 * How a witness writes a message, where the study records it: counts and times, no key and no text.
 * An interrogator's page never loads this.
 *
 * @import {HowTyped} from "./frames.js"
 */

const PASTED = new Set(["insertFromPaste", "insertFromPasteAsQuotation", "insertFromDrop", "insertFromYank"]);
/** What the server takes at most, of a count or of milliseconds. */
const MOST = 1_000_000_000;

const bounded = (/** @type {number} */ n) => Math.min(MOST, Math.max(0, Math.round(n)));

/** @param {number[]} sorted @param {number} share */
const quantile = (sorted, share) => {
  const found = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return found === undefined ? null : bounded(found);
};

export class Typing {
  #keys = 0;
  #pastes = 0;
  #pastedChars = 0;
  #away = 0;
  #awayMs = 0;
  /** @type {number|null} */
  #leftAt = null;
  /** @type {number|null} */
  #firstAt = null;
  /** @type {number|null} */
  #keyAt = null;
  /** @type {number[]} */
  #pauses = [];
  #length;

  /** @param {HTMLTextAreaElement} field @param {() => number} now milliseconds that only grow */
  constructor(field, now = () => performance.now()) {
    this.now = now;
    this.#length = field.value.length;
    field.addEventListener("input", (event) => {
      if (event instanceof InputEvent) this.changed(event.inputType, field.value.length);
    });
    addEventListener("blur", () => this.left());
    addEventListener("focus", () => this.back());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.left() : this.back()));
  }

  /** @param {string} how @param {number} length of the text as it is now */
  changed(how, length) {
    const now = this.now();
    this.#firstAt ??= now;
    if (PASTED.has(how)) {
      this.#pastes += 1;
      this.#pastedChars += Math.max(0, length - this.#length);
      this.#keyAt = null;
    } else {
      this.#keys += 1;
      if (this.#keyAt !== null) this.#pauses.push(now - this.#keyAt);
      this.#keyAt = now;
    }
    this.#length = length;
  }

  left() {
    if (this.#leftAt !== null) return;
    this.#leftAt = this.now();
    this.#away += 1;
  }

  back() {
    if (this.#leftAt === null) return;
    this.#awayMs += this.now() - this.#leftAt;
    this.#leftAt = null;
  }

  /** What was counted for the message that is sent now; the next begins at nothing. @returns {HowTyped} */
  take() {
    const sorted = this.#pauses.toSorted((a, b) => a - b);
    const writing = this.#firstAt === null ? 0 : this.now() - this.#firstAt;
    const taken = {
      keys: bounded(this.#keys), pastes: bounded(this.#pastes), pasted_chars: bounded(this.#pastedChars),
      away: bounded(this.#away), away_ms: bounded(this.#awayMs), writing_ms: bounded(writing),
      pause_p50_ms: quantile(sorted, 0.5), pause_p90_ms: quantile(sorted, 0.9),
    };
    this.#keys = this.#pastes = this.#pastedChars = this.#away = this.#awayMs = this.#length = 0;
    this.#firstAt = this.#keyAt = null;
    this.#pauses = [];
    return taken;
  }
}
