/**
 * In long rooms, one line: how often to write, when one last did, and whether one is away.
 *
 * @import {AttendanceConfig} from "./config.js"
 * @import {Dates} from "./dates.js"
 * @import {Store} from "./store.js"
 */
import { byId, everyWith, setText } from "./dom.js";
import { inWords } from "./clock.js";

export class Attendance {
  /** @param {{config: AttendanceConfig, store: Store, dates: Dates}} options */
  constructor({ config, store, dates }) {
    this.dates = dates;
    this.config = config;
    this.store = store;
    for (const span of everyWith("data-cadence")) setText(span, inWords(config.cadence_s));
    store.watch(() => this.show());
    this.show();
  }

  show() {
    const { cadence_s: cadence, away_until: away } = this.config;
    const said = Object.entries(this.store.state.latest).filter(([whose]) => whose.startsWith("me:")).map(([, at]) => at);
    const last = said.sort().at(-1) ?? this.config.last_words_at;
    const asked = `You are asked to write at least every ${inWords(cadence)}.`;
    setText(byId("attendance-words"), away
      ? `You are away until ${this.dates.moment(away)}; nobody waits for you.`
      : `${asked} ${last ? `You last wrote on ${this.dates.moment(last)}.` : "You have not written yet."}`);
  }
}
