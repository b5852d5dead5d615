import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { blank, entries, onAction, onFrame, stage, Store } from "../../arena/static/arena/js/store.js";
import { examples } from "./examples.js";

const SESSION = examples.interrogator;
const EVENTS = SESSION.filter(({ is }) => is === "event");
const SYNCED = { is: "synced", earlier: false };

const message = (n, { from = "them", pane = "A" } = {}) => ({
  is: "event", id: `e${n}`, at: `2026-11-22T22:42:${n}Z`, kind: "message", pane, from, text: `text ${n}`,
});
const belief = (n, p) => ({ is: "event", id: `e${n}`, at: `2026-11-22T22:42:${n}Z`, kind: "belief", from: "me", p });
const fed = (frames, state = blank()) => frames.reduce(onFrame, state);
const done = (actions, state = blank()) => actions.reduce(onAction, state);
const texts = (state, pane = null) => entries(state, pane).map(({ text }) => text);
const queue = (id, pane = "A") => ({ type: "queue", item: { id, pane, text: `text of ${id}` } });

describe("a whole room", () => {
  const state = fed(SESSION);

  test("its messages are in their panes, in the server's order", () => {
    assert.deepEqual(texts(state, "A"), ["Who are you?", "Zoë, from Malmö 🙂"]);
    assert.deepEqual(texts(state, "B"), ["And you?", "Nobody"]);
    assert.equal(state.last.id, "e8");
  });

  test("what was believed, tagged, decided and revealed is known", () => {
    assert.equal(state.belief.p, 0.7);
    assert.equal(state.asked, null);
    assert.deepEqual(state.tags, new Map([["e3", ["logic", "daily-activities"]]]));
    assert.equal(state.verdict.reason, "B never gets tired.");
    assert.equal(state.reveal.human, "A");
    assert.equal(state.ended, "verdict");
  });

  test("each stage of the page is due in its turn", () => {
    const due = SESSION.map((_, i) => stage(fed(SESSION.slice(0, i + 1))));
    assert.deepEqual([...new Set(due)], ["loading", "consent", "live", "ended"]);
    assert.equal(stage(done([{ type: "ready" }], fed(SESSION.slice(0, 2)))), "waiting");
  });

  test("a witness has one conversation", () => {
    assert.deepEqual(texts(fed(examples.witness)), ["Who are you?", "Zoë, from Malmö 🙂"]);
  });
});

describe("the same events give the same state", () => {
  const whole = fed([...EVENTS, SYNCED]);

  for (let cut = 0; cut <= EVENTS.length; cut += 1) {
    test(`when the line breaks after ${cut} of ${EVENTS.length}`, () => {
      const before = fed([SYNCED, ...EVENTS.slice(0, cut)]);
      const lost = done([{ type: "connection", status: "offline", attempts: 0 }], before);
      const after = fed([...EVENTS.slice(cut), SYNCED], lost);
      assert.deepEqual({ ...after, connection: whole.connection }, whole);
    });

    test(`when everything up to ${cut} is repeated`, () => {
      assert.deepEqual(fed([...EVENTS, ...EVENTS.slice(0, cut), SYNCED]), whole);
    });
  }

  test("an event that was taken in changes nothing, not even the value", () => {
    for (const event of EVENTS) assert.equal(onFrame(whole, event), whole);
  });

  test("a frame of a later version changes nothing", () => {
    assert.equal(onFrame(whole, { is: "weather" }), whole);
  });

  test("no state is changed in place", () => {
    let state = blank();
    for (const frame of SESSION) {
      const before = structuredClone(state);
      const next = onFrame(state, frame);
      assert.deepEqual(state, before);
      state = next;
    }
  });
});

describe("an acknowledgement", () => {
  const waiting = done([queue("c1"), queue("c2"), { type: "sending", id: "c1" }]);
  const own = message(1, { from: "me" });

  test("is matched to its own message", () => {
    const state = onFrame(waiting, { is: "ack", re: "c2", event: "e9" });
    assert.deepEqual(state.outbox.map(({ status, event }) => [status, event]), [["sending", undefined], ["stored", "e9"]]);
  });

  test("of another command changes nothing", () => {
    assert.equal(onFrame(waiting, { is: "ack", re: "c7", event: "e9" }), waiting);
  });

  test("may come before or after the event itself", () => {
    const ack = { is: "ack", re: "c1", event: "e1" };
    const early = fed([ack, own], waiting);
    const late = fed([own, ack], waiting);
    for (const state of [early, late]) {
      assert.deepEqual(entries(state, "A").map(({ key, id, status }) => [key, id, status]), [
        ["c1", "e1", "stored"], ["c2", "", "waiting"],
      ]);
    }
  });

  test("is awaited before one's own message is shown twice", () => {
    assert.deepEqual(texts(fed([own], waiting)), ["text of c1", "text of c2"]);
  });

  test("that never comes because the line broke leaves the stored message shown", () => {
    const lost = done([{ type: "connection", status: "offline", attempts: 0 }], fed([own], waiting));
    assert.deepEqual(texts(lost), ["text 1", "text of c1", "text of c2"]);
  });
});

