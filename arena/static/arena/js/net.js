/**
 * The socket: connects, resumes, and repeats every unanswered command with the same id until the
 * server has answered it. Knows nothing of what the frames mean to a person.
 *
 * @import {Command, ErrorFrame, Frame, StoredCommand, SyncedFrame} from "./frames.js"
 * @typedef {"open"|"offline"|"moved"} Status moved: the seat is not in this browser any more
 * @typedef {{frame: StoredCommand, resolve: (event: string) => void, reject: (why: Refused) => void}} Outstanding
 */
import { Pulse } from "./pulse.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const JITTER = 0.3;
/** An attempt that has come no further for so long is given up where there is reason to try anew: it may go by a network that is gone. */
const STUCK_MS = 2000;
/** What the server closes a socket with, and says, when the browser does not hold the seat. */
const NO_SEAT = 4403;
const NOT_HERE = "seat.unknown";
/** The seat is open in too many windows, of which this was the oldest. */
const CROWDED = "seat.crowded";
/** The server's log has no such event, or not any more. */
const UNKNOWN = "event.unknown";
/** The frames that answer a command; every command is answered by one. */
const ANSWERS = new Set(["ack", "error", "pong", "synced"]);

/** A command the server refused. */
export class Refused extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** What a person is told of a refusal; anything else is a fault of this page. @param {unknown} why */
export function reason(why) {
  if (why instanceof Refused) return why.message;
  throw why;
}

/** Wait before attempt n (0, 1, …). @param {number} n @param {() => number} random */
export function backoff(n, random = Math.random) {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** n, LONGEST_WAIT_MS);
  return wait * (1 + JITTER * (2 * random() - 1));
}

export class Net {
  #socket = /** @type {WebSocket|null} */ (null);
  /** @type {Map<string, Outstanding>} */
  #outstanding = new Map();
  #pulse;
  #flowing = false;
  #attempts = 0;
  #retry = 0;
  /** @type {{up: number, wall: number}[]} when the pings went out that are not yet answered */
  #pings = [];
  #stopped = false;
  #forget = false;

  /** The round trip in ms that a pong measured since the last probe, or NaN. */
  rtt = NaN;

