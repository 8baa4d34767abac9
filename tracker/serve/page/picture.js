// Draws a frame: its picture, where there is one, and over it the points, lines and ids of its faces.

const COLOURS = ["#2f81f7", "#d9730d", "#2da44e", "#bf5af2", "#e5484d", "#0e9aa7", "#b8860b", "#e0529c"];
const WIDEST = 1920;
const PLAIN_WIDTH = 1280; // of a frame whose picture was not sent
const GROUND = "#12161c";
const SHADE = "rgb(0 0 0 / 55%)";

/** The colour of a face, the same wherever it is shown; legible on light and dark ground. */
export const colourOf = (id) => COLOURS[id % COLOURS.length];

/** Draws a frame {header, bitmap} on a canvas, as large as it is seen but not smaller than the picture. */
export function draw(canvas, frame, { skeleton, sure }) {
  const [width, height] = frame.header.size;
  const own = frame.bitmap ? frame.bitmap.width : Math.min(width, PLAIN_WIDTH);
  const across = Math.round(Math.max(own, Math.min(canvas.clientWidth * devicePixelRatio, WIDEST)));
  const scale = across / width;
  const down = Math.max(1, Math.round(height * scale));
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
  }
  const context = canvas.getContext("2d");
  context.fillStyle = GROUND;
  context.fillRect(0, 0, across, down);
  if (frame.bitmap) context.drawImage(frame.bitmap, 0, 0, across, down);
  const unit = across / Math.max(canvas.clientWidth, 1); // of the canvas, in one pixel of the page
  for (const face of frame.header.faces) drawFace(context, face, { scale, unit, skeleton, sure });
}

function drawFace(context, face, { scale, unit, skeleton, sure }) {
  // (0, 0) is the centre of the top-left pixel, for the canvas its corner.
  const points = face.points.map(([x, y]) => [(x + 0.5) * scale, (y + 0.5) * scale]);
  const side = (face.box[2] - face.box[0]) * scale;
  const radius = Math.max(1.8 * unit, side / 75);
  const colour = colourOf(face.id);
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  for (const [a, b] of skeleton) {
    context.moveTo(...points[a]);
    context.lineTo(...points[b]);
  }
  stroke(context, SHADE, radius * 1.3);
  stroke(context, colour, radius * 0.6);
  points.forEach(([x, y], index) => {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    stroke(context, SHADE, radius * 1.1);
    if (face.confidence[index] >= sure) {
      context.fillStyle = colour;
      context.fill();
      stroke(context, "#fff", radius * 0.35);
    } else {
      stroke(context, colour, radius * 0.45);
    }
  });
  label(context, points, side, `${face.id}`, { unit, colour });
}

function stroke(context, style, width) {
  context.strokeStyle = style;
  context.lineWidth = width;
  context.stroke();
}

function label(context, points, side, words, { unit, colour }) {
  const size = 14 * unit;
  context.font = `600 ${size}px system-ui, sans-serif`;
  const wide = context.measureText(words).width + 1.9 * size;
  const high = 1.6 * size;
  const middle = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const top = Math.min(...points.map(([, y]) => y)) - side * 0.12 - high;
  const x = Math.min(Math.max(middle - wide / 2, 2 * unit), context.canvas.width - wide - 2 * unit);
  const y = Math.min(Math.max(top, 2 * unit), context.canvas.height - high - 2 * unit);
  context.fillStyle = "rgb(0 0 0 / 70%)";
  context.beginPath();
  context.roundRect(x, y, wide, high, high / 2);
  context.fill();
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x + 0.8 * size, y + high / 2, 0.32 * size, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = "#fff";
  context.textBaseline = "middle";
  context.fillText(words, x + 1.35 * size, y + high / 2 + 0.05 * size);
}
