/**
 * The time left, from the server's clock; said aloud at a minute, thirty and ten seconds. After a
 * sleep the clock may be wrong: then the time is asked for, and nothing is shown in place of it.
 *
 * @import {Clock} from "./clock.js"
 * @import {Store} from "./store.js"
 */
import { byId, setText } from "./dom.js";
import { announce } from "./a11y.js";
import { remaining } from "./clock.js";

const TICK_MS = 250;
const MARKS_S = [60, 30, 10];
const SHORT_S = 60;

export class Countdown {
  #said = new Set();
  #before = Infinity;
  #known = true;

  /** @param {{clock: Clock, store: Store, onTick: (leftMs: number) => void, onDoubt: () => void}} options */
  constructor({ clock, store, onTick, onDoubt }) {
    this.clock = clock;
    this.store = store;
    this.onTick = onTick;
    this.onDoubt = onDoubt;
    setInterval(() => this.tick(), TICK_MS);
  }

  tick() {
    const { room, ended } = this.store.state;
    const running = ended === null && (room?.phase === "live" || room?.phase === "paused");
    const endsAt = running ? room.ends_at : null;
    byId("countdown").hidden = endsAt === null;
    if (endsAt === null) return;
    if (room?.phase === "paused") {
      setText(byId("countdown-value"), "Paused");
      return;
    }
    if (this.#trusts()) this.#show(Date.parse(endsAt) - this.clock.now());
    else setText(byId("countdown-value"), "–:––");
  }

  /** Whether the clock is right; asks for the time once when it is not any more. */
  #trusts() {
    const { known } = this.clock;
    if (!known && this.#known) this.onDoubt();
    this.#known = known;
    return known;
  }

  /** @param {number} left */
  #show(left) {
    setText(byId("countdown-value"), left > 0 ? remaining(left) : "Time is up");
    byId("countdown-label").hidden = left <= 0;
    byId("countdown").classList.toggle("room-clock-short", left <= SHORT_S * 1000);
    this.#say(left);
    this.#before = left;
    this.onTick(left);
  }

  /** @param {number} left */
  #say(left) {
    const mark = MARKS_S.find((s) => left <= s * 1000 && this.#before > s * 1000 && Number.isFinite(this.#before));
    if (mark === undefined || this.#said.has(mark)) return;
    this.#said.add(mark);
    announce(`${mark} seconds left.`);
  }
}
