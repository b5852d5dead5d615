/**
 * Whether the line lives. A line that has died looks like one on which nobody speaks, for minutes:
 * so it is asked when it has been quiet, and every question has a time by which it must be answered.
 *
 * What an idle page notices last is a line that dies just after it was heard: after the quiet
 * (2 s on a page that is seen, see room.js) and the patience, 4.5 s. A question less often would be
 * noticed later; more often, it costs servers and telephones more than the earlier news is worth.
 */

/** How long an answer may take; on a line whose last answer was slow, twice as long as that. */
const PATIENCE_MS = 2500;
/** The same when somebody has just come back: to connect anew takes less than to go on hoping. */
const PROBE_MS = 1000;
const LONGEST_MS = 30_000;
/** How long a new line may take to open: several round trips, and packets that must be sent again. */
const OPENING_MS = 10_000;
/** A deadline that is seen to pass so much too late has been slept through by the page itself. */
const LATE_MS = 1000;

export class Pulse {
  #awaited = 0;
  #since = 0;
  #allowed = 0;
  #lag = 0;
  #heardAt = 0;
  #deadline = 0;
  #quiet = 0;
  #spared = false;

  /**
   * @param {{quietMs: () => number, ask: () => void, onDead: () => void, uptime?: (() => number)|undefined}} options
   */
  constructor({ quietMs, ask, onDead, uptime = () => performance.now() }) {
    this.quietMs = quietMs;
    this.ask = ask;
    this.onDead = onDead;
    this.uptime = uptime;
  }

  /** For how long nothing was heard, in ms. */
  get silentMs() { return this.uptime() - this.#heardAt; }

  /** A new line is being opened. */
  begin() {
    this.stop();
    this.#awaited = 0;
    this.#heardAt = this.uptime();
    this.#expect(OPENING_MS);
  }

  /** Something went out that will be answered. */
  asked() {
    this.#awaited += 1;
    if (this.#awaited === 1) this.#expect(this.#patience(PATIENCE_MS));
  }

  /** Ask at once, with little patience. */
  probe() {
    this.ask();
    this.#expect(this.#patience(PROBE_MS));
  }

  /**
   * Something came in.
   * @param {{answers: boolean, counts?: boolean}} what whether it answers a question, and if not, whether it shows
   *   that the answer is on its way
   */
  heard({ answers, counts = answers }) {
    const now = this.uptime();
    if (answers) {
      this.#awaited = Math.max(0, this.#awaited - 1);
      // One that was read after its time was kept waiting by the page, and tells nothing of the line.
      if (now - this.#since <= this.#allowed) this.#lag = now - this.#since;
    }
    if (counts) {
      clearTimeout(this.#deadline);
      if (this.#awaited > 0) this.#expect(this.#patience(PATIENCE_MS));
    }
    this.#heardAt = now;
    this.#spared = false;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.ask(), this.quietMs());
  }

  stop() {
    clearTimeout(this.#deadline);
    clearTimeout(this.#quiet);
  }

  /** @param {number} ms */
  #patience(ms) { return Math.min(Math.max(ms, 2 * this.#lag), LONGEST_MS); }

  /** @param {number} ms */
  #expect(ms) {
    clearTimeout(this.#deadline);
    this.#since = this.uptime();
    this.#allowed = ms;
    this.#deadline = setTimeout(() => this.#passed(ms), ms);
  }

  /** @param {number} ms */
  #passed(ms) {
    if (!this.#spared && this.uptime() - this.#since > ms + LATE_MS) {
      this.#spared = true;  // The answer may have come while the page stood still: read on first.
      this.#expect(ms);
      return;
    }
    this.#lag = ms;
    this.onDead();
  }
}
