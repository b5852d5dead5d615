import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { blank, conversation, entries, onAction, onFrame, stage, Store, tagsOf } from "../../arena/static/arena/js/store.js";
import { examples } from "./examples.js";

const SESSION = examples.interrogator;
const PAGE_AT = SESSION.findIndex(({ is }) => is === "page");
const EVENTS = SESSION.slice(0, PAGE_AT).filter(({ is }) => is === "event");
const SYNCED = { is: "synced", earlier: false };

const message = (n, { from = "them", pane = "A" } = {}) => ({
  is: "event", id: `e${n}`, at: `2026-11-22T22:42:${n}Z`, kind: "message", pane, from, text: `text ${n}`,
});
const belief = (n, p) => ({ is: "event", id: `e${n}`, at: `2026-11-22T22:42:${n}Z`, kind: "belief", from: "me", p });
const fed = (frames, state = blank()) => frames.reduce(onFrame, state);
const done = (actions, state = blank()) => actions.reduce(onAction, state);
const texts = (state, pane = "A") => entries(state, pane).map(({ text }) => text);
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
    assert.deepEqual(texts(fed(examples.witness), null), ["Who are you?", "Zoë, from Malmö 🙂"]);
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

  test("of a page ends the wait for it", () => {
    const asking = done([{ type: "asks", pane: "A", id: "h1", want: "earlier" }]);
    const state = onFrame(asking, { is: "error", re: "h1", code: "log.busy", message: "Later." });
    assert.equal(conversation(state, "A").asking, null);
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

  test("that it is asked, and since when", () => {
    const state = fed([{ ...room(15), asked: { at: "2026-11-22T22:42:20Z" } }, message(30), SYNCED]);
    assert.equal(state.asked.at, "2026-11-22T22:42:20Z");
    assert.equal(fed([belief(31, 0.2)], state).asked, null);
    assert.equal(fed([{ ...room(25), asked: null }, asked(20)]).asked, null);
    assert.equal(fed([{ ...room(15), asked: null }, asked(20)]).asked.id, "e20");
  });
});

describe("a page of a conversation", () => {
  const page = (id, events, { earlier = false, later = true } = {}) => [
    { is: "page", re: id }, ...events, { is: "synced", earlier, later, re: id },
  ];
  const asks = (want, id = "h1") => ({ type: "asks", pane: "A", id, want });
  const begun = (frames, earlier = true) => fed([...frames, { is: "synced", earlier }]);

  test("stands before what was known, once it is complete", () => {
    const asking = done([asks("earlier")], begun([message(20)]));
    const [head, ...rest] = page("h1", [message(11), message(12)]);
    const half = fed([head, rest[0]], asking);
    assert.deepEqual(texts(half), ["text 20"]);
    const state = fed(rest.slice(1), half);
    assert.deepEqual(texts(state), ["text 11", "text 12", "text 20"]);
    assert.deepEqual([conversation(state, "A").earlier, conversation(state, "A").asking, state.last.id], [false, null, "e20"]);
  });

  test("is that of its own pane", () => {
    const state = fed(page("h1", [message(11)]), done([asks("earlier")], begun([message(20), message(21, { pane: "B" })])));
    assert.deepEqual([texts(state, "A"), texts(state, "B")], [["text 11", "text 20"], ["text 21"]]);
    assert.equal(conversation(state, "B").earlier, true);
  });

  test("does not take news that come before it for its own", () => {
    const asking = done([asks("earlier")], begun([message(20)]));
    const state = fed([message(30), ...page("h1", [message(11)]), message(31)], asking);
    assert.deepEqual(texts(state), ["text 11", "text 20", "text 30", "text 31"]);
    assert.equal(state.last.id, "e31");
  });

  test("that nobody waits for any more changes nothing", () => {
    const asking = done([asks("earlier"), asks("jump", "h2")], begun([message(20)]));
    assert.deepEqual(texts(fed(page("h1", [message(11)]), asking)), ["text 20"]);
    const lost = done([{ type: "connection", status: "offline", attempts: 0 }], asking);
    assert.deepEqual(texts(fed(page("h2", [message(11)]), lost)), ["text 20"]);
  });

  test("does not bring back a belief or a question of old", () => {
    const asked = { is: "event", id: "e12", at: "2026-11-22T22:42:12Z", kind: "belief_asked", from: "them" };
    const state = begun([belief(20, 0.9)]);
    const after = fed(page("h1", [belief(11, 0.1), asked]), done([asks("earlier")], state));
    assert.deepEqual([after.belief.p, after.asked], [0.9, null]);
  });

  test("brings the tags of its messages, and what was tagged since wins", () => {
    const tag = (n, event, strategies) => ({ is: "event", id: `e${n}`, at: `2026-11-22T22:42:${n}Z`, kind: "tag", from: "me", event, strategies });
    const mine = message(11, { from: "me" });
    const asking = done([asks("earlier")], begun([message(20)]));
    const state = fed(page("h1", [mine, message(12), tag(19, "e11", ["logic"])]), asking);
    const [entry, other] = entries(state, "A");
    assert.deepEqual([tagsOf(state, entry), tagsOf(state, other)], [["logic"], []]);
    assert.deepEqual(tagsOf(fed([tag(30, "e11", [])], state), entry), []);
    const changed = done([{ type: "tagged", event: "e11", strategies: ["other"] }], state);
    assert.deepEqual(tagsOf(changed, entry), ["other"]);
    assert.deepEqual(tagsOf(done([{ type: "tagged", event: "e11", strategies: undefined }], changed), entry), ["logic"]);
    assert.deepEqual(tagsOf(fed(page("h1", [mine, tag(19, "e11", ["logic"])]), done([asks("earlier")], changed)), entry), ["other"]);
  });

  test("elsewhere shows what is there, and not what waits to be sent", () => {
    const state = fed(page("h1", [message(11)], { earlier: true }), done([queue("c1"), asks("jump")], begun([message(40)])));
    assert.deepEqual(texts(state), ["text 11"]);
    assert.deepEqual(texts(fed([message(41)], state)), ["text 11"]);
    assert.deepEqual(texts(done([{ type: "to-end", pane: "A" }], fed([message(41)], state))), ["text 40", "text 41", "text of c1"]);
  });
});

describe("a log that is told anew", () => {
  const state = done([{ type: "anew" }], fed([message(11), message(12), { is: "synced", earlier: false }]));

  test("has no gap: what was known is told again or asked for", () => {
    const next = fed([message(12), message(50), { is: "synced", earlier: true }], state);
    assert.deepEqual(texts(next), ["text 12", "text 50"]);
    assert.equal(conversation(next, "A").earlier, true);
  });

  test("is as before where nothing was known", () => {
    assert.equal(onAction(blank(), { type: "anew" }).synced, false);
  });
});

test("when each side wrote last is known, whatever is shown", () => {
  const state = fed([message(11, { from: "me" }), message(12), message(13, { pane: "B" })]);
  assert.deepEqual(state.latest, {
    "me:A": "2026-11-22T22:42:11Z", "them:A": "2026-11-22T22:42:12Z", "them:B": "2026-11-22T22:42:13Z",
  });
});

test("the consent text outlives the lobby", () => {
  const [lobby] = SESSION;
  assert.equal(fed(SESSION).room.consent.sha256, lobby.consent.sha256);
});

test("a store tells its listeners of changes, and of nothing else", () => {
  const store = new Store();
  const told = [];
  store.watch((state) => told.push(texts(state).length));
  store.frame(message(1));
  store.frame(message(1));
  store.frame(message(2));
  assert.deepEqual(told, [1, 2]);
});
