/**
 * Rounds: each pane is asked once, and what is answered comes together when the round is over.
 *
 * @import {Clock} from "./clock.js"
 * @import {Pane, RoomFrame} from "./frames.js"
 * @import {Message, State} from "./store.js"
 */
import { remaining } from "./clock.js";

export class Rounds {
  /** @param {{asks: boolean, clock: Clock}} options */
  constructor({ asks, clock }) {
    this.asks = asks;
    this.clock = clock;
  }

  /** Why nothing can be written in a pane now; "" if it can. @param {State} state @param {Pane|null} pane */
  closed({ room, messages, outbox }, pane) {
    if (!room?.round) return "";
    const left = Date.parse(room.round.ends_at ?? "") - this.clock.now();
    const from = this.asks ? "me" : "them";
    const inRound = began(room, messages.findLast((m) => m.from === from && (m.pane ?? null) === pane));
    if (!this.asks) return inRound && left > 0 ? "" : "Wait for the next question.";
    const sending = outbox.some((item) => item.pane === pane && item.status !== "failed");
    return inRound || sending ? this.#answersIn(left) : "";
  }

  /** @param {number} left */
  #answersIn(left) {
    return left > 0 ? `The answers come together in ${remaining(left)}.` : "The answers are on their way.";
  }
}

/** Whether the question belongs to the open round; events carry whole seconds. @param {RoomFrame} room @param {Message} [asked] */
function began({ round }, asked) {
  if (!asked || !round?.began_at) return false;
  return Date.parse(asked.at) >= Math.floor(Date.parse(round.began_at) / 1000) * 1000;
}
