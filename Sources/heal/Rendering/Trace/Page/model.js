"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const ROW = 24, SWITCH = 24, GAP = 26, MARK = 18, CLOCK = 78, INDENT = 26, MARGIN = 110, AROUND = 3, LIMIT = 4000;

/** Every text from the program goes through here or `node`, as text and never as markup. */
function shape(parent, name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.appendChild(made);
  return made;
}

function node(parent, name, text, style) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (style) made.className = style;
  parent.appendChild(made);
  return made;
}

function family(kind) {
  switch (kind) {
    case "READ": return "read";
    case "WRITE": case "UPDATE": return "write";
    case "ACQUIRE": case "RELEASE": case "TRY": return "lock";
    case "WAIT": case "WAKE": case "NOTIFY": case "TIMEOUT": case "SLEEP": return "wake";
    case "BLOCK": case "RAISE": return "bad";
    default: return "life-event";
  }
}

function words(row) {
  return row.kind + " " + row.subject + (row.value === null ? "" : "=" + row.value);
}

/** A run with the orders of its rows, direct and through others. */
class Run {
  constructor(given) {
    Object.assign(this, given);
    this.before = this.rows.map(() => []);
    this.after = this.rows.map(() => []);
    for (const [from, to, reason] of this.orders) {
      this.after[from].push({ row: to, reason });
      this.before[to].push({ row: from, reason });
    }
    const last = new Map();
    this.rows.forEach((row, index) => {
      if (last.has(row.thread)) {
        this.after[last.get(row.thread)].push({ row: index, reason: "same thread" });
        this.before[index].push({ row: last.get(row.thread), reason: "same thread" });
      }
      last.set(row.thread, index);
    });
    this.expanded = new Set();
    this.needed = this.around();
  }

  /** Rows that are always shown: what is part of the bug, and some beside it. */
  around() {
    const found = new Set();
    this.rows.forEach((row, index) => {
      if (!row.notable && row.marks.length === 0) return;
      for (let near = index - AROUND; near <= index + AROUND; near++) found.add(near);
    });
    return found;
  }

  /** What is drawn, from above: rows, switches, and runs of rows that are left out. */
  items(everything) {
    const found = [];
    const switches = new Map(this.switches.map((one) => [one.row, one]));
    const whole = everything || this.rows.length <= 40;
    let gap = null;
    this.rows.forEach((row, index) => {
      const shown = (whole && index < LIMIT) || this.needed.has(index) || this.expanded.has(index);
      if (!shown) {
        if (gap === null) found.push((gap = { gap: true, rows: [] }));
        gap.rows.push(index);
        return;
      }
      gap = null;
      if (switches.has(index) && (row.notable || this.minimal || everything)) found.push({ change: switches.get(index) });
      found.push({ row: index });
    });
    return found;
  }

  /** All rows that can be reached along orders, without the first one. */
  reach(start, next) {
    const found = new Set();
    const left = [start];
    while (left.length > 0) {
      for (const { row } of next[left.pop()]) {
        if (!found.has(row)) { found.add(row); left.push(row); }
      }
    }
    return found;
  }
}
