/**
 * Where a seat had read to when its page was opened: the line above what came since, the way to it
 * where it is not among the messages shown, and how many there are.
 *
 * @import {Conversation} from "./conversation.js"
 * @import {Pane, RoomFrame, Unread} from "./frames.js"
 * @import {Entry} from "./store.js"
 */

/** The server counts no further. */
const MOST_COUNTED = 100;

/** What the room frame tells of one pane; a witness is told of its own alone. @param {RoomFrame|null} room @param {Pane|null} pane @returns {Unread|null} */
function toldOf(room, pane) {
  const told = room?.unread;
  if (!told) return null;
  return "after" in told ? /** @type {Unread} */ (told) : told[pane ?? "A"] ?? null;
}

export class UnreadPlace {
  #since = /** @type {Unread|null} */ (null);
  #sought = "";

  /** The first message that came since, once it is known; "" before. */
  first = "";

  /** How many there were, as far as they are counted. */
  get n() { return this.#since?.n ?? 0; }

  /** The last event that was read, if it is known and something came since. @returns {string|null} */
  get after() { return this.n > 0 ? this.#since?.after ?? null : null; }

  /** In words. */
  get words() { return `${this.n >= MOST_COUNTED ? `${MOST_COUNTED} or more` : this.n} new since you were here`; }

  /** The page is opened: what comes from now on is seen to come. @param {RoomFrame|null} room @param {Pane|null} pane */
  begin(room, pane) { this.#since ??= toldOf(room, pane); }

  /** The next jump leads there. @param {Conversation} conversation */
  seek(conversation) { this.#sought = conversation.jumped?.id ?? "none"; }

  /** Look for it among what is shown. @param {Entry[]} list @param {Conversation} conversation */
  find(list, { jumped }) {
    if (this.after === null || this.first !== "") return;
    const at = list.findIndex(({ id }) => id === this.after);
    if (at >= 0) this.first = list.slice(at + 1).find(({ from }) => from === "them")?.id ?? "";
    else if (this.#sought && jumped && jumped.id !== this.#sought) this.first = jumped.to;
  }
}
