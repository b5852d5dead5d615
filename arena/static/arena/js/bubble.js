/**
 * One message on the page: its words, its minute, and what became of sending it.
 *
 * @import {Dates} from "./dates.js"
 * @import {Entry} from "./store.js"
 *
 * @typedef {{name: string, mine: string}} Names what the other side and one's own are called
 * @typedef {{over: boolean, moved: boolean, offline: boolean, blocked: boolean}} Situation why an unsent message waits
 */
import { el, part, setText } from "./dom.js";

/** A message that takes longer than this to be stored says so. */
export const SLOW_MS = 1200;

/**
 * @param {Entry} entry @param {Names} names @param {Dates} dates
 * @returns {HTMLElement} Its shape never depends on who wrote it, except mine or theirs.
 */
export function bubble(entry, names, dates) {
  const mine = entry.from === "me";
  const node = el("div", { className: mine ? "message message-mine" : "message" },
    el("span", { className: "visually-hidden", attrs: { "data-part": "who" } }),
    el("p", { className: "message-text", attrs: { dir: "auto", translate: "no", "data-part": "text" } }),
    el("div", { className: "message-foot", attrs: { "data-part": "foot" } },
      el("span", { className: "message-note", attrs: { "data-part": "note" } }),
      el("time", { attrs: { "data-part": "time" } })));
  // One's own words are known to their writer: only the other side's are read out.
  if (mine) node.setAttribute("aria-live", "off");
  node.dataset.since = String(performance.now());
  refresh(node, entry, { names, dates }, { over: false, moved: false, offline: false, blocked: false });
  return node;
}

/** @param {HTMLElement} node @param {Entry} entry @param {Situation} situation */
function note(node, entry, { over, moved, offline, blocked }) {
  if (entry.status === "failed") return `Not sent. ${entry.error ?? ""}`;
  if (entry.status === "stored") return "";
  if (over) return "Not sent before the end";
  if (moved) return "Not sent";
  if (offline) return "Will be sent when the connection is back";
  if (blocked) return "Waits for the message that was not sent";
  return performance.now() - Number(node.dataset.since) > SLOW_MS ? "Sending…" : "";
}

/**
 * Bring a bubble up to date with its entry.
 * @param {HTMLElement} node @param {Entry} entry @param {{names: Names, dates: Dates}} words @param {Situation} situation
 */
export function refresh(node, entry, { names: { name, mine }, dates }, situation) {
  const who = entry.from === "me" ? mine : name;
  const at = entry.at ? dates.time(entry.at) : "";
  node.classList.toggle("message-unsent", entry.status !== "stored");
  node.classList.toggle("message-failed", entry.status === "failed");
  setText(part(node, "who"), at ? `${who}, ${at}: ` : `${who}: `);
  setText(part(node, "text"), entry.text);
  setText(part(node, "time"), at);
  if (entry.at) dated(part(node, "time", HTMLTimeElement), entry.at, dates);
  setText(part(node, "note"), note(node, entry, situation));
}

/** @param {HTMLTimeElement} time @param {string} at @param {Dates} dates */
function dated(time, at, dates) {
  Object.assign(time, { dateTime: at });
  if (dates.daysMatter) Object.assign(time, { title: dates.moment(at) });
}

/**
 * "Try again" and "Remove", for a message that was refused.
 * @param {{onRetry: () => void, onRemove: () => void}} options
 */
export function repairs({ onRetry, onRemove }) {
  const again = el("button", { className: "link-button", text: "Try again", attrs: { type: "button" } });
  const remove = el("button", { className: "link-button", text: "Remove", attrs: { type: "button" } });
  again.addEventListener("click", onRetry);
  remove.addEventListener("click", onRemove);
  return el("span", { className: "message-repairs", attrs: { "data-part": "repairs" } }, again, remove);
}
