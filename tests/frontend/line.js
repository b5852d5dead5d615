/** A line to a server that the test plays: sockets as a browser has them, without a network. */
import { Net } from "../../arena/static/arena/js/net.js";

class Socket extends EventTarget {
  OPEN = 1;
  readyState = 0;
  sent = [];

  send(text) { this.sent.push(JSON.parse(text)); }

  close() {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
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
}

export class Line {
  sockets = [];
  frames = [];
  statuses = [];

  constructor({ store } = {}) {
    this.net = new Net({
      connect: () => {
        this.sockets.push(new Socket());
        return this.socket;
      },
      lastEvent: () => store?.state.last?.id ?? null,
      onFrame: (frame) => {
        this.frames.push(frame);
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
    this.socket.open();
    this.socket.bring(...events, { is: "synced", earlier: false });
  }

  says() { return this.socket.commands.filter((frame) => frame.do === "say"); }
}

/** Let what was promised happen. */
export const settled = () => new Promise((resolve) => { setImmediate(resolve); });
