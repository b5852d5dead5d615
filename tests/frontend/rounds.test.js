import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Clock } from "../../arena/static/arena/js/clock.js";
import { Rounds } from "../../arena/static/arena/js/rounds.js";
import { blank, onAction, onFrame } from "../../arena/static/arena/js/store.js";
import { examples } from "./examples.js";

const BEGAN = "2026-11-22T22:42:11.250Z";
const room = examples.interrogator.find(({ round }) => round?.began_at === BEGAN);
const idle = examples.interrogator.find(({ round }) => round?.began_at === null);
const question = (at, from, pane) => ({ is: "event", id: at, at, kind: "message", from, text: "?", ...(pane && { pane }) });
const fed = (...frames) => frames.reduce(onFrame, blank());

/** What a seat reads in a pane, so many seconds into the round. */
function closed(state, { asks, pane, s = 30 }) {
  const clock = new Clock({ monotonic: () => 0 });
  clock.guess(new Date(Date.parse(BEGAN) + 1000 * s).toISOString());
  return new Rounds({ asks, clock }).closed(state, pane);
}

describe("in a round, an interrogator", () => {
  const asked = fed(room, question("2026-11-22T22:42:11Z", "me", "A"));

  test("may ask each pane once", () => {
    assert.equal(closed(asked, { asks: true, pane: "A" }), "The answers come together in 0:30.");
    assert.equal(closed(asked, { asks: true, pane: "B" }), "");
  });

  test("waits while a question is on its way, and not after a refusal", () => {
    const item = { id: "c1", pane: "B", text: "?" };
    const sending = onAction(asked, { type: "queue", item });
    assert.notEqual(closed(sending, { asks: true, pane: "B" }), "");
    const refused = onAction(asked, { type: "queue", item: { ...item, error: "Too long." } });
    assert.equal(closed(refused, { asks: true, pane: "B" }), "");
  });

  test("waits on after its time until the answers are there", () => {
    assert.equal(closed(asked, { asks: true, pane: "A", s: 61 }), "The answers are on their way.");
  });

  test("is not held by a question of an earlier round", () => {
    const before = fed(room, question("2026-11-22T22:42:10Z", "me", "A"));
    assert.equal(closed(before, { asks: true, pane: "A" }), "");
    assert.equal(closed(fed(idle, question("2026-11-22T22:42:11Z", "me", "A")), { asks: true, pane: "A" }), "");
  });
});

describe("in a round, a witness", () => {
  const witness = { ...room, seat: "witness", panes: [] };

  test("writes only when asked, and until the time is over", () => {
    const asked = fed(witness, question("2026-11-22T22:42:11Z", "them"));
    assert.equal(closed(fed(witness), { asks: false, pane: null }), "Wait for the next question.");
    assert.equal(closed(asked, { asks: false, pane: null }), "");
    assert.equal(closed(asked, { asks: false, pane: null, s: 61 }), "Wait for the next question.");
  });
});

test("without rounds nothing is closed", () => {
  assert.equal(closed(fed(examples.witness[0]), { asks: false, pane: null }), "");
});
