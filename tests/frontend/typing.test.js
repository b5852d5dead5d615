/** How typing is counted: no key and no text leaves the page. */
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.addEventListener ??= () => undefined;
globalThis.document ??= { addEventListener: () => undefined, hidden: false };
const { Typing } = await import("../../arena/static/arena/js/typing.js");

/** A field at which somebody types, and a clock. */
function desk() {
  const clock = { ms: 0 };
  const field = { value: "", addEventListener: () => undefined };
  return { clock, typing: new Typing(field, () => clock.ms) };
}

test("keys and the pauses between them", () => {
  const { clock, typing } = desk();
  for (const [i, ms] of [100, 200, 400, 1400].entries()) {
    clock.ms = ms;
    typing.changed("insertText", i + 1);
  }
  clock.ms = 1600;
  assert.deepEqual(typing.take(), {
    keys: 4, pastes: 0, pasted_chars: 0, away: 0, away_ms: 0, writing_ms: 1500, pause_p50_ms: 200, pause_p90_ms: 1000,
  });
});

test("a text pasted after a while away", () => {
  const { clock, typing } = desk();
  typing.left();
  typing.left();
  clock.ms = 9000;
  typing.back();
  typing.changed("insertFromPaste", 80);
  clock.ms = 9400;
  assert.deepEqual(typing.take(), {
    keys: 0, pastes: 1, pasted_chars: 80, away: 1, away_ms: 9000, writing_ms: 400, pause_p50_ms: null, pause_p90_ms: null,
  });
});

test("what was counted for one message is not counted for the next", () => {
  const { clock, typing } = desk();
  typing.changed("insertText", 1);
  typing.take();
  clock.ms = 5000;
  typing.changed("insertFromDrop", 7);
  const { keys, pasted_chars, writing_ms } = typing.take();
  assert.deepEqual({ keys, pasted_chars, writing_ms }, { keys: 0, pasted_chars: 7, writing_ms: 0 });
});

test("no number is beyond what the server takes", () => {
  const { clock, typing } = desk();
  typing.left();
  clock.ms = 1e12;
  typing.back();
  assert.equal(typing.take().away_ms, 1e9);
});
