/**
 * Dates and times as a person of this room reads them. A year is named where the same day may come twice,
 * or where one has to look back so far that it is no matter of course.
 */

/** A room that is longer than this names the year. */
const MONTHS_S = 120 * 86_400;
const DAY_S = 86_400;

export class Dates {
  #time;
  #day;

  /** @param {number} durationS of the room @param {{locale?: string, timeZone?: string}} [reader] as the browser has it */
  constructor(durationS, { locale, timeZone } = {}) {
    const zone = timeZone ? { timeZone } : {};
    const year = durationS > MONTHS_S ? { year: /** @type {const} */ ("numeric") } : {};
    this.#time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", ...zone });
    this.#day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", ...year, ...zone });
    /** Whether a time alone does not say when something was. */
    this.daysMatter = durationS > DAY_S;
  }

  /** @param {string|number} at */
  time(at) { return this.#time.format(new Date(at)); }

  /** @param {string|number} at */
  day(at) { return this.#day.format(new Date(at)); }

  /** Day and time. @param {string|number} at */
  moment(at) { return `${this.day(at)}, ${this.time(at)}`; }

  /** The time, in a room of several days with its day. @param {string|number} at */
  when(at) { return this.daysMatter ? this.moment(at) : this.time(at); }
}
