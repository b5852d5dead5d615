/**
 * The list of messages of one pane: order, day lines, scrolling, and what is read out.
 *
 * @import {Names, Situation} from "./bubble.js"
 * @import {Outbox} from "./outbox.js"
 * @import {Entry} from "./store.js"
 * @typedef {{offline: boolean, moved: boolean, over: boolean}} Line why nothing in the pane can be sent
 */
import { arrange, el, findPart, part } from "./dom.js";
import { dayName } from "./clock.js";
import { bubble, refresh, repairs } from "./bubble.js";

const NEAR_END_PX = 100;

export class Log {
  /** @type {Map<string, HTMLElement>} */
  #nodes = new Map();
  #stick = true;
  #unseen = 0;

  /**
   * @param {HTMLElement} root the pane
   * @param {{names: Names, outbox: Outbox, decorate: (node: HTMLElement, entry: Entry) => void}} options
   */
  constructor(root, options) {
    this.options = options;
    this.list = part(root, "log");
    this.pill = part(root, "newer");
    this.list.addEventListener("scroll", () => this.#scrolled());
    this.pill.addEventListener("click", () => this.toEnd());
    // A pane that was hidden or resized keeps its place at the end.
    new ResizeObserver(() => { if (this.#follows) this.toEnd(); }).observe(this.list);
  }

  /** Whether news moves the log to its end: not away from a list of tags that is being filled in. */
  get #follows() { return this.#stick && !findPart(this.list, "tag-list"); }

  /** History is on the page now; from here on, additions are news. */
  goLive() { requestAnimationFrame(() => this.list.setAttribute("aria-live", "polite")); }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    this.#seen();
  }

  /** @param {Entry[]} entries @param {Line} line @returns {number} messages from the other side added at the end */
  show(entries, line) {
    const fresh = new Set(entries.filter(({ key }) => !this.#nodes.has(key)));
    const first = entries[0];
    const last = entries.at(-1);
    const earlier = this.#nodes.size > 0 && (!first || fresh.has(first));
    const before = { height: this.list.scrollHeight, top: this.list.scrollTop };
    arrange(this.list, this.#wanted(entries, line));
    if (earlier) {
      this.list.scrollTop = before.top + this.list.scrollHeight - before.height;
      return 0;
    }
    const added = [...fresh].filter(({ from }) => from === "them").length;
    if (this.#follows || (last?.from === "me" && fresh.has(last))) this.toEnd();
    else this.#count(added);
    return added;
  }

  /** @param {Entry[]} entries @param {Line} line */
  #wanted(entries, line) {
    const failed = entries.findIndex(({ status }) => status === "failed");
    const nodes = [];
    let day = "";
    for (const [i, entry] of entries.entries()) {
      const today = dayName(entry.at ?? Date.now());
      if (today !== day) nodes.push(this.#dayLine(today));
      day = today;
      nodes.push(this.#bubbleFor(entry, { ...line, blocked: failed >= 0 && i > failed }));
    }
    const keys = new Set(entries.map(({ key }) => key));
    for (const key of this.#nodes.keys()) if (!keys.has(key) && !key.startsWith("day ")) this.#nodes.delete(key);
    return nodes;
  }

  /** @param {string} today */
  #dayLine(today) {
    const key = `day ${today}`;
    const node = this.#nodes.get(key) ?? el("p", { className: "day-line", text: today, attrs: { "aria-live": "off" } });
    this.#nodes.set(key, node);
    return node;
  }

  /** @param {Entry} entry @param {Situation} situation */
  #bubbleFor(entry, situation) {
    const node = this.#nodes.get(entry.key) ?? bubble(entry, this.options.names);
    this.#nodes.set(entry.key, node);
    refresh(node, entry, this.options.names, situation);
    this.#mend(node, entry);
    this.options.decorate(node, entry);
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
    const left = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight;
    this.#stick = left < NEAR_END_PX;
    if (this.#stick) this.#seen();
  }

  #seen() {
    this.#unseen = 0;
    this.#stick = true;
    this.pill.hidden = true;
  }

  /** @param {number} added */
  #count(added) {
    this.#unseen += added;
    this.pill.hidden = this.#unseen === 0;
    this.pill.textContent = `${this.#unseen} new`;
  }
}
