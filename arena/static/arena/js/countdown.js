/**
 * The time left, from the server's clock; said aloud at a minute, thirty and ten seconds.
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

  /** @param {{clock: Clock, store: Store, onTick: (leftMs: number) => void}} options */
  constructor({ clock, store, onTick }) {
    this.clock = clock;
    this.store = store;
    this.onTick = onTick;
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
    const left = Date.parse(endsAt) - this.clock.now();
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
