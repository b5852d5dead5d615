/**
 * The list of messages of one pane: order, day lines, scrolling, and what is read out.
 *
 * It shows what the store holds of the conversation, which is a stretch of bounded length. Whatever
 * comes or goes above, the message at the top of the view stays where it is.
 *
 * @import {Names, Situation} from "./bubble.js"
 * @import {Conversation} from "./conversation.js"
 * @import {Dates} from "./dates.js"
 * @import {Outbox} from "./outbox.js"
 * @import {Entry} from "./store.js"
 * @typedef {{offline: boolean, moved: boolean, over: boolean}} Line why nothing in the pane can be sent
 * @typedef {{entries: Entry[], conversation: Conversation, line: Line, unread: string}} View unread is the first message since the seat was last here, or ""
 * @typedef {{entry: Entry, said: string}} Drawn what a bubble shows
 */
import { arrange, el, findPart, part } from "./dom.js";
import { bubble, refresh, repairs } from "./bubble.js";

const NEAR_END_PX = 100;

export class Log {
  /** @type {Map<string, HTMLElement>} */
  #nodes = new Map();
  /** @type {Map<string, Drawn>} */
  #drawn = new Map();
  /** @type {Entry[]} */
  #entries = [];
  /** @type {WeakMap<Entry, string>} */
  #days = new WeakMap();
  #stick = true;
  #away = false;
  #unseen = 0;
  #heard = NaN;
  #jumped = "";
  #isLive = false;

