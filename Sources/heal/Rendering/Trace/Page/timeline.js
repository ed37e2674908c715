/** One run, a column a thread, drawn into a pane. */
class Timeline {
  constructor(run, pane, dock) {
    this.run = run;
    this.pane = pane;
    this.dock = dock;
    this.chosen = null;
  }

  draw(everything, arrows) {
    this.everything = everything;
    this.arrows = arrows;
    const items = this.run.items(everything);
    this.place(items);
    this.pane.textContent = "";
    this.heads();
    this.svg = shape(this.pane, "svg", { width: this.width, height: this.height, role: "group", "aria-label": this.run.name });
    marker(this.svg);
    this.lives();
    this.locks();
    this.boxes = new Map();
    this.orders = shape(this.svg, "g", { "pointer-events": "none" });
    this.marks = document.createElementNS(SVG, "g");
    this.svg.appendChild(this.marks);
    for (const item of items) this.item(item);
    this.conflict();
    this.svg.appendChild(this.marks);
    this.near = shape(this.svg, "g", { "pointer-events": "none" });
    if (arrows) for (const [from, to] of this.run.orders) this.arrow(this.orders, from, to, "order");
    this.ready = true;
  }

  /** Where everything goes. */
  place(items) {
    const used = new Set();
    for (const item of items) if (item.row !== undefined) used.add(this.run.rows[item.row].thread);
    this.threads = [...used].sort((one, other) => one - other);
    const room = (this.pane.clientWidth || 1200) - CLOCK - MARGIN - 18;
    this.column = Math.max(150, Math.min(330, Math.floor(room / Math.max(1, this.threads.length))));
    this.x = new Map(this.threads.map((thread, index) => [thread, CLOCK + index * this.column]));
    this.width = CLOCK + this.threads.length * this.column + MARGIN;
    this.right = new Map();
    this.y = new Map();
    let y = 8;
    for (const item of items) {
      item.y = y;
      if (item.gap) {
        for (const row of item.rows) this.y.set(row, y + GAP / 2);
        y += GAP;
      } else if (item.change) {
        y += SWITCH;
      } else {
        this.y.set(item.row, y + ROW / 2);
        y += ROW + MARK * this.run.rows[item.row].marks.length;
      }
    }
    this.height = y + 10;
  }

  heads() {
    const heads = node(this.pane, "div", undefined, "heads");
    const clock = node(heads, "div", undefined, "clock");
    clock.style.width = CLOCK + "px";
    node(clock, "b", "time");
    for (const thread of this.threads) {
      const head = node(heads, "div");
      head.style.width = this.column + "px";
      const { short, target } = data.threads[thread] || { short: "thread " + thread, target: "" };
      node(head, "b", short).title = short;
      node(head, "small", target).title = target;
    }
  }

  centre(thread) { return (this.x.get(thread) ?? CLOCK) + 12; }

  /** A line for each thread's life; dashed while it is blocked. */
  lives() {
    for (const thread of this.threads) {
      const rows = [];
      this.run.rows.forEach((row, index) => { if (row.thread === thread) rows.push(index); });
      const x = this.centre(thread);
      const end = this.run.rows[rows[rows.length - 1]].kind === "BLOCK" ? this.height : this.y.get(rows[rows.length - 1]);
      shape(this.svg, "line", { class: "life", x1: x, x2: x, y1: this.y.get(rows[0]), y2: end });
      rows.forEach((row, index) => {
        if (this.run.rows[row].kind !== "BLOCK") return;
        const until = index + 1 < rows.length ? this.y.get(rows[index + 1]) : this.height;
        shape(this.svg, "line", { class: "blocked", x1: x, x2: x, y1: this.y.get(row), y2: until });
      });
    }
  }

  /** A bar for each lock while it is held; inner ones stand further right. */
  locks() {
    const open = new Map();
    for (const [lock, thread, from, to] of this.run.locks) {
      if (!this.x.has(thread)) continue;
      const depth = (open.get(thread) || []).filter((one) => one === null || one > from).length;
      open.set(thread, [...(open.get(thread) || []), to]);
      const top = this.y.get(from), bottom = to === null ? this.height : this.y.get(to);
      const bar = shape(this.svg, "rect", {
        x: this.x.get(thread) + 1 + 5 * Math.min(depth, 2), y: top, width: 4, height: Math.max(2, bottom - top),
        rx: 2, fill: colour(lock),
      });
      shape(bar, "title", {}, lock + " is held");
    }
  }

