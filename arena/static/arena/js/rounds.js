/**
 * Rounds: each pane is asked once, and what is answered comes together when the round is over.
 *
 * @import {Clock} from "./clock.js"
 * @import {Moment, Pane, RoomFrame} from "./frames.js"
 * @import {State} from "./store.js"
 */
import { remaining } from "./clock.js";
import { latestOf } from "./store.js";

export class Rounds {
  /** @param {{asks: boolean, clock: Clock}} options */
  constructor({ asks, clock }) {
    this.asks = asks;
    this.clock = clock;
  }

  /** Why nothing can be written in a pane now; "" if it can. @param {State} state @param {Pane|null} pane */
  closed({ room, latest, outbox }, pane) {
    if (!room?.round) return "";
    const left = Date.parse(room.round.ends_at ?? "") - this.clock.now();
    const inRound = began(room, this.#askedAt(latest, pane));
    if (!this.asks) return inRound && left > 0 ? "" : "Wait for the next question.";
    const sending = outbox.some((item) => item.pane === pane && item.status !== "failed");
    return inRound || sending ? this.#answersIn(left) : "";
  }

  /** @param {State["latest"]} latest @param {Pane|null} pane */
  #askedAt(latest, pane) { return latest[latestOf(this.asks ? "me" : "them", pane ?? "")]; }

  /** @param {number} left */
  #answersIn(left) {
    return left > 0 ? `The answers come together in ${remaining(left)}.` : "The answers are on their way.";
  }
}

/** Whether the question belongs to the open round; events carry whole seconds. @param {RoomFrame} room @param {Moment} [askedAt] */
function began({ round }, askedAt) {
  if (!askedAt || !round?.began_at) return false;
  return Date.parse(askedAt) >= Math.floor(Date.parse(round.began_at) / 1000) * 1000;
}