describe("a refusal", () => {
  const waiting = done([queue("c1"), queue("c2"), { type: "sending", id: "c1" }]);
  const refused = onFrame(waiting, { is: "error", re: "c1", code: "message.too_long", message: "Too long." });

  test("marks its own message alone", () => {
    assert.deepEqual(refused.outbox.map(({ status, error }) => [status, error]), [["failed", "Too long."], ["waiting", undefined]]);
  });

  test("is forgotten when its writer tries again", () => {
    const [first] = done([{ type: "retry", id: "c1" }], refused).outbox;
    assert.deepEqual([first.status, first.error], ["waiting", undefined]);
  });

  test("can be removed", () => {
    assert.deepEqual(done([{ type: "remove", id: "c1" }], refused).outbox.map(({ id }) => id), ["c2"]);
  });

  test("without a command ends the wait for an earlier page", () => {
    const paging = done([{ type: "paging" }]);
    assert.equal(onFrame(paging, { is: "error", re: null, code: "event.unknown", message: "Unknown." }).page, null);
  });
});

describe("what a page knows that holds little of the log", () => {
  const [, , , live] = SESSION;
  const asked = (n) => ({ is: "event", id: `e${n}`, at: `2026-11-22T22:42:${n}Z`, kind: "belief_asked", from: "them" });
  const room = (n) => ({ ...live, belief: n && { p: 0.6, at: `2026-11-22T22:42:${n}Z` }, said: { A: 12, B: 9 } });

  test("its last belief, and what it has said", () => {
    const state = fed([room(20), message(30), SYNCED]);
    assert.equal(state.belief.p, 0.6);
    assert.deepEqual(state.room.said, { A: 12, B: 9 });
    assert.equal(fed([room(null), SYNCED]).belief, null);
  });

  test("an older belief does not replace it, and a newer one does", () => {
    assert.equal(fed([room(20), belief(11, 0.1)]).belief.p, 0.6);
    assert.equal(fed([room(20), belief(20, 0.6), belief(21, 0.3)]).belief.p, 0.3);
  });

  test("that it was asked since, once an earlier page tells", () => {
    const before = (event) => fed([event, SYNCED], done([{ type: "paging" }], fed([room(15), message(30), SYNCED])));
    assert.equal(before(asked(20)).asked.id, "e20");
    assert.equal(before(asked(12)).asked, null);
  });
});

describe("an earlier page", () => {
  const paging = (frames) => done([{ type: "paging" }], fed([...frames, { is: "synced", earlier: true }]));

  test("stands before what was known, once it is complete", () => {
    const asked = fed([message(11), message(12)], paging([message(20)]));
    assert.deepEqual(texts(asked), ["text 20"]);
    const state = onFrame(asked, SYNCED);
    assert.deepEqual(texts(state), ["text 11", "text 12", "text 20"]);
    assert.deepEqual([state.first.id, state.last.id, state.earlier, state.page], ["e11", "e20", false, null]);
  });

  test("is taken in once, whatever is repeated later", () => {
    const state = fed([message(11), SYNCED], paging([message(20)]));
    assert.equal(onFrame(state, message(11)), state);
  });

  test("does not keep news from coming in meanwhile", () => {
    const state = fed([message(11), message(30), message(12), SYNCED], paging([message(20)]));
    assert.deepEqual(texts(state), ["text 11", "text 12", "text 20", "text 30"]);
    assert.equal(state.last.id, "e30");
  });

  test("does not overwrite what came later", () => {
    assert.equal(fed([belief(11, 0.1), belief(12, 0.2), SYNCED], paging([belief(20, 0.9)])).belief.p, 0.9);
  });

  test("brings the latest of its own facts where none was known", () => {
    const state = fed([belief(11, 0.1), belief(12, 0.2), SYNCED], paging([message(20)]));
    assert.equal(state.belief.p, 0.2);
  });

  test("does not answer a question that was asked later", () => {
    const asked = { is: "event", id: "e20", at: "2026-11-22T22:42:20Z", kind: "belief_asked", from: "them" };
    assert.equal(fed([belief(11, 0.1), SYNCED], paging([asked])).asked.id, "e20");
  });
});

test("the consent text outlives the lobby", () => {
  const [lobby] = SESSION;
  assert.equal(fed(SESSION).room.consent.sha256, lobby.consent.sha256);
});

test("a store tells its listeners of changes, and of nothing else", () => {
  const store = new Store();
  const told = [];
  store.watch((state) => told.push(state.messages.length));
  store.frame(message(1));
  store.frame(message(1));
  store.frame(message(2));
  assert.deepEqual(told, [1, 2]);
});