  item(item) {
    if (item.gap) this.gap(item);
    else if (item.change) this.change(item);
    else this.event(item);
  }

  gap(item) {
    const group = shape(this.svg, "g", { class: "gap", tabindex: 0, role: "button", "aria-label": item.rows.length + " events that are not shown; show them" });
    shape(group, "rect", { x: 4, y: item.y + 3, width: this.width - 12, height: GAP - 6, rx: 4 });
    shape(group, "text", { x: 10, y: item.y + 17 }, "+" + item.rows.length);
    const busy = new Map();
    for (const row of item.rows) busy.set(this.run.rows[row].thread, (busy.get(this.run.rows[row].thread) || 0) + 1);
    for (const [thread, count] of busy) {
      if (!this.x.has(thread)) continue;
      for (let dot = 0; dot < Math.min(count, 12); dot++) {
        shape(group, "circle", { cx: this.x.get(thread) + INDENT + 4 + dot * 8, cy: item.y + GAP / 2, r: 2 });
      }
    }
    press(group, () => {
      item.rows.slice(0, 500).forEach((row) => this.run.expanded.add(row));
      this.draw(this.everything, this.arrows);
      this.choose(item.rows[0], true);
    });
  }

  change(item) {
    const group = shape(this.svg, "g", { class: "switch" });
    const middle = item.y + SWITCH / 2;
    shape(group, "line", { x1: 4, x2: this.width - 8, y1: middle, y2: middle });
    const text = shape(group, "text", { x: CLOCK + 8, y: middle + 4 }, item.change.text);
    this.fit(text, this.width - CLOCK - 24);
    const back = shape(group, "rect", { x: CLOCK + 2, y: item.y + 3, width: text.getComputedTextLength() + 12, height: SWITCH - 6, rx: 4 });
    group.insertBefore(back, text);
  }

  event(item) {
    const index = item.row, row = this.run.rows[index], x = this.x.get(row.thread);
    const group = shape(this.svg, "g", {
      class: "event " + family(row.kind) + (row.notable ? " notable" : ""), tabindex: 0, role: "button",
      "aria-label": ["t=" + row.time, data.threads[row.thread]?.short ?? row.thread, words(row), row.place, ...row.marks].join(", "),
    });
    shape(group, "text", { class: "time", x: 10, y: item.y + 16 }, row.time);
    const left = x + INDENT - 6, text = words(row);
    const short = row.place.slice(row.place.lastIndexOf(":"));
    const box = shape(group, "rect", { class: "box", x: left, y: item.y + 2, height: ROW - 4 });
    const label = shape(group, "text", { x: left + 6, y: item.y + 16 });
    const tail = short ? (short.length + 1) * letterWidth : 0;
    // No other event stands in this line: a long text may reach over the columns to the right.
    const room = Math.min(this.width - 8 - left, 420) - tail - 12;
    label.textContent = brief(row, Math.floor(room / letterWidth));
    if (!plain(text)) this.fit(label, room);
    const length = plain(text) ? label.textContent.length * letterWidth : label.getComputedTextLength();
    const width = Math.max(this.column - INDENT, length + tail + 12);
    box.setAttribute("width", width);
    this.right.set(index, left + width);
    if (short) shape(group, "text", { class: "place", x: left + width - 6, y: item.y + 16, "text-anchor": "end" }, short);
    row.marks.forEach((mark, line) => this.mark(this.marks, mark, x + INDENT, item.y + ROW + 13 + line * MARK));
    this.boxes.set(index, group);
    group.addEventListener("mouseenter", () => this.choose(index));
    group.addEventListener("focus", () => this.choose(index));
    group.addEventListener("click", () => group.focus());
    group.addEventListener("keydown", (event) => this.key(event, index));
  }

  /** A remark under its event: to the right while there is room, else to the left. */
  mark(group, mark, x, y) {
    const text = shape(group, "text", { class: "mark", x, y }, "⚠ " + mark);
    const room = this.width - x - 10;
    if (text.getComputedTextLength() <= room) return;
    text.setAttribute("text-anchor", "end");
    text.setAttribute("x", this.width - 10);
    this.fit(text, this.width - 20);
  }

  fit(text, width) {
    let whole = text.textContent;
    while (whole.length > 1 && text.getComputedTextLength() > width) {
      whole = whole.slice(0, Math.floor(whole.length * 0.9));
      text.textContent = whole + "…";
    }
  }

