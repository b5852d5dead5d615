import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UnreadPlace } from "../../arena/static/arena/js/unread.js";

const room = (unread) => ({ unread });
const list = (...ids) => ids.map((id) => ({ id, from: id.startsWith("mine") ? "me" : "them" }));
const at = (jumped) => ({ jumped: jumped && { id: jumped[0], to: jumped[1] } });
const begun = (unread, pane = "A") => {
  const place = new UnreadPlace();
  place.begin(room(unread), pane);
  return place;
};

describe("the place where a seat had read to", () => {
  test("is that of the pane, and a witness's of its one conversation", () => {
    const unread = { A: { after: "e1", n: 2 }, B: { after: "e9", n: 0 } };
    assert.deepEqual([begun(unread).after, begun(unread).n], ["e1", 2]);
    assert.deepEqual([begun(unread, "B").after, begun(unread, "B").n], [null, 0]);
    assert.deepEqual([begun({ after: "e4", n: 100 }, null).after, begun({ after: "e4", n: 100 }, null).words], ["e4", "100 or more new since you were here"]);
  });

  test("is before the first message that came since", () => {
    const place = begun({ A: { after: "e1", n: 2 } });
    place.find(list("e0", "e1", "e2", "e3"), at(null));
    assert.equal(place.first, "e2");
    place.find(list("e1", "e7"), at(null));
    assert.equal(place.first, "e2");
  });

  test("is before what the other side said first, whatever one said oneself meanwhile", () => {
    const place = begun({ A: { after: "e1", n: 1 } });
    place.find(list("e1", "mine1"), at(null));
    assert.equal(place.first, "");
    place.find(list("e1", "mine1", "e2"), at(null));
    assert.equal(place.first, "e2");
  });

  test("is where the jump to it leads, if it is not shown", () => {
    const place = begun({ A: { after: "e1", n: 2 } });
    place.find(list("e90"), at(["h0", "e90"]));
    assert.equal(place.first, "");
    place.seek(at(["h0", "e90"]));
    place.find(list("e90"), at(["h0", "e90"]));
    assert.equal(place.first, "");
    place.find(list("e2", "e3"), at(["h1", "e2"]));
    assert.equal(place.first, "e2");
  });

  test("is that of the page's opening: what comes later is seen to come", () => {
    const place = begun({ A: { after: "e1", n: 0 } });
    place.begin(room({ A: { after: "e1", n: 5 } }), "A");
    assert.equal(place.after, null);
  });

  test("is unknown to a seat that never read, and to an older server", () => {
    assert.equal(begun({ A: { after: null, n: 7 } }).after, null);
    assert.equal(begun(undefined).n, 0);
  });
});
