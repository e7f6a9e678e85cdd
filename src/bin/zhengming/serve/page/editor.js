// The editor: a text field over a mirror of its text, line by line, in which the marks stand.
//
// The field stays the browser's own: input methods, undo and screen readers work as everywhere. The mirror has the same
// text in the same type at the same width, so that what is marked in it lies under the words. A change touches only the
// lines it changed, however long the text.

/** Longer changes are set at once: put in as if typed, line by line, they would take seconds. */
const UNDOABLE = 2_000;

export class Editor {
  /**
   * @param field the textarea
   * @param mirror the element behind it
   * @param scroller the element that scrolls both
   * @param changed called after each change with {at, removed, inserted, typed}: offset, lengths, whether by hand
   */
  constructor(field, mirror, scroller, changed) {
    this.field = field;
    this.mirror = mirror;
    this.scroller = scroller;
    this.changed = changed;
    this.text = "";
    this.lines = [];
    this.byHand = true;
    this.#replaceLines(0, 0, [""]);
    field.addEventListener("input", () => this.#sync());
  }

  /** Replaces what the texts do not share, keeping the browser's undo where that is quick. Gives what was changed. */
  setText(text) {
    const change = difference(this.text, text);
    if (change.removed === 0 && change.inserted === 0) return change;
    return this.replace(change.at, change.removed, text.slice(change.at, change.at + change.inserted));
  }

  /** Replaces `removed` characters (UTF-16) at `at`, without moving what is in view or focused. */
  replace(at, removed, inserted) {
    const { field, scroller } = this;
    const wanted = this.text.slice(0, at) + inserted + this.text.slice(at + removed);
    const focused = document.activeElement;
    const [top, pageTop] = [scroller.scrollTop, window.scrollY];
    this.byHand = false;
    if (inserted.length <= UNDOABLE && removed <= UNDOABLE) {
      field.focus({ preventScroll: true });
      field.setSelectionRange(at, at + removed);
      document.execCommand(inserted === "" ? "delete" : "insertText", false, inserted);
      if (focused !== field && focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    }
    if (field.value !== wanted) {
      field.value = wanted;
      field.setSelectionRange(at + inserted.length, at + inserted.length);
    }
    this.#sync();
    this.byHand = true;
    scroller.scrollTop = top;
    window.scrollTo(window.scrollX, pageTop);
    return { at, removed, inserted: inserted.length };
  }

  /** Shows these marks instead of those before: {id, classes, ranges: [{line, start, end}]}, lines from 0, UTF-16. */
  setMarks(marks) {
    const byLine = new Map();
    for (const mark of marks) {
      for (const range of mark.ranges) {
        let line = range.line;
        let { start } = range;
        // A stretch over several lines is a mark in each of them.
        for (; line < range.lastLine; line += 1, start = 0) add(line, start, Infinity, mark);
        add(line, start, range.end, mark);
      }
    }
    function add(line, start, end, mark) {
      if (!byLine.has(line)) byLine.set(line, []);
      byLine.get(line).push({ start, end, mark });
    }
    for (const [number, line] of this.lines.entries()) {
      const here = (byLine.get(number) ?? []).map((m) => ({ ...m, end: Math.min(m.end, line.text.length) }));
      if (here.length === 0 && line.marks.length === 0) continue;
      line.marks = here.filter((m) => m.start < m.end).sort((a, b) => a.start - b.start || a.end - b.end);
      paint(line);
    }
  }

  /** Gives each mark the classes that `classesOf(id)` says; null hides it. */
  restyle(classesOf) {
    for (const line of this.lines) {
      if (line.marks.length === 0) continue;
      for (const m of line.marks) m.mark.classes = classesOf(m.mark.id);
      paint(line);
    }
  }

  /** Scrolls so that the mark is in view; gives where it stands, or null if its words were edited. */
  reveal(id) {
    for (const line of this.lines) {
      const n = line.marks.findIndex((m) => m.mark.id === id);
      if (n < 0) continue;
      const shown = line.element.querySelector("mark.selected") ?? line.element;
      bringIntoView(shown, this.scroller);
      break;
    }
    return this.find(id);
  }

  /** Where the mark stands now: {at, length} of its first stretch, or null if its words were edited. */
  find(id) {
    let at = 0;
    for (const line of this.lines) {
      const hit = line.marks.find((m) => m.mark.id === id);
      if (hit) return { at: at + hit.start, length: hit.end - hit.start };
      at += line.text.length + 1;
    }
    return null;
  }

  /** Ids of the marks at an offset, the shortest first. */
  marksAt(offset) {
    let at = 0;
    for (const line of this.lines) {
      if (offset <= at + line.text.length) {
        const column = offset - at;
        const hits = line.marks.filter((m) => m.start <= column && column <= m.end);
        return hits.sort((a, b) => a.end - a.start - (b.end - b.start)).map((m) => m.mark.id);
      }
      at += line.text.length + 1;
    }
    return [];
  }

  /** Where the marks stand now, by id: line from 0, and column (UTF-16). */
  places() {
    const places = new Map();
    for (const [number, line] of this.lines.entries()) {
      for (const m of line.marks) {
        if (!places.has(m.mark.id)) places.set(m.mark.id, { line: number, column: m.start });
      }
    }
    return places;
  }

  #sync() {
    const text = this.field.value;
    const change = difference(this.text, text);
    if (change.removed === 0 && change.inserted === 0) return;
    const lines = this.lines;
    let first = 0;
    let start = 0;
    while (start + lines[first].text.length < change.at) {
      start += lines[first].text.length + 1;
      first += 1;
    }
    const until = change.at + change.removed;
    let last = first;
    let end = start + lines[first].text.length;
    while (end < until) {
      last += 1;
      end += lines[last].text.length + 1;
    }
    const fresh = text.slice(start, end + change.inserted - change.removed).split("\n");
    this.text = text;
    this.#replaceLines(first, last - first + 1, fresh, { from: change.at - start, tail: end - until });
    this.changed({ ...change, typed: this.byHand });
  }

  /** Puts `texts` in place of `count` lines; `kept` says how much of their beginning and end is the old. */
  #replaceLines(first, count, texts, kept) {
    const old = this.lines.slice(first, first + count);
    const fresh = [];
    for (const [n, text] of texts.entries()) {
      const line = old[n] ?? { element: document.createElement("div"), marks: [], text: null };
      fresh.push({ ...line, text });
    }
    if (kept && old.length > 0) carryMarks(old, fresh, kept);
    for (const line of old.slice(fresh.length)) line.element.remove();
    const after = this.lines[first + count]?.element ?? null;
    for (const line of fresh.slice(old.length)) this.mirror.insertBefore(line.element, after);
    // Not splice(…fresh): a long text has more lines than a call takes arguments.
    this.lines = this.lines.slice(0, first).concat(fresh, this.lines.slice(first + count));
    fresh.forEach(paint);
  }
}

