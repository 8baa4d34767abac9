// The page of a live tracker: puts together the stream, the picture, the curves and the numbers.

import { Curve } from "./curves.js";
import { measuring } from "./measures.js";
import { colourOf, draw } from "./picture.js";
import { Stream } from "./stream.js";

const SLOWLY = 200; // milliseconds between changes of what is to be read
const SILENCE = 3000; // milliseconds without a frame, after which something is said
const STATES = {
  connecting: ["Connecting", "Connecting to the tracker …"],
  live: ["Live", ""],
  frozen: ["Frozen", ""],
  silent: ["No picture", "No new picture. The tracker is paused, or its camera is silent."],
  ended: ["Ended", "The tracker has ended. When it runs again, open the address that it prints then."],
  lost: ["Connection lost", "The connection is lost. Trying again …"],
  crowded: ["Too many viewers", "There are too many viewers. Trying again …"],
  refused: ["Refused", "The tracker was started anew. Open the address that it printed."],
};

const $ = (id) => document.getElementById(id);
const canvas = $("picture");
const curves = { mouth: new Curve($("mouth"), [0, 0.8]), brows: new Curve($("brows"), [0, 0.5]) };

let look = null; // what the tracker said first: names of the points, what lines join, …
let measure = null;
let connection = "connecting";
let frozen = false;
let owed = 0; // answers held back while frozen
let waiting = null; // the frame to be drawn next
let shown = null; // the frame that is drawn
let newest = 0; // the serial number of the newest frame that came
let written = 0; // when numbers were last written
let late = 0; // the timer that writes the numbers of the last frame, if no other follows
let between = 0; // milliseconds from one drawn frame to the next, a running average
let lastCame = performance.now();
let lastDrawn = 0;

if (location.search) history.replaceState(null, "", location.pathname); // the token is in a cookie now

const stream = new Stream({
  hello(said) {
    look = said;
    measure = measuring(said.keypoints);
    $("pictures").hidden = !said.pictures;
    owed = newest = 0;
    lastCame = performance.now();
  },
  state(name) {
    connection = name;
    waiting = null;
    showState();
  },
  frame: receive,
});

/** Takes a frame; of several that come before one can be drawn, only the newest is. */
async function receive({ latency, header, picture }) {
  lastCame = performance.now();
  const bitmap = picture && (await createImageBitmap(picture).catch(() => null));
  if (header.serial <= newest) {
    bitmap?.close();
    pass();
    return;
  }
  if (waiting) {
    waiting.bitmap?.close();
    pass();
  } else {
    requestAnimationFrame(paint);
  }
  newest = header.serial;
  waiting = { latency, header, bitmap };
}

/** Lets another frame come in place of one that is not drawn; not before the end of a freeze. */
function pass() {
  if (frozen) owed += 1;
  else stream.answer(0);
}

function paint() {
  const frame = waiting;
  waiting = null;
  if (!frame) return;
  if (frozen) {
    frame.bitmap?.close();
    pass();
    return;
  }
  shown?.bitmap?.close();
  shown = frame;
  draw(canvas, frame, look);
  canvas.dataset.frame = frame.header.frame;
  stream.answer(frame.header.serial);
  const now = performance.now();
  if (lastDrawn) between += (between ? 0.1 : 1) * (now - lastDrawn - between);
  lastDrawn = now;
  const faces = frame.header.faces.map((face) => ({ ...face, ...measure(face.points) }));
  for (const [name, curve] of Object.entries(curves)) {
    curve.add(frame.header.time, faces.map((face) => [face.id, face[name]]));
  }
  clearTimeout(late);
  if (now - written > SLOWLY) write(frame, faces);
  else late = setTimeout(() => write(frame, faces), SLOWLY);
}

function write({ latency, header }, faces) {
  written = performance.now();
  $("rate").textContent = header.rate.toFixed(0);
  $("shown").textContent = between ? (1000 / between).toFixed(0) : "–";
  $("latency").textContent = Number.isNaN(latency) ? "–" : (1000 * latency).toFixed(0);
  $("count").textContent = faces.length;
  $("empty").hidden = $("nobody").hidden = faces.length > 0;
  const many = faces.length === 1 ? "1 face" : `${faces.length || "no"} faces`;
  canvas.setAttribute("aria-label", `Live picture with ${many}`);
  $("faces").replaceChildren(...faces.map(row));
  for (const curve of Object.values(curves)) curve.draw();
  showState();
}

function row(face) {
  const line = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  const swatch = document.createElement("i");
  swatch.style.backgroundColor = colourOf(face.id);
  name.append(swatch, `${face.id}`);
  const numbers = [face.score, face.mouth, face.width, face.brows].map((number) => {
    const cell = document.createElement("td");
    cell.textContent = number.toFixed(2);
    return cell;
  });
  line.append(name, ...numbers);
  return line;
}

function showState() {
  const silent = performance.now() - lastCame > SILENCE && !document.hidden;
  const state = connection !== "live" ? connection : frozen ? "frozen" : silent ? "silent" : "live";
  document.body.dataset.state = state;
  const [short, long] = STATES[state];
  if ($("state").textContent !== short) $("state").textContent = short;
  $("notice").firstElementChild.textContent = long;
  $("notice").hidden = !long;
  $("snapshot").disabled = !shown;
  $("download").setAttribute("aria-disabled", connection !== "live");
  if (connection === "live") $("download").setAttribute("href", "last-minute.csv");
  else $("download").removeAttribute("href");
}

function freeze() {
  frozen = !frozen;
  $("freeze").setAttribute("aria-pressed", frozen);
  $("freeze").firstElementChild.textContent = frozen ? "Go on" : "Freeze";
  lastCame = performance.now();
  lastDrawn = 0;
  for (; !frozen && owed > 0; owed -= 1) stream.answer(0);
  showState();
}

function snapshot() {
  if (!shown) return;
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `fkd-${stamp(new Date())}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
}

function stamp(date) {
  const two = (number) => `${number}`.padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("");
  return `${day}-${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join("")}`;
}

function switchPictures() {
  if ($("pictures").hidden) return;
  stream.pictures = !stream.pictures;
  $("pictures").setAttribute("aria-pressed", stream.pictures);
}

const actions = { freeze, snapshot, pictures: switchPictures };
for (const [id, act] of Object.entries(actions)) $(id).addEventListener("click", act);
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const id = Object.keys(actions).find((each) => $(each).getAttribute("aria-keyshortcuts") === event.key.toLowerCase());
  if (id) actions[id]();
});
new ResizeObserver(() => shown && draw(canvas, shown, look)).observe(canvas);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const curve of Object.values(curves)) curve.draw();
});
setInterval(showState, 1000);
for (const curve of Object.values(curves)) curve.draw();
showState();