  /**
   * @param {HTMLElement} root the pane
   * @param {{names: Names, outbox: Outbox, dates: Dates, decorate: (node: HTMLElement, entry: Entry) => void,
   *          mark: (entry: Entry) => string, onScroll: () => void, onEnd: () => void}} options
   *   mark says in what a decoration may have changed; onEnd has the newest messages shown
   */
  constructor(root, options) {
    this.options = options;
    this.list = part(root, "log");
    this.pill = part(root, "newer");
    this.list.addEventListener("scroll", () => this.#scrolled());
    this.pill.addEventListener("click", () => this.toEnd());
    // A pane that was hidden or resized keeps its place at the end, and is seen now.
    new ResizeObserver(() => { if (this.follows) this.#bottom(); options.onScroll(); }).observe(this.list);
  }

  /** Whether news move the log to its end: not away from a list of tags that is being filled in. */
  get follows() { return this.#stick && !this.#away && !findPart(this.list, "tag-list"); }

  /** History is on the page now; from here on, additions are news. */
  goLive() {
    this.#isLive = true;
    this.#listen();
  }

  /** Go to the newest message. */
  toEnd() {
    this.options.onEnd();
    this.#bottom();
  }

  #bottom() {
    this.list.scrollTop = this.list.scrollHeight;
    this.#seen();
  }

  /** Go to the line above what came since the seat was last here. @returns {boolean} whether there is one */
  toUnread() {
    const line = this.#nodes.get("unread");
    if (!line?.isConnected) return false;
    if (line.getBoundingClientRect().top < this.list.getBoundingClientRect().top) this.#toTop(line);
    return true;
  }

  /** @param {HTMLElement} node */
  #toTop(node) {
    this.list.scrollTop += node.getBoundingClientRect().top - this.list.getBoundingClientRect().top;
    this.#scrolled();
  }

  /** @param {View} view @returns {number} messages from the other side that came since it was last shown */
  show(view) {
    const { entries, conversation } = view;
    this.#entries = entries;
    // What was there at first is no news, nor what a log that is told anew repeats.
    const added = conversation.heard > this.#heard ? conversation.heard - this.#heard : 0;
    this.#heard = conversation.heard;
    this.#away = conversation.away !== null;
    const last = entries.at(-1);
    const isMine = last?.from === "me" && !this.#nodes.has(last.key);
    this.#unlessNews(entries, () => this.#keepPlace(() => arrange(this.list, this.#wanted(view))));
    const jump = conversation.jumped;
    if (jump && jump.id !== this.#jumped) this.#land(jump);
    else if (this.follows || (isMine && !this.#away)) this.#bottom();
    else this.#unseen += added;
    this.#showPill();
    return added;
  }

  /** @param {{id: string, to: string}} jump */
  #land({ id, to }) {
    this.#jumped = id;
    const first = this.#nodes.get(this.#entries.find((entry) => entry.id === to)?.key ?? "");
    if (!first) return;
    const above = first.previousElementSibling;
    this.#toTop(above instanceof HTMLElement && above.classList.contains("day-line") ? above : first);
    this.list.focus({ preventScroll: true });
  }

  /** History is not read out when it comes onto the page: only what is added below what was shown. @param {Entry[]} entries @param {() => void} change */
  #unlessNews(entries, change) {
    const firstNew = entries.findIndex(({ key }) => !this.#nodes.has(key));
    const isNews = firstNew < 0 || (firstNew > 0 && !this.#away && entries.slice(firstNew).every(({ key }) => !this.#nodes.has(key)));
    if (!isNews) this.list.setAttribute("aria-live", "off");
    change();
    if (!isNews) this.#listen();
  }

  #listen() {
    if (this.#isLive) requestAnimationFrame(() => this.list.setAttribute("aria-live", "polite"));
  }

  /** @param {() => void} change */
  #keepPlace(change) {
    const top = this.list.getBoundingClientRect().top;
    const seen = [...this.list.children].filter((node) => node.getBoundingClientRect().bottom > top);
    const places = seen.slice(0, 40).map((node) => ({ node, at: node.getBoundingClientRect().top }));
    const focused = this.list.contains(document.activeElement);
    change();
    const kept = places.find(({ node }) => node.isConnected && node.classList.contains("message"));
    if (kept) this.list.scrollTop += kept.node.getBoundingClientRect().top - kept.at;
    // What had the focus may have left the document.
    if (focused && !this.list.contains(document.activeElement)) this.list.focus({ preventScroll: true });
  }

  /** @param {View} view */
  #wanted({ entries, line, unread }) {
    const failed = entries.findIndex(({ status }) => status === "failed");
    const used = new Set();
    const nodes = [];
    let day = "";
    /** @param {string} key @param {string} text @param {string} [className] */
    const separate = (key, text, className = "") => {
      used.add(key);
      nodes.push(this.#separator(key, text, className));
    };
    for (const [i, entry] of entries.entries()) {
      const today = this.#dayOf(entry);
      if (today !== day) separate(`day ${today}`, today);
      day = today;
      if (unread !== "" && entry.id === unread) separate("unread", "New since you were here", "unread-line");
      used.add(entry.key);
      nodes.push(this.#bubbleFor(entry, { ...line, blocked: failed >= 0 && i > failed }));
    }
    for (const key of this.#nodes.keys()) if (!used.has(key)) { this.#nodes.delete(key); this.#drawn.delete(key); }
    return nodes;
  }

  /** @param {Entry} entry */
  #dayOf(entry) {
    const known = this.#days.get(entry) ?? this.options.dates.day(entry.at ?? Date.now());
    if (entry.at) this.#days.set(entry, known);
    return known;
  }

  /** @param {string} key @param {string} text @param {string} className */
  #separator(key, text, className) {
    const node = this.#nodes.get(key) ?? el("p", { className: `day-line ${className}`.trim(), text, attrs: { "aria-live": "off" } });
    this.#nodes.set(key, node);
    return node;
  }

  /** @param {Entry} entry @param {Situation} situation */
  #bubbleFor(entry, situation) {
    const { names, dates, decorate, mark } = this.options;
    const node = this.#nodes.get(entry.key) ?? bubble(entry, names, dates);
    this.#nodes.set(entry.key, node);
    // A stored message says the same until its tags change.
    const said = entry.status === "stored" ? mark(entry) : "";
    const drawn = this.#drawn.get(entry.key);
    if (drawn && drawn.entry === entry && drawn.said === said && entry.status === "stored") return node;
    this.#drawn.set(entry.key, { entry, said });
    refresh(node, entry, { names, dates }, situation);
    this.#mend(node, entry);
    decorate(node, entry);
    return node;
  }

  /** @param {HTMLElement} node @param {Entry} entry */
  #mend(node, entry) {
    const present = findPart(node, "repairs");
    if (entry.status === "failed" && !present) {
      const { outbox } = this.options;
      node.append(repairs({ onRetry: () => outbox.retry(entry.key), onRemove: () => outbox.remove(entry.key) }));
    }
    if (entry.status !== "failed") present?.remove();
  }

  #scrolled() {
    if (this.list.clientHeight === 0) return;
    this.#stick = this.below < NEAR_END_PX;
    if (this.#stick && !this.#away) this.#seen();
    else this.#showPill();
    this.options.onScroll();
  }

  /** How much is left above and below the view, and how high the view is, in px. */
  get above() { return this.list.scrollTop; }
  get below() { return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight; }
  get height() { return this.list.clientHeight; }

  /** The last stored message that is wholly in the view or above it. @returns {Entry|null} */
  get lastSeen() {
    if (this.height === 0) return null;
    const end = this.list.getBoundingClientRect().bottom + 1;
    return this.#entries.findLast(({ key, status }) => {
      const node = this.#nodes.get(key);
      return status === "stored" && node !== undefined && node.getBoundingClientRect().bottom <= end;
    }) ?? null;
  }

  #seen() {
    this.#unseen = 0;
    this.#stick = true;
    this.#showPill();
  }

  /** The way to the end: how much is new there, or that it is not shown at all. */
  #showPill() {
    this.pill.hidden = this.#unseen === 0 && !this.#away;
    this.pill.textContent = this.#unseen > 0 ? `${this.#unseen} new` : "Newest messages";
  }
}
