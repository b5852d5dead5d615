/** The server's time, kept by a monotonic clock: a wrong or moved system clock changes nothing. */

/** A later estimate with a much worse round trip is not better than the one we have. */
const TRUST_MS = 60_000;

export class Clock {
  #monotonic;
  #wall;
  #offset = NaN;
  #bestRtt = Infinity;
  #setAt = -Infinity;

  /** @param {{monotonic?: () => number, wall?: () => number}} [clocks] this computer's two clocks, in ms */
  constructor({ monotonic = () => performance.now(), wall = Date.now } = {}) {
    this.#monotonic = monotonic;
    this.#wall = wall;
  }

  /** @param {string} iso moment on the server @param {number} rtt round trip in ms, if measured */
  set(iso, rtt = 1000) {
    const at = this.#monotonic();
    if (rtt > this.#bestRtt && at - this.#setAt < TRUST_MS) return;
    this.#offset = Date.parse(iso) + Math.min(rtt, 1000) / 2 * (rtt < 1000 ? 1 : 0) - at;
    this.#bestRtt = rtt;
    this.#setAt = at;
  }

  /** Forget how good the last estimate was: the machine may have slept. */
  doubt() { this.#bestRtt = Infinity; }

  get known() { return Number.isFinite(this.#offset); }

  /** Milliseconds since the epoch, by the server. */
  now() { return this.known ? this.#monotonic() + this.#offset : this.#wall(); }

  /** How far this computer's own clock is ahead of the server's, in ms. */
  drift() { return this.#wall() - this.now(); }
}

/** @param {number} n */
const pad = (n) => String(n).padStart(2, "0");

/** Time left as a person reads it: days for long rooms, seconds for short ones. @param {number} ms */
export function remaining(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000));
  const days = Math.floor(s / 86_400);
  const hours = Math.floor(s / 3600) % 24;
  if (days > 0) return `${days} d ${hours} h`;
  const minutes = Math.floor(s / 60) % 60;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(s % 60)}` : `${minutes}:${pad(s % 60)}`;
}

/** A whole duration in words. @param {number} s */
export function inWords(s) {
  const units = /** @type {[number, string][]} */ ([[86_400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]]);
  const found = units.find(([size]) => s >= size && (s % size === 0 || s >= 3 * size)) ?? [1, "second"];
  const n = Math.round(s / found[0]);
  return `${n} ${found[1]}${n === 1 ? "" : "s"}`;
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** @param {string|number} at */
export const hourMinute = (at) => TIME.format(new Date(at));
/** @param {string|number} at */
export const dayName = (at) => DAY.format(new Date(at));
