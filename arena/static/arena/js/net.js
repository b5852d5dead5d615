/**
 * The socket: connects, resumes, and repeats every unanswered command with the same id until the
 * server has answered it. Knows nothing of what the frames mean to a person.
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

/** Wait before attempt n (0, 1, …). @param {number} n @param {() => number} random */
export function backoff(n, random = Math.random) {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** n, LONGEST_WAIT_MS);
  return wait * (1 + JITTER * (2 * random() - 1));
}

export class Net {
  #socket = /** @type {WebSocket|null} */ (null);
  #outstanding = new Map();
  #flowing = false;
  #attempts = 0;
  #retry = 0;
  #pinger = 0;
  #pinged = NaN;
  #missed = 0;
  #stopped = false;
  #forget = false;

  /**
   * @param {{path: string, lastEvent: () => string|null, onFrame: (frame: any, rtt?: number) => void,
   *          onStatus: (status: "connecting"|"open"|"offline", attempts: number) => void}} options
   */
  constructor(options) {
    this.options = options;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.url = `${scheme}//${location.host}${options.path}`;
    addEventListener("online", () => this.now());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.now(); });
  }

  start() {
    clearTimeout(this.#retry);
    this.#flowing = false;
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", (event) => this.#received(event.data));
    socket.addEventListener("close", () => { if (socket === this.#socket) this.#lost(); });
  }

  /** Connect at once instead of waiting for the next attempt; on an open line, check that it lives. */
  now() {
    if (this.#stopped) return;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#ping();
    else if (this.#socket === null) this.start();
  }

  /** Close for good. */
  stop() {
    this.#stopped = true;
    clearTimeout(this.#retry);
    clearInterval(this.#pinger);
    this.#socket?.close(1000);
  }

  /** Send a command that has an id; resolves with the event id once the server has stored it. */
  command(frame) {
    return new Promise((resolve, reject) => {
      this.#outstanding.set(frame.id, { frame, resolve, reject });
      if (this.#flowing) this.#write(frame);
    });
  }

  /** Send a frame that needs no answer and is not repeated. @returns {boolean} whether it went out */
  write(frame) { return this.#flowing && this.#write(frame); }

  /** Measure the line once, if there is one. @returns {boolean} */
  probe() {
    if (!this.#flowing) return false;
    this.#pinged = performance.now();
    return this.#write({ do: "ping" });
  }

  #write(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
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

  #received(text) {
    const frame = JSON.parse(text);
    this.#missed = 0;
    const rtt = frame.is === "pong" ? performance.now() - this.#pinged : undefined;
    this.options.onFrame(frame, rtt);
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
