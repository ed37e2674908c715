/** Colours of locks, in the order in which they are met; they differ in lightness too. */
const palette = ["#7c4dd6", "#0b9488", "#d97706", "#2563eb", "#c026a3", "#65a30d", "#dc2626", "#0891b2"];
const known = new Map();
function colour(lock) {
  if (!known.has(lock)) known.set(lock, palette[known.size % palette.length]);
  return known.get(lock);
}

const letterWidth = (() => {
  const svg = shape(document.body, "svg", { width: 10, height: 10, style: "position:absolute;visibility:hidden" });
  const width = shape(svg, "text", {}, "M".repeat(100)).getComputedTextLength() / 100;
  svg.remove();
  return width || 7.3;
})();

const timelines = [];
const dock = document.getElementById("dock");

/** What the dock at the lower edge says of an event. */
function tell(timeline, index) {
  dock.textContent = "";
  if (!timeline) {
    node(dock, "p", "Point at an event, or move with the arrow keys: up and down in time, left and right along happens-before.");
    return;
  }
  const run = timeline.run, row = run.rows[index];
  const name = (one) => data.threads[one]?.name ?? "thread " + one;
  const about = node(dock, "div");
  node(about, "div", "t=" + row.time + " · " + name(row.thread) + " · " + words(row), "what mono");
  if (row.place) node(about, "div", row.path + (row.code ? "   " + row.code.trim() : ""), "mono");
  const held = run.locks.filter(([, thread, from, to]) => thread === row.thread && from <= index && (to === null || to >= index));
  if (held.length > 0) node(about, "div", "holds " + [...new Set(held.map(([lock]) => lock))].join(", "));
  for (const mark of row.marks) node(about, "div", "⚠ " + mark, "mark");
  for (const [title, list] of [["Comes directly after", run.before[index]], ["Comes directly before", run.after[index]]]) {
    const part = node(dock, "div");
    node(part, "h3", title);
    const items = node(part, "ul");
    if (list.length === 0) node(items, "li", "nothing");
    for (const { row: other, reason } of list.slice(0, 12)) {
      const there = run.rows[other];
      const button = node(node(items, "li"), "button", "t=" + there.time + " " + (data.threads[there.thread]?.short ?? "") + " " + words(there) + " (" + reason + ")");
      button.addEventListener("click", () => timeline.reveal(other));
    }
  }
}

/** Who waits for whom, in a circle: threads and the locks between them. */
function circle(place) {
  const svg = shape(place, "svg", { role: "img", "aria-label": "threads that wait for each other in a circle" });
  marker(svg);
  const nodes = [];
  for (const thread of data.cycle) {
    const wait = data.waits.find((one) => one.thread === thread);
    nodes.push({ style: "life-event", lines: [data.threads[thread]?.name ?? "thread " + thread, wait ? wait.place : ""] });
    if (!wait) continue;
    const owner = data.waits.find((one) => one.thread === wait.holder);
    const since = owner?.holds.find((one) => one.lock === wait.wants)?.place;
    nodes.push({ style: "lock", lines: [wait.wants, since ? "taken at " + since : wait.kind === "JOIN" ? "its end" : "held"] });
  }
  const width = 220, height = 46;
  const tall = Math.max(110, 33 * nodes.length), wide = nodes.length < 3 ? 180 : tall * 1.35 + 60;
  const size = [wide * 2 + width + 20, tall * 2 + height + 20];
  svg.setAttribute("width", size[0]);
  svg.setAttribute("height", size[1]);
  nodes.forEach((one, index) => {
    const angle = (index / nodes.length) * 2 * Math.PI - Math.PI / 2;
    one.x = size[0] / 2 + wide * Math.cos(angle);
    one.y = size[1] / 2 + tall * Math.sin(angle);
  });
  nodes.forEach((one, index) => {
    const next = nodes[(index + 1) % nodes.length];
    const [from, to] = [border(one, next, width, height), border(next, one, width, height)];
    shape(svg, "line", { class: "edge", x1: from[0], y1: from[1], x2: to[0], y2: to[1], "marker-end": "url(#edge-head)" });
  });
  for (const one of nodes) {
    const group = shape(svg, "g", { class: "node " + one.style });
    shape(group, "rect", { x: one.x - width / 2, y: one.y - height / 2, width, height });
    one.lines.forEach((line, index) => {
      const text = shape(group, "text", { x: one.x, y: one.y - 4 + index * 17, "text-anchor": "middle", class: index ? "small" : "" }, cut(line, 28));
      Timeline.prototype.fit.call(null, text, width - 12);
    });
  }
  node(place, "p", "An arrow from a thread leads to what it wants, an arrow from a lock to the thread that holds it.", "program");
}

/** Where a line from the middle of one box to another one leaves it. */
function border(one, other, width, height) {
  const [dx, dy] = [other.x - one.x, other.y - one.y];
  const scale = Math.min(Math.abs(width / 2 / (dx || 1e-9)), Math.abs(height / 2 / (dy || 1e-9)));
  return [one.x + dx * scale, one.y + dy * scale];
}

function redraw() {
  const everything = document.getElementById("everything").checked;
  const arrows = document.getElementById("arrows").checked;
  for (const timeline of timelines) timeline.draw(everything, arrows);
  tell(null);
}

for (const given of data.runs) {
  const section = document.getElementById(given.id);
  const timeline = new Timeline(new Run(given), section.querySelector(".pane"));
  timelines.push(timeline);
}
const many = new Set(data.runs[0].rows.map((row) => row.thread)).size;
document.querySelector(".runs").classList.toggle("stacked", many > 3 || data.runs.length < 2);
redraw();
const legend = document.getElementById("locks");
for (const [lock, shade] of known) {
  const part = node(legend, "span");
  node(part, "i").style.cssText = "border:0;width:5px;background:" + shade;
  node(part, "span", lock);
}
if (data.cycle.length > 0) circle(document.getElementById("circle"));
for (const id of ["everything", "arrows"]) document.getElementById(id).addEventListener("change", redraw);
let width = innerWidth;
addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; redraw(); } });
document.documentElement.dataset.ready = "yes";
