/**
 * In long rooms, one line: how often to write, when one last did, and whether one is away.
 *
 * @import {AttendanceConfig} from "./config.js"
 * @import {Store} from "./store.js"
 */
import { byId, everyWith, setText } from "./dom.js";
import { dayName, hourMinute, inWords } from "./clock.js";

/** @param {string} at */
const moment = (at) => `${dayName(at)}, ${hourMinute(at)}`;

export class Attendance {
  /** @param {{config: AttendanceConfig, store: Store}} options */
  constructor({ config, store }) {
    this.config = config;
    this.store = store;
    for (const span of everyWith("data-cadence")) setText(span, inWords(config.cadence_s));
    store.watch(() => this.show());
    this.show();
  }

  show() {
    const { cadence_s: cadence, away_until: away } = this.config;
    const last = this.store.state.messages.findLast(({ from }) => from === "me")?.at ?? this.config.last_words_at;
    const asked = `You are asked to write at least every ${inWords(cadence)}.`;
    setText(byId("attendance-words"), away
      ? `You are away until ${moment(away)}; nobody waits for you.`
      : `${asked} ${last ? `You last wrote on ${moment(last)}.` : "You have not written yet."}`);
  }
}
