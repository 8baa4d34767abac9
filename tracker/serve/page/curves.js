// Curves over the last seconds: a line per face, in its colour.

import { colourOf } from "./picture.js";

const SECONDS = 20;
const GAP = 0.5; // seconds without a value break a line
const LEFT = 34; // pixels for the numbers
const EDGE = 8;

/** Remembers one value per face and frame, and draws them on a canvas. */
export class Curve {
  #canvas;
  #span;
  #lines = new Map(); // id → [[time, value], …]
  #now = 0;

  /** `span` is what the axis shows at least, [low, high]. */
  constructor(canvas, span) {
    this.#canvas = canvas;
    this.#span = span;
  }

  /** Takes the values of a frame, [[id, value], …]; a time that goes back starts afresh. */
  add(time, values) {
    if (time < this.#now) this.#lines.clear();
    this.#now = time;
    for (const [id, value] of values) {
      if (!this.#lines.has(id)) this.#lines.set(id, []);
      this.#lines.get(id).push([time, value]);
    }
    for (const [id, line] of this.#lines) {
      while (line.length && line[0][0] < time - SECONDS) line.shift();
      if (!line.length) this.#lines.delete(id);
    }
  }

  draw() {
    const ratio = devicePixelRatio;
    const [width, height] = [this.#canvas.clientWidth, this.#canvas.clientHeight];
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    const context = this.#canvas.getContext("2d");
    context.scale(ratio, ratio);
    const [low, high] = this.#limits();
    const across = (time) => LEFT + ((time - this.#now) / SECONDS + 1) * (width - LEFT - EDGE);
    const up = (value) => height - EDGE - ((value - low) / (high - low)) * (height - 2 * EDGE);
    this.#axis(context, [low, (low + high) / 2, high], up, width);
    context.lineWidth = 1.75;
    context.lineJoin = "round";
    for (const [id, line] of this.#lines) {
      context.strokeStyle = colourOf(id);
      context.beginPath();
      line.forEach(([time, value], index) => {
        const joined = index > 0 && time - line[index - 1][0] < GAP;
        context[joined ? "lineTo" : "moveTo"](across(time), up(value));
      });
      context.stroke();
    }
  }

  #limits() {
    let [low, high] = this.#span;
    for (const line of this.#lines.values()) {
      for (const [, value] of line) {
        if (value < low) low = Math.floor(value * 10) / 10;
        if (value > high) high = Math.ceil(value * 10) / 10;
      }
    }
    return [low, high];
  }

  #axis(context, values, up, width) {
    const style = getComputedStyle(this.#canvas);
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillStyle = style.color;
    context.strokeStyle = style.borderTopColor;
    context.lineWidth = 1;
    for (const value of values) {
      const y = Math.round(up(value)) + 0.5;
      context.fillText(value.toFixed(2), LEFT - 7, y);
      context.beginPath();
      context.moveTo(LEFT, y);
      context.lineTo(width - EDGE, y);
      context.stroke();
    }
  }
}