/** Keeps the marks in front of a change and behind it. */
function carryMarks(old, fresh, { from, tail }) {
  const head = old[0].marks.filter((m) => m.end <= from);
  const lastOld = old[old.length - 1];
  const border = lastOld.text.length - tail;
  const shift = fresh[fresh.length - 1].text.length - lastOld.text.length;
  const rest = lastOld.marks.filter((m) => m.start >= border);
  const moved = rest
    .filter((m) => !head.includes(m))
    .map((m) => ({ ...m, start: m.start + shift, end: m.end + shift }));
  for (const line of fresh) line.marks = [];
  fresh[0].marks = head;
  const end = fresh[fresh.length - 1];
  end.marks = end.marks.concat(moved);
}

/** Writes a line of the mirror: only the pieces that changed, as the whole text may be one line. */
function paint(line) {
  const { element } = line;
  const shown = line.marks.filter((m) => m.mark.classes !== null);
  const pieces = segments(line.text.length, shown).map(({ start, end, mark }) => ({
    text: line.text.slice(start, end),
    classes: mark ? mark.mark.classes : null,
  }));
  const old = element.pieces ?? [];
  const same = (a, b) => a.text === b.text && a.classes === b.classes;
  const most = Math.min(old.length, pieces.length);
  let head = 0;
  while (head < most && same(old[head], pieces[head])) head += 1;
  let tail = 0;
  while (tail < most - head && same(old[old.length - 1 - tail], pieces[pieces.length - 1 - tail])) tail += 1;
  const nodes = element.childNodes;
  for (let n = old.length - tail; n > head; n -= 1) nodes[n - 1].remove();
  const fresh = document.createDocumentFragment();
  for (const { text, classes } of pieces.slice(head, pieces.length - tail)) {
    if (classes === null) {
      fresh.append(text);
      continue;
    }
    const mark = document.createElement("mark");
    mark.className = classes;
    mark.textContent = text;
    fresh.append(mark);
  }
  if (fresh.firstChild) element.insertBefore(fresh, nodes[head] ?? null);
  element.pieces = pieces;
}

/** Scrolls to the element, unless it is in view already. */
export function bringIntoView(element, scroller) {
  const box = scroller.getBoundingClientRect();
  const rect = element.getBoundingClientRect();
  const page = getComputedStyle(document.documentElement);
  const top = Math.max(box.top, Number.parseFloat(page.scrollPaddingTop) || 0) + 8;
  const bottom = Math.min(box.bottom, window.innerHeight - (Number.parseFloat(page.scrollPaddingBottom) || 0)) - 8;
  if (rect.top < top || rect.bottom > bottom) element.scrollIntoView({ block: "center" });
}

/** Cuts `length` characters at the ends of marks; where several overlap, the shortest shows. */
export function segments(length, marks) {
  const cuts = new Set([0, length]);
  for (const m of marks) {
    cuts.add(m.start);
    cuts.add(m.end);
  }
  const sorted = [...cuts].filter((c) => c >= 0 && c <= length).sort((a, b) => a - b);
  const waiting = [...marks].sort((a, b) => a.start - b.start);
  const found = [];
  let next = 0;
  let open = [];
  for (let n = 0; n + 1 < sorted.length; n += 1) {
    const [start, end] = [sorted[n], sorted[n + 1]];
    for (; next < waiting.length && waiting[next].start <= start; next += 1) open.push(waiting[next]);
    open = open.filter((m) => m.end > start);
    let best = null;
    for (const m of open) {
      if (!best || m.end - m.start < best.end - best.start) best = m;
    }
    found.push({ start, end, mark: best });
  }
  return found;
}

/** The one stretch in which two texts differ: {at, removed, inserted}, UTF-16. */
export function difference(before, after) {
  if (before === after) return { at: 0, removed: 0, inserted: 0 };
  const most = Math.min(before.length, after.length);
  let at = 0;
  while (at < most && before.charCodeAt(at) === after.charCodeAt(at)) at += 1;
  let tail = 0;
  while (
    tail < most - at &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) {
    tail += 1;
  }
  // A surrogate pair is not cut in two.
  if (at > 0 && isHigh(before.charCodeAt(at - 1))) at -= 1;
  if (tail > 0 && isLow(before.charCodeAt(before.length - tail))) tail -= 1;
  return { at, removed: before.length - tail - at, inserted: after.length - tail - at };
}

function isHigh(unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
