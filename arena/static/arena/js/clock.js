/**
 * The server's time, kept by a monotonic clock: a wrong or moved system clock changes nothing.
 *
 * In some browsers that clock stands still while the computer sleeps. The system clock does not: where
 * the two have come apart since the server told the time, it has to tell it again.
 */

/** A later estimate with a much worse round trip is not better than the one we have. */
const TRUST_MS = 60_000;
/** An answer that was so long on its way says nothing of the present. */
const STALE_MS = 10_000;
/** Two clocks of one computer come apart by so much in a sleep, or when one is set, and not by running. */
const APART_MS = 1000;

export class Clock {
  #monotonic;
  #wall;
  #offset = NaN;
  #bestRtt = Infinity;
  #setAt = -Infinity;
  #drift = NaN;

  /** @param {{monotonic?: () => number, wall?: () => number}} [clocks] this computer's two clocks, in ms */
  constructor({ monotonic = () => performance.now(), wall = Date.now } = {}) {
    this.#monotonic = monotonic;
    this.#wall = wall;
  }

  /** @param {string} iso moment on the server @param {number} rtt how long ago it was asked for, in ms */
  set(iso, rtt) {
    const improves = rtt <= this.#bestRtt || this.#monotonic() - this.#setAt >= TRUST_MS;
    if (rtt <= STALE_MS && (improves || !this.known)) this.#take(Date.parse(iso) + rtt / 2, rtt);
  }

  /** Take this for the time until the server answers when asked. @param {string} iso moment on the server */
  guess(iso) {
    if (!Number.isFinite(this.#offset)) this.#take(Date.parse(iso), Infinity);
  }

  /** @param {number} now @param {number} rtt */
  #take(now, rtt) {
    this.#setAt = this.#monotonic();
    this.#offset = now - this.#setAt;
    this.#bestRtt = rtt;
    this.#drift = this.drift();
  }

  /** Whether the time is known: the server has told it, and this computer has not slept since. */
  get known() { return Math.abs(this.drift() - this.#drift) < APART_MS; }

  /** Milliseconds since the epoch, by the server. */
  now() { return Number.isFinite(this.#offset) ? this.#monotonic() + this.#offset : this.#wall(); }

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
