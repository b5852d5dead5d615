/** Rounds: each pane is asked once, and what is answered comes together when the round is over. */
import { remaining } from "./clock.js";

export class Rounds {
  /** @param {{asks: boolean, clock: any}} options */
  constructor({ asks, clock }) {
    this.asks = asks;
    this.clock = clock;
  }

  /** Why nothing can be written in a pane now; "" if it can. @param {any} state @param {string|null} pane */
  closed({ room, messages, outbox }, pane) {
    if (!room?.round) return "";
    const left = room.round.ends_at ? Date.parse(room.round.ends_at) - this.clock.now() : 0;
    const from = this.asks ? "me" : "them";
    const asked = messages.filter((m) => m.from === from && (m.pane ?? null) === pane).at(-1);
    const began = room.round.began_at ? Math.floor(Date.parse(room.round.began_at) / 1000) * 1000 : Infinity;
    const inRound = Boolean(asked) && Date.parse(asked.at) >= began;
    if (this.asks) {
      const sending = outbox.some((item) => item.pane === pane && item.status !== "failed");
      if (!inRound && !sending) return "";
      return left > 0 ? `The answers come together in ${remaining(left)}.` : "The answers are on their way.";
    }
    return inRound && left > 0 ? "" : "Wait for the next question.";
  }
}
