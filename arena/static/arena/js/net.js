/**
 * The socket: connects, resumes, and repeats every unanswered command with the same id until the
 * server has answered it. Knows nothing of what the frames mean to a person.
 *
 * @import {Command, Frame, StoredCommand} from "./frames.js"
 * @typedef {{frame: StoredCommand, resolve: (event: string) => void, reject: (why: Refused) => void}} Outstanding
 */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const JITTER = 0.3;
const PING_MS = 20_000;
const MISSED_MAX = 2;

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
  #flowing = false;
  #attempts = 0;
  #retry = 0;
  #pinger = 0;
  #pinged = NaN;
  #missed = 0;
  #stopped = false;
  #forget = false;

  /** The round trip in ms that a pong measured since the last probe, or NaN. */
  rtt = NaN;

  /**
   * @param {{connect: () => WebSocket, lastEvent: () => string|null, onFrame: (frame: Frame, rtt?: number) => void,
   *          onStatus: (status: "open"|"offline", attempts: number) => void}} options
   */
  constructor(options) {
    this.options = options;
  }

  start() {
    clearTimeout(this.#retry);
    this.#flowing = false;
    const socket = this.options.connect();
    this.#socket = socket;
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", (event) => this.#received(event.data));
    socket.addEventListener("close", () => { if (socket === this.#socket) this.#lost(); });
  }

  /** Connect at once instead of waiting for the next attempt; on an open line, check that it lives. */
  now() {
    if (this.#stopped) return;
    if (this.#socket === null) this.start();
    else if (this.#socket.readyState === this.#socket.OPEN) this.#ping();
  }

  /** Close for good. */
  stop() {
    this.#stopped = true;
    clearTimeout(this.#retry);
    clearInterval(this.#pinger);
    this.#socket?.close(1000);
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
   * Send a frame that needs no answer and is not repeated.
   * @param {Command} frame @returns {boolean} whether it went out
   */
  write(frame) { return this.#flowing && this.#write(frame); }

  /** Measure the line once, if there is one. @returns {boolean} */
  probe() {
    if (!this.#flowing) return false;
    this.rtt = NaN;
    this.#pinged = performance.now();
    return this.#write({ do: "ping" });
  }

  /** @param {Command} frame */
  #write(frame) {
    const socket = this.#socket;
    if (socket === null || socket.readyState !== socket.OPEN) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  #opened() {
    this.#missed = 0;
    this.#write({ do: "sync", after: this.#forget ? null : this.options.lastEvent() });
    clearInterval(this.#pinger);
    this.#pinger = setInterval(() => this.#ping(), PING_MS);
    this.#ping();
  }

  #ping() {
    if (this.#missed >= MISSED_MAX) {
      this.#drop();
      return;
    }
    this.#missed += 1;
    this.#pinged = performance.now();
    this.#write({ do: "ping" });
  }

  /** A dead line may take minutes to close by itself. */
  #drop() {
    const dead = this.#socket;
    this.#lost();
    dead?.close();
  }

  /** @param {string} text */
  #received(text) {
    const frame = /** @type {Frame} */ (JSON.parse(text));
    this.#missed = 0;
    if (frame.is === "pong") {
      this.rtt = performance.now() - this.#pinged;
      this.options.onFrame(frame, this.rtt);
    } else {
      this.options.onFrame(frame);
    }
    if (frame.is === "ack") this.#settle(frame.re, (entry) => entry.resolve(frame.event));
    if (frame.is === "error" && frame.re) {
      this.#settle(frame.re, (entry) => entry.reject(new Refused(frame.code, frame.message)));
    }
    if (frame.is === "synced" && !this.#flowing) this.#resume();
    if (frame.is === "error" && !frame.re && !this.#flowing) this.#refusedSync();
  }

  /** Without a sync nothing follows: connect anew, and after a doubtful place start from the newest. */
  #refusedSync() {
    this.#forget = true;
    this.#drop();
  }

  /** @param {string} id @param {(entry: Outstanding) => void} finish */
  #settle(id, finish) {
    const entry = this.#outstanding.get(id);
    if (!entry) return;
    this.#outstanding.delete(id);
    finish(entry);
  }

  #resume() {
    this.#flowing = true;
    this.#forget = false;
    this.#attempts = 0;
    this.options.onStatus("open", 0);
    for (const { frame } of this.#outstanding.values()) this.#write(frame);
  }

  #lost() {
    this.#socket = null;
    this.#flowing = false;
    clearInterval(this.#pinger);
    if (this.#stopped) return;
    this.options.onStatus("offline", this.#attempts);
    this.#retry = setTimeout(() => this.start(), backoff(this.#attempts));
    this.#attempts += 1;
  }
}
