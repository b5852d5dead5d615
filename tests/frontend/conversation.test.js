import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  atEnd, blankConversation, hasEarlier, meetsTail, MOST, PAGE, shown, withEarlier, withJump, withLater, withMessage,
} from "../../arena/static/arena/js/conversation.js";

const message = (n, from = "them") => ({ id: `e${n}`, key: `e${n}`, from, at: "", is: "event", kind: "message", status: "stored", text: `${n}` });
const run = (from, upto) => Array.from({ length: upto - from }, (_, i) => message(from + i));
const numbers = (list) => list.map(({ id }) => Number(id.slice(1)));
const ends = (conversation) => {
  const list = numbers(shown(conversation));
  return [list[0], list.at(-1), list.length];
};
const isWhole = (list) => numbers(list).every((n, i, all) => i === 0 || n === all[i - 1] + 1);
const grown = (conversation, from, upto) => run(from, upto).reduce((each, m) => withMessage(each, m), conversation);
/** The server's answers about a conversation of `n` messages. */
const server = (n) => ({
  before: (id) => {
    const at = Number(id.slice(1));
    return { messages: run(Math.max(0, at - PAGE), at), earlier: at > PAGE, later: false };
  },
  after: (id) => {
    const at = Number(id.slice(1)) + 1;
    return { messages: run(at, Math.min(n, at + PAGE)), earlier: true, later: at + PAGE < n };
  },
  at: (k) => ({ messages: run(k, Math.min(n, k + PAGE)), earlier: k > 0, later: k + PAGE < n }),
});
const begun = (n, held = 200) => ({ ...blankConversation(true), tail: run(n - held, n) });
const back = (conversation, log) => withEarlier(conversation, log.before(shown(conversation)[0].id));
const on = (conversation, log) => {
  const last = conversation.away?.at(-1);
  if (!last) return conversation;
  return withLater(conversation, meetsTail(conversation) ? { messages: [], earlier: true, later: true } : log.after(last.id));
};

describe("news", () => {
  test("push out the oldest where the reader is at the end", () => {
    const state = grown(blankConversation(false), 0, MOST + 50);
    assert.deepEqual(ends(state), [50, MOST + 49, MOST]);
    assert.equal(hasEarlier(state), true);
    assert.equal(state.heard, MOST + 50);
  });

  test("do not move what is read further up", () => {
    const reading = { ...grown(blankConversation(false), 0, MOST), follows: false };
    const state = grown(reading, MOST, MOST + 500);
    assert.deepEqual(shown(state), reading.tail);
    assert.equal(hasEarlier(state), false);
    assert.deepEqual(ends(atEnd(state)).slice(1), [MOST + 499, MOST]);
  });

  test("of one's own are not counted as heard", () => {
    assert.equal(withMessage(blankConversation(false), message(1, "me")).heard, 0);
    assert.equal(withMessage(blankConversation(false), message(1)).heard, 1);
  });
});

describe("a log of a hundred thousand", () => {
  const n = 100_000;
  const log = server(n);

  test("is read back to any depth, and never is much of it held", () => {
    let state = begun(n);
    for (let i = 0; i < 300; i += 1) {
      state = back(state, log);
      assert.ok(shown(state).length <= MOST && state.tail.length <= MOST);
      assert.ok(isWhole(shown(state)));
    }
    assert.equal(ends(state)[0], n - 200 - 300 * PAGE);
    assert.equal(hasEarlier(state), true);
  });

  test("is read on from anywhere to its end without a gap, even while it grows", () => {
    let state = withJump(begun(n), log.at(n - 1000), "h1");
    let grows = n;
    for (let i = 0; i < 60 && state.away; i += 1) {
      const last = Number(shown(state).at(-1).id.slice(1));
      state = withMessage(state, message(grows));
      grows += 1;
      state = on(state, server(grows));
      assert.ok(isWhole(shown(state)) && shown(state).length <= MOST);
      const [first, newLast] = ends(state);
      assert.ok(newLast > last && first <= last, "what is read stays");
    }
    assert.equal(state.away, null);
    assert.deepEqual(ends(state)[1], grows - 1);
  });

  test("has a first message, a day in its middle and an end", () => {
    const first = withJump(begun(n), log.at(0), "h1");
    assert.deepEqual([ends(first), hasEarlier(first)], [[0, PAGE - 1, PAGE], false]);
    assert.deepEqual(first.jumped, { id: "h1", to: "e0" });
    const middle = withJump(first, log.at(50_000), "h2");
    assert.deepEqual([ends(middle), hasEarlier(middle)], [[50_000, 50_000 + PAGE - 1, PAGE], true]);
    assert.deepEqual(ends(atEnd(middle)), [n - 200, n - 1, 200]);
  });

  test("of which a page reaches the end is the end", () => {
    const far = withJump(begun(n), log.at(n - 350), "h1");
    assert.deepEqual([far.away === null, ends(far)], [false, [n - 350, n - 251, PAGE]]);
    const state = withJump(begun(n), log.at(n - 250), "h1");
    assert.deepEqual([state.away, ends(state)], [null, [n - 250, n - 1, 250]]);
    const near = withJump(begun(n), log.at(n - 80), "h1");
    assert.deepEqual([near.away, ends(near), near.jumped.to], [null, [n - 200, n - 1, 200], `e${n - 80}`]);
    assert.deepEqual(withJump(begun(n), { messages: [], earlier: true, later: false }, "h1").away, null);
  });
});

test("a page that was read before the last news still reaches them", () => {
  const log = server(150);
  const state = { ...blankConversation(true), tail: run(150, 153) };
  const jumped = withJump(state, log.at(60), "h1");
  assert.deepEqual([jumped.away, ends(jumped), isWhole(shown(jumped))], [null, [60, 152, 93], true]);
});

test("more of the end does not push out what is read when it is long", () => {
  const held = { ...grown(blankConversation(false), 0, MOST), follows: false };
  let state = grown(held, MOST, MOST + 150);
  const last = numbers(shown(state)).at(-1);
  while (state.away) state = on(state, server(MOST + 150));
  assert.ok(numbers(shown(state)).includes(last));
  assert.ok(isWhole(shown(state)));
});

test("a short conversation is held whole", () => {
  const state = withEarlier({ ...blankConversation(true), tail: run(40, 60) }, server(60).before("e40"));
  assert.deepEqual([ends(state), hasEarlier(state), state.away], [[0, 59, 60], false, null]);
});