  /**
   * @param {{connect: () => WebSocket, lastEvent: () => string|null, quietMs: () => number,
   *          onFrame: (frame: Frame, rtt?: number) => void, onAnew?: () => void, onStatus: (status: Status, attempts: number) => void,
   *          uptime?: () => number}} options quietMs is how long the line may be quiet before it is asked
   */
  constructor(options) {
    this.options = options;
    /** What was said when the seat was open in too many windows; empty otherwise. */
    this.crowded = "";
    this.uptime = options.uptime ?? (() => performance.now());
    this.#pulse = new Pulse({
      quietMs: options.quietMs,
      ask: () => this.#ping(),
      onDead: () => this.#lost(this.#flowing ? 0 : backoff(this.#attempts)),
      uptime: this.uptime,
    });
  }

  /** For how long nothing was heard, in ms. */
  get silentMs() { return this.#pulse.silentMs; }

  start() {
    clearTimeout(this.#retry);
    const socket = this.options.connect();
    this.#socket = socket;
    this.#pings = [];
    this.#pulse.begin();
    // A socket that was given up may still speak.
    const current = () => socket === this.#socket;
    socket.addEventListener("open", () => { if (current()) this.#opened(); });
    socket.addEventListener("message", (event) => { if (current()) this.#received(event.data); });
    socket.addEventListener("close", ({ code }) => { if (current()) this.#closed(code); });
  }

  /** Something happened to this computer: see at once whether the line lives, and connect if it does not. */
  now() {
    if (this.#stopped) return;
    if (this.#flowing) {
      this.#pulse.probe();
    } else if (this.#socket === null || this.silentMs > STUCK_MS) {
      this.#abandon();
      this.start();
    } else {
      this.#later(STUCK_MS, () => this.now());
    }
  }

  /** @param {number} ms @param {() => void} act in place of what else was to be tried later */
  #later(ms, act) {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(act, ms);
  }

  /** Close for good. */
  stop() {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#abandon();
  }

  /**
   * Send a command that has an id; resolves with the event id once the server has stored it.
   * @param {StoredCommand} frame @returns {Promise<string>} rejects with Refused alone
   */
  command(frame) {
    return new Promise((resolve, reject) => {
      this.#outstanding.set(frame.id, { frame, resolve, reject });
      if (this.#flowing) this.#write(frame);
    });
  }

  /**
   * Send a frame that is not repeated.
   * @param {Command} frame @returns {boolean} whether it went out
   */
  write(frame) { return this.#flowing && this.#write(frame); }

  /** Measure the line once, if there is one. @returns {boolean} */
  probe() {
    this.rtt = NaN;
    return this.#flowing && this.#ping();
  }

  /** @param {Command} frame every one of them is answered */
  #write(frame) {
    const socket = this.#socket;
    if (socket === null || socket.readyState !== socket.OPEN) return false;
    socket.send(JSON.stringify(frame));
    this.#pulse.asked();
    return true;
  }

  #ping() {
    const asked = { up: this.uptime(), wall: Date.now() };
    const went = this.#write({ do: "ping" });
    if (went) this.#pings.push(asked);
    return went;
  }

  #opened() {
    this.#pulse.heard({ answers: true });
    this.#sync();
    this.#ping();
  }

  #sync() {
    const after = this.#forget ? null : this.options.lastEvent();
    if (this.#forget) this.options.onAnew?.();
    this.#write({ do: "sync", after });
  }

  /** @param {string} text */
  #received(text) {
    const frame = /** @type {Frame} */ (JSON.parse(text));
    const answers = ANSWERS.has(frame.is);
    this.#pulse.heard({ answers, counts: answers || !this.#flowing });
    if (frame.is === "error" && this.#isEnd(frame)) return;
    this.options.onFrame(frame, frame.is === "pong" ? this.#roundTrip() : undefined);
    if (frame.is === "ack") this.#settle(frame.re, (entry) => entry.resolve(frame.event));
    if (frame.is === "error") this.#refused(frame);
    if (frame.is === "synced" && !this.#flowing) this.#synced(frame);
  }

  /** Whether this line has no seat (any more), which is dealt with. @param {ErrorFrame} frame */
  #isEnd({ code, message }) {
    if (code === NOT_HERE) {
      this.#turnedAway();
    } else if (code === CROWDED) {
      this.crowded = message;
      this.#stay();
    }
    return code === NOT_HERE || code === CROWDED;
  }

  /** @param {ErrorFrame} frame */
  #refused({ re, code, message }) {
    if (re) this.#settle(re, (entry) => entry.reject(new Refused(code, message)));
    else if (!this.#flowing) this.#refusedSync(code);
  }

  /** By the longer of two clocks, one of which may have stood still while the computer slept. */
  #roundTrip() {
    const { up, wall } = this.#pings.shift() ?? { up: NaN, wall: NaN };
    this.rtt = Math.max(this.uptime() - up, Date.now() - wall);
    return this.rtt;
  }

  /** Without a sync nothing follows: connect anew, and after a place that is unknown start from the newest. @param {string} code */
  #refusedSync(code) {
    this.#forget ||= code === UNKNOWN;
    this.#lost(backoff(this.#attempts));
  }

  /** @param {string} id @param {(entry: Outstanding) => void} finish */
  #settle(id, finish) {
    const entry = this.#outstanding.get(id);
    if (!entry) return;
    this.#outstanding.delete(id);
    finish(entry);
  }

  /** A page of what was missed is here; a long absence has several. @param {SyncedFrame} frame */
  #synced({ later }) {
    this.#forget = false;
    if (later) this.#sync();
    else this.#resume();
  }

  #resume() {
    this.#flowing = true;
    this.#attempts = 0;
    this.options.onStatus("open", 0);
    for (const { frame } of this.#outstanding.values()) this.#write(frame);
  }

  /** @param {number} code */
  #closed(code) {
    if (code === NO_SEAT) this.#turnedAway();
    else this.#lost(backoff(this.#attempts));
  }

  /**
   * The seat is not this browser's (any more). One that held it asks once again, because it may
   * hold it by a new key. After that, trying changes nothing, until somebody acts.
   */
  #turnedAway() {
    if (this.#flowing) {
      this.#lost(0);
      return;
    }
    this.crowded = "";
    this.#stay();
  }

  /** Stay without a line until somebody acts. */
  #stay() {
    this.#abandon();
    if (!this.#stopped) this.options.onStatus("moved", 0);
  }

  /** @param {number} wait in ms until the next attempt; after 0 it is made at once */
  #lost(wait) {
    this.#abandon();
    if (this.#stopped) return;
    this.options.onStatus("offline", this.#attempts);
    this.#attempts += 1;
    if (wait === 0) this.start();
    else this.#later(wait, () => this.start());
  }

  /** A dead line may take minutes to close by itself: nothing more is heard from it. */
  #abandon() {
    const socket = this.#socket;
    this.#socket = null;
    this.#flowing = false;
    this.#pulse.stop();
    socket?.close(1000);
  }
}
