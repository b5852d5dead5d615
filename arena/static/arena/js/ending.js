/**
 * What is said when a room is over. The words depend on the reason, never on who left.
 *
 * @import {RoomConfig} from "./config.js"
 * @import {EndReason, RevealFrame} from "./frames.js"
 * @import {State} from "./store.js"
 */
import { byId, setText } from "./dom.js";

const OVER = "The room ended before its time. Thank you for taking part.";

/** @type {Record<EndReason, [string, string]>} */
const WORDS = {
  verdict: ["The room has ended", "The interrogator has decided."],
  time_up: ["The room has ended", "The time is up."],
  withdrawn: ["The room has ended", OVER],
  dropped_out: ["The room has ended", OVER],
  technical: ["The room has ended", OVER],
  no_show: ["The room did not start", "Not everybody arrived in time. Thank you for waiting."],
  stood_down: ["You are free to go", "This room was played without you. That is part of how the study works, and nothing you did. Thank you for waiting."],
};

/** @param {RoomConfig} config @param {State} state */
export function showEnding(config, state) {
  const [title, words] = (state.ended && WORDS[state.ended]) ?? ["The room has ended", ""];
  const decided = config.seat === "interrogator" && state.ended === "verdict";
  setText(byId("ended-title"), title);
  setText(byId("ended-words"), decided ? "Your verdict is recorded and cannot be changed." : words);
  setText(byId("ended-reveal"), revealed(config, state.reveal));
  byId("ended-reveal").hidden = byId("ended-reveal").textContent === "";
}

/** @param {RoomConfig} config @param {RevealFrame|null} reveal */
function revealed(config, reveal) {
  if (!reveal || config.seat !== "interrogator") return "";
  if (config.format === "two_party") return `The witness was a ${reveal.human === true ? "human" : "machine"}.`;
  return `${reveal.human} was the human. ${reveal.human === "A" ? "B" : "A"} was a machine.`;
}