  /** The accesses that make up the bug, joined in their order. */
  conflict() {
    const rows = this.run.conflict.filter((row) => this.boxes.has(row));
    for (let index = 1; index < rows.length; index++) this.arrow(this.svg, rows[index - 1], rows[index], "conflict");
  }

  arrow(parent, from, to, style) {
    const [one, two] = [this.run.rows[from], this.run.rows[to]];
    if (!this.x.has(one.thread) || !this.x.has(two.thread)) return;
    const y1 = this.y.get(from), y2 = this.y.get(to);
    const right = this.x.get(two.thread) >= this.x.get(one.thread);
    const side = (row, thread, out) => (out && this.right.get(row)) || this.x.get(thread) + (out ? this.column : INDENT) - 6;
    const x1 = side(from, one.thread, right && one.thread !== two.thread);
    const x2 = side(to, two.thread, !right);
    const bend = one.thread === two.thread ? -22 : 0, middle = (y1 + y2) / 2;
    const path = bend
      ? `M${x1},${y1} C${x1 + bend},${y1} ${x2 + bend},${y2} ${x2},${y2}`
      : `M${x1},${y1} C${x1 + (right ? 18 : -18)},${middle} ${x2 + (right ? -18 : 18)},${middle} ${x2},${y2}`;
    shape(parent, "path", { class: style, d: path, "marker-end": `url(#${style.split(" ")[0]}-head)` });
  }

  /** Shows one event, what comes before and after it, and pales what nothing orders with it. */
  choose(index, focus) {
    const run = this.run;
    for (const line of timelines) if (line !== this) line.clear();
    this.boxes.get(this.chosen)?.classList.remove("chosen");
    this.chosen = index;
    const box = this.boxes.get(index);
    box?.classList.add("chosen");
    const ordered = run.reach(index, run.before), later = run.reach(index, run.after);
    for (const [row, group] of this.boxes) {
      group.classList.toggle("apart", row !== index && !ordered.has(row) && !later.has(row));
    }
    this.near.textContent = "";
    for (const { row } of run.before[index]) this.arrow(this.near, row, index, "order near");
    for (const { row } of run.after[index]) this.arrow(this.near, index, row, "order near");
    tell(this, index);
    if (focus) { box?.focus(); box?.scrollIntoView({ block: "nearest", inline: "nearest" }); }
  }

  clear() {
    if (!this.ready) return;
    this.boxes.get(this.chosen)?.classList.remove("chosen");
    this.chosen = null;
    this.near.textContent = "";
    for (const group of this.boxes.values()) group.classList.remove("apart");
  }

  key(event, index) {
    const run = this.run, shown = [...this.boxes.keys()];
    const foreign = (list) => (list.find((one) => one.reason !== "same thread") || list[0] || {}).row;
    const next = {
      ArrowDown: shown[shown.indexOf(index) + 1], ArrowUp: shown[shown.indexOf(index) - 1],
      ArrowLeft: foreign(run.before[index]), ArrowRight: foreign(run.after[index]),
    }[event.key];
    if (event.key === "Escape") { this.clear(); tell(null); }
    if (next === undefined) return;
    event.preventDefault();
    this.reveal(next);
  }

  /** Goes to a row, which may have been left out. */
  reveal(row) {
    if (!this.boxes.has(row)) {
      for (let near = row - AROUND; near <= row + AROUND; near++) this.run.expanded.add(near);
      this.draw(this.everything, this.arrows);
    }
    this.choose(row, true);
  }
}

function marker(svg) {
  const defs = shape(svg, "defs");
  for (const [name, fill] of [["order", "var(--text)"], ["conflict", "var(--bad)"], ["edge", "var(--bad)"]]) {
    const head = shape(defs, "marker", { id: name + "-head", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" });
    shape(head, "path", { d: "M0,0 L8,4 L0,8 z", style: "fill:" + fill });
  }
}

function press(element, action) {
  element.addEventListener("click", action);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    action();
  });
}

const plain = (text) => /^[\x20-\x7e]*$/.test(text);

/** A row in so many letters: of a long name the end stays, and the value. */
function brief(row, room) {
  const whole = words(row);
  if (whole.length <= room) return whole;
  const rest = whole.slice(row.kind.length + 1);
  const tail = room - row.kind.length - 2;
  return tail < 6 || row.kind === "RAISE" || row.kind === "START" || row.kind === "END"
    ? cut(whole, room)
    : row.kind + " …" + rest.slice(rest.length - tail);
}

const cut = (text, room) => (text.length > room ? text.slice(0, Math.max(1, room - 1)) + "…" : text);
