import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Clock, inWords, remaining } from "../../arena/static/arena/js/clock.js";

const SERVER = Date.parse("2026-11-22T22:42:10.000Z");
const iso = (ms) => new Date(ms).toISOString();

/** A computer whose own clock is an hour behind the server's. */
class Computer {
  up = 5000;
  wall = SERVER - 3_600_000;
  clock = new Clock({ monotonic: () => this.up, wall: () => this.wall });

  pass(ms) {
    this.up += ms;
    this.wall += ms;
  }
}

describe("the clock", () => {
  test("goes by this computer until the server has told the time", () => {
    const { clock, wall } = new Computer();
    assert.equal(clock.known, false);
    assert.equal(clock.now(), wall);
  });

  test("goes by the server from then on", () => {
    const computer = new Computer();
    computer.clock.guess(iso(SERVER));
    computer.pass(1500);
    assert.equal(computer.clock.known, true);
    assert.equal(computer.clock.now(), SERVER + 1500);
    assert.equal(computer.clock.drift(), -3_600_000);
  });

  test("takes half of a measured round trip for the way back", () => {
    const computer = new Computer();
    computer.clock.set(iso(SERVER), 80);
    assert.equal(computer.clock.now(), SERVER + 40);
  });

  test("takes what comes unasked for a guess, and only while it knows nothing", () => {
    const computer = new Computer();
    computer.clock.guess(iso(SERVER));
    computer.clock.set(iso(SERVER + 700), 200);
    computer.clock.guess(iso(SERVER + 9000));
    assert.equal(computer.clock.now(), SERVER + 800);
  });

  test("does not go by the computer's clock, and asks the server when that was set", () => {
    const computer = new Computer();
    computer.clock.set(iso(SERVER), 80);
    computer.wall += 7_200_000;
    assert.equal(computer.clock.now(), SERVER + 40);
    assert.equal(computer.clock.known, false);
    computer.clock.set(iso(SERVER), 300);
    assert.equal(computer.clock.known, true);
  });

  test("believes a better measurement, and a worse one only when the better is old", () => {
    const computer = new Computer();
    computer.clock.set(iso(SERVER), 80);
    computer.clock.set(iso(SERVER + 900), 200);
    assert.equal(computer.clock.now(), SERVER + 40);
    computer.clock.set(iso(SERVER + 500), 20);
    assert.equal(computer.clock.now(), SERVER + 510);
    computer.pass(60_000);
    computer.clock.set(iso(SERVER), 200);
    assert.equal(computer.clock.now(), SERVER + 100);
  });

  test("does not know the time after a sleep, and believes the next answer", () => {
    const computer = new Computer();
    computer.clock.set(iso(SERVER), 20);
    computer.wall += 90_000;  // The other one stood still.
    assert.equal(computer.clock.known, false);
    computer.clock.set(iso(SERVER + 90_000), 300);
    assert.equal(computer.clock.known, true);
    assert.equal(computer.clock.now(), SERVER + 90_150);
  });

  test("does not believe an answer from before a sleep", () => {
    const computer = new Computer();
    computer.clock.set(iso(SERVER), 20);
    computer.wall += 90_000;
    computer.clock.set(iso(SERVER + 100), 90_100);
    computer.clock.guess(iso(SERVER + 100));
    assert.equal(computer.clock.known, false);
  });

  test("knows the time however long ago it was told, while the computer is awake", () => {
    const computer = new Computer();
    computer.clock.set(iso(SERVER), 20);
    computer.pass(86_400_000);
    assert.equal(computer.clock.known, true);
  });
});

test("time left is read in days, hours, minutes and seconds", () => {
  const read = { "-5": "0:00", 0: "0:00", 1: "0:01", 59_001: "1:00", 65_000: "1:05", 3_605_000: "1:00:05", 90_000_000: "1 d 1 h" };
  for (const [ms, words] of Object.entries(read)) assert.equal(remaining(Number(ms)), words);
});

test("a duration is said in the largest unit that fits", () => {
  const said = { 1: "1 second", 45: "45 seconds", 60: "1 minute", 90: "90 seconds", 300: "5 minutes", 7200: "2 hours", 86_400: "1 day", 604_800: "7 days" };
  for (const [s, words] of Object.entries(said)) assert.equal(inWords(Number(s)), words);
});
