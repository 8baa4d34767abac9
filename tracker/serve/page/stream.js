// The connection to the tracker: it sends a frame whenever this side says that it is ready for one.

const IN_FLIGHT = 2; // so many frames may be on their way at a time, as the tracker has it
const AGAIN = 2000; // milliseconds until the next attempt to connect
const ENDED = [1001, 1012]; // codes with which a server closes a WebSocket that it will not serve any longer
const CROWDED = 1013;

const text = new TextDecoder();

/**
 * Keeps a connection, and connects anew when it is lost.
 *
 * `hello` is called with what the tracker says first, `frame` with {latency, header, picture} (a Blob or null), and
 * `state` with "connecting", "live", "ended", "lost", "crowded" or "refused".
 */
export class Stream {
  #socket = null;
  #listener;

  constructor(listener) {
    this.#listener = listener;
    this.pictures = true;
    this.#connect();
  }

  /** Says that a frame was drawn, by its serial number, or passed over (0), and that another may come. */
  answer(serial) {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(`${this.pictures ? "picture" : "points"} ${serial}`);
    }
  }

  #connect() {
    const address = new URL("stream", location.href);
    address.protocol = "ws:";
    address.search = "";
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") {
        this.#listener.frame(unpacked(data));
        return;
      }
      this.#listener.hello(JSON.parse(data));
      this.#listener.state("live");
      for (let each = 0; each < IN_FLIGHT; each += 1) this.answer(0);
    };
    socket.onclose = ({ code }) => {
      this.#socket = null;
      this.#listener.state(ENDED.includes(code) ? "ended" : code === CROWDED ? "crowded" : "lost");
      setTimeout(() => this.#reconnect(), AGAIN);
    };
    this.#socket = socket;
  }

  async #reconnect() {
    try {
      const answer = await fetch("alive");
      if (answer.ok) this.#connect();
      else if (answer.status === 403) this.#listener.state("refused");
      else throw new Error(answer.statusText);
    } catch {
      setTimeout(() => this.#reconnect(), AGAIN);
    }
  }
}

function unpacked(data) {
  const view = new DataView(data);
  const end = 8 + view.getUint32(4, true);
  return {
    latency: view.getFloat32(0, true),
    header: JSON.parse(text.decode(new Uint8Array(data, 8, end - 8))),
    picture: data.byteLength > end ? new Blob([new Uint8Array(data, end)], { type: "image/jpeg" }) : null,
  };
}
