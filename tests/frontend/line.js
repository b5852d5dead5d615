/** A line to a server that the test plays: sockets as a browser has them, without a network. */
import { Net } from "../../arena/static/arena/js/net.js";

class Socket extends EventTarget {
  OPEN = 1;
  readyState = 0;
  sent = [];

  send(text) { this.sent.push(JSON.parse(text)); }

  close(code = 1006) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  /** The server accepts. */
  open() {
    this.readyState = this.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  /** The server sends these. */
  bring(...frames) {
    for (const frame of frames) this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }

  /** What was sent, but for pings. */
  get commands() { return this.sent.filter((frame) => frame.do !== "ping"); }

  get pings() { return this.sent.filter((frame) => frame.do === "ping").length; }

  get isClosed() { return this.readyState === 3; }
}

export const PONG = { is: "pong", now: "2026-11-22T22:42:10.123Z" };
export const SYNCED = { is: "synced", earlier: false, later: false };

export class Line {
  sockets = [];
  frames = [];
  statuses = [];
  roundTrips = [];
  quietMs = 2000;
  /** For how long, in ms, the computer slept, and one of its clocks with it. */
  slept = 0;

  constructor({ store } = {}) {
    this.net = new Net({
      connect: () => {
        this.sockets.push(new Socket());
        return this.socket;
      },
      lastEvent: () => store?.state.last?.id ?? null,
      quietMs: () => this.quietMs,
      uptime: () => Date.now() - this.slept,
      onFrame: (frame, rtt) => {
        this.frames.push(frame);
        if (frame.is === "pong") this.roundTrips.push(rtt);
        store?.frame(frame);
      },
      onStatus: (status, attempts) => {
        this.statuses.push(status);
        store?.act({ type: "connection", status, attempts });
      },
    });
  }

  get socket() { return this.sockets.at(-1); }

  /** Connect, or connect again without the wait, and be synced. */
  join(...events) {
    this.net.now();
    this.accept(...events);
  }

  /** The server lets the newest socket in, and answers its first frames. */
  accept(...events) {
    this.socket.open();
    this.socket.bring(...events, SYNCED, PONG);
  }

  says() { return this.socket.commands.filter((frame) => frame.do === "say"); }
}

/** Let what was promised happen. */
export const settled = () => new Promise((resolve) => { setImmediate(resolve); });
