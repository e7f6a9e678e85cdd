// A file's text, read-only: its blocks with their places, marks in them, and what was decided about each.

import { bringIntoView, segments } from "./editor.js";
import { hiddenName, say, stretches } from "./words.js";

export class Reader {
  /**
   * @param root where the blocks go
   * @param scroller the element that scrolls them
   * @param look gives for an item {classes, replacement}: null classes hide its mark, a replacement is shown behind it
   */
  constructor(root, scroller, look) {
    this.root = root;
    this.scroller = scroller;
    this.look = look;
    this.blocks = [];
  }

  /** Shows a document: its blocks, and its items, each with `id` and the diagnostic `d`. */
  show(blocks, items) {
    this.blocks = blocks.map((block) => ({ block, element: null, ranges: [], key: null }));
    for (const item of items) {
      const own = this.blocks[item.d.block];
      if (!own) continue;
      const inUnits = unitsOf(own.block.text);
      const ranges = item.d.ranges.map(([start, end]) => ({ start: inUnits(start), end: inUnits(end) }));
      for (const [n, range] of ranges.entries()) {
        own.ranges.push({ ...range, item, last: n === ranges.length - 1 });
      }
    }
    const all = document.createDocumentFragment();
    let part = null;
    for (const own of this.blocks) {
      const { kind, place, text } = own.block;
      const element = document.createElement("div");
      element.className = `block kind-${kind}`;
      if (part !== null && part !== own.block.part) element.classList.add("new-part");
      part = own.block.part;
      const where = document.createElement("span");
      where.className = "where";
      where.textContent = place;
      const body = document.createElement("p");
      if (kind === "heading" || kind === "title") {
        body.setAttribute("role", "heading");
        body.setAttribute("aria-level", "3");
      }
      element.append(where, body);
      own.element = body;
      if (own.ranges.length === 0 && text.trim() === "") element.classList.add("blank");
      this.#paint(own);
      all.append(element);
    }
    this.root.replaceChildren(all);
  }

  /** Shows what changed since. */
  refresh() {
    for (const own of this.blocks) if (own.ranges.length > 0) this.#paint(own);
  }

  reveal(id) {
    const own = this.blocks.find((b) => b.ranges.some((r) => r.item.id === id));
    if (!own) return;
    // Twice: blocks out of view have only a guessed height until they come near.
    bringIntoView(own.element, this.scroller);
    bringIntoView(own.element.querySelector("mark.selected") ?? own.element, this.scroller);
  }

  #paint(own) {
    const marks = own.ranges.map((range) => ({ ...range, ...this.look(range.item) }));
    const shown = marks.filter((m) => m.classes !== null);
    const key = marks.map((m) => `${m.classes} ${m.replacement ?? ""}`).join("\n");
    if (own.key === key) return;
    own.key = key;
    const pieces = [];
    const ended = new Set();
    for (const piece of segments(own.block.text.length, shown)) {
      const text = own.block.text.slice(piece.start, piece.end);
      if (piece.mark) {
        const mark = document.createElement("mark");
        mark.className = piece.mark.classes;
        mark.dataset.id = piece.mark.item.id;
        mark.append(...shownText(text));
        pieces.push(mark);
      } else {
        pieces.push(...shownText(text));
      }
      for (const m of shown) {
        if (!m.last || m.replacement === null || m.end !== piece.end || ended.has(m)) continue;
        ended.add(m);
        const right = document.createElement("ins");
        right.textContent = m.replacement === "" ? say("deletion") : m.replacement;
        pieces.push(right);
      }
    }
    own.element.replaceChildren(...pieces);
  }
}

/** Text with its invisible characters made visible. */
function shownText(text) {
  return [...stretches(text)].map((piece) => {
    if (!piece.hidden || piece.text === "\r") return document.createTextNode(piece.text);
    const sign = document.createElement("span");
    sign.className = "invisible";
    sign.textContent = hiddenName(piece.text);
    return sign;
  });
}

/** From offsets in characters to offsets in UTF-16 units. */
function unitsOf(text) {
  if (!/[\ud800-\udbff]/.test(text)) return (offset) => offset;
  const starts = [];
  let at = 0;
  for (const character of text) {
    starts.push(at);
    at += character.length;
  }
  return (offset) => (offset < starts.length ? starts[offset] : at);
}
