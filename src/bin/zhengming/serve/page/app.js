// The page: drafts on the left, the text with its marks in the middle, what was found on the right.
//
// Pasted text is checked as it changes, and a change that is taken is made in it at once. A file is checked once; what is
// decided about it is kept here and sent along when the result is downloaded. Text from drafts becomes text nodes only.

import { Editor } from "./editor.js";
import { form, get, onTokenNeeded, Failure, post } from "./net.js";
import { Reader } from "./reader.js";
import { categoryName, language, say, sayCode, speak, visible } from "./words.js";

const SEVERITIES = ["error", "warning", "info"];
const STATES = ["open", "taken", "ignored", "suppressed"];
/** How many findings are listed before the rest is asked for. */
const SHOWN_AT_ONCE = 150;
/** Milliseconds without typing before a text is checked; longer where the text is. */
const PAUSE = 300;
const PAUSE_LONG = 800;
const LONG = 100_000;
/** Files checked at the same time. */
const AT_ONCE = 2;
const PASTED_NAME = "粘贴.txt";

const $ = (id) => document.getElementById(id);

/** An element with properties and children; `class`, `data-…` and `aria-…` are attributes. */
function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class" || name.includes("-") || name === "role" || name === "for")
      element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return element;
}

// ---------------------------------------------------------------------------------------------------------------------
// State

/** The pasted text and the files, in the order of the list. */
const docs = [newDraft(null)];
let current = docs[0];
/** Id of the finding that is looked at. */
let selected = null;
let limit = SHOWN_AT_ONCE;
const filter = {
  severities: new Set(SEVERITIES),
  states: new Set(["open", "taken", "ignored", "suppressed"]),
  category: "",
};

function newDraft(file) {
  return {
    file,
    name: file ? file.name : PASTED_NAME,
    /** `empty`, `queued`, `sending`, `checking`, `done` or `failed`. */
    status: file ? "queued" : "empty",
    sent: 0,
    failure: null,
    /** The document of the last answer, and its diagnostics as {id, d}. */
    result: null,
    items: [],
    /** By id: {kind: "taken", suggestion} or {kind: "ignored", reason, rule, found}. */
    decisions: new Map(),
    /** What undo takes back, last one last. */
    history: [],
    /** Changes taken, for pasted text: they are no longer among its findings. */
    changed: 0,
    /** Whether there are decisions that no download holds. */
    unsaved: false,
    stop: null,
  };
}

const pasted = docs[0];
const isPasted = (doc) => doc === pasted;

function stateOf(doc, item) {
  const decision = doc.decisions.get(item.id);
  if (decision) return decision.kind;
  return item.d.suppressed ? "suppressed" : "open";
}

function matches(doc, item) {
  return (
    filter.severities.has(item.d.severity) &&
    filter.states.has(stateOf(doc, item)) &&
    (filter.category === "" || filter.category === item.d.category)
  );
}

const visibleItems = (doc) => doc.items.filter((item) => matches(doc, item));
const isSafe = (item) => item.d.fix?.applicability === "safe";
const openSafe = (doc) => doc.items.filter((item) => isSafe(item) && stateOf(doc, item) === "open");
const itemOf = (doc, id) => doc.items.find((item) => item.id === id) ?? null;

function ignoredOf(doc) {
  const list = [...doc.decisions].filter(([, decision]) => decision.kind === "ignored");
  return list.map(([id, { reason }]) => ({ id, reason }));
}

function countsOf(doc) {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const item of doc.items) if (stateOf(doc, item) === "open") counts[item.d.severity] += 1;
  return counts;
}

function setResult(doc, result) {
  doc.result = result;
  doc.failure = null;
  doc.status = "done";
  doc.items = result.diagnostics.map((d) => ({ id: d.id, d }));
}

// ---------------------------------------------------------------------------------------------------------------------
// Pasted text

let version = 0;
let timer = 0;
let checking = null;
let composing = false;
let busy = false;

const editor = new Editor($("field"), $("mirror"), $("scroller"), (change) => {
  version += 1;
  followChange(change);
  $("sample").hidden = editor.text !== "";
  if (change.typed) checkSoon();
});
const reader = new Reader($("reader"), $("scroller"), (item) => {
  const decision = current.decisions.get(item.id);
  const replacement = decision?.kind === "taken" ? (item.d.suggestions[decision.suggestion] ?? "") : null;
  return { classes: classesOf(item), replacement };
});

/** The classes of an item's mark, or null if it is not shown. */
function classesOf(item) {
  if (!item || !matches(current, item)) return null;
  const state = stateOf(current, item);
  return `${state === "open" ? item.d.severity : state}${item.id === selected ? " selected" : ""}`;
}

function checkSoon(pause = editor.text.length > LONG ? PAUSE_LONG : PAUSE) {
  clearTimeout(timer);
  checking?.abort();
  if (!composing) timer = setTimeout(checkText, pause);
}

/** Checks the text as it stands; an answer that is late is dropped, as a later one is on its way. */
async function checkText() {
  clearTimeout(timer);
  checking?.abort();
  const { text } = editor;
  const asked = version;
  if (text.trim() === "") {
    pasted.status = "empty";
    pasted.failure = null;
    pasted.result = null;
    pasted.items = [];
    editor.setMarks([]);
    render();
    return;
  }
  const stop = (checking = new AbortController());
  if (pasted.status !== "done") pasted.status = "checking";
  renderDrafts();
  try {
    const answer = await post("/v1/check", { text, filename: PASTED_NAME, lang: language() }, { signal: stop.signal });
    if (asked !== version) return;
    showText(documentOf(answer));
    announceCounts(pasted);
  } catch (error) {
    if (error.name === "AbortError") return;
    pasted.status = "failed";
    pasted.failure = wordsOf(error);
    render();
  }
}

/** Shows what was found in the pasted text. */
function showText(result) {
  const places = editor.places();
  setResult(pasted, result);
  if (result.error) {
    pasted.status = "failed";
    pasted.failure = result.error;
  }
  keepIgnored(places);
  if (itemOf(pasted, selected) === null && isPasted(current)) selected = null;
  editor.setMarks(
    pasted.items.map((item) => ({
      id: item.id,
      classes: isPasted(current) ? classesOf(item) : item.d.severity,
      ranges: rangesOf(item.d),
    })),
  );
  render();
}

/** Ranges of a diagnostic in the text: lines from 0, columns in UTF-16 units. */
function rangesOf(d) {
  return d.spans.map(({ start, end }) => {
    const units = (at) => unitsOf(editor.lines[at.line - 1])?.[at.column - 1] ?? at.column - 1;
    return { line: start.line - 1, start: units(start), lastLine: end.line - 1, end: units(end) };
  });
}

const unitsByLine = new WeakMap();

/** How many UTF-16 units stand before each character of a line; null where that is how many characters do. */
function unitsOf(line) {
  if (!line) return null;
  if (!unitsByLine.has(line)) {
    let units = null;
    if (/[\ud800-\udbff]/.test(line.text)) {
      units = [0];
      for (const c of line.text) units.push(units[units.length - 1] + c.length);
    }
    unitsByLine.set(line, units);
  }
  return unitsByLine.get(line);
}

/**
 * An id changes when the words beside it do: what was ignored stays so where the same finding stands. After a change the
 * server tells which they are, as it was asked to leave them; after typing their places tell.
 */
function keepIgnored(places) {
  const present = new Set(pasted.items.map((item) => item.id));
  for (const [id, decision] of [...pasted.decisions]) {
    if (present.has(id)) continue;
    const place = places.get(id);
    const same = pasted.items.find(({ id: other, d }) => {
      if (pasted.decisions.has(other) || d.rule !== decision.rule || d.found !== decision.found) return false;
      if (d.suppressed) return d.suppressed.by === "config" && d.suppressed.reason === decision.reason;
      const [range] = rangesOf(d);
      return place && range && range.line === place.line && range.start === place.column;
    });
    if (!same) continue;
    pasted.decisions.delete(id);
    pasted.decisions.set(same.id, decision);
    for (const step of pasted.history) {
      if (step.ids) step.ids = step.ids.map((other) => (other === id ? same.id : other));
    }
    if (selected === id) selected = same.id;
  }
}

/** Moves the places of changes that could be undone; one that was written into cannot be. */
function followChange({ at, removed, inserted }) {
  pasted.history = pasted.history.filter((step) => {
    if (step.kind !== "text" || at >= step.at + step.inserted.length) return true;
    // The text's own undo.
    const undone =
      at === step.at && removed === step.inserted.length && editor.text.slice(at, at + inserted) === step.removed;
    if (undone) {
      pasted.changed -= step.applied;
      return false;
    }
    if (at + removed <= step.at) step.at += inserted - removed;
    else step.gone = true;
    return true;
  });
}

/** Has the server change the text, and shows the result; `take` as the API has it. Gives how many were applied. */
async function changeText(take) {
  for (;;) {
    const asked = version;
    const before = editor.text;
    const body = { text: before, filename: PASTED_NAME, lang: language(), take, ignore: ignoredOf(pasted) };
    const answer = await post("/v1/fix", body);
    // Somebody typed on meanwhile: that text is the one to change.
    if (asked !== version) continue;
    const result = documentOf(answer);
    if (result.error) throw new Failure(result.error);
    const text = result.applied > 0 ? textOf(result.output) : before;
    const { at, removed, inserted } = editor.setText(text);
    if (removed > 0 || inserted > 0) {
      pasted.history.push({
        kind: "text",
        at,
        removed: before.slice(at, at + removed),
        inserted: text.slice(at, at + inserted),
        applied: result.applied,
      });
      pasted.changed += result.applied;
      pasted.unsaved = true;
    }
    showText(result);
    tellSkipped(result.skipped);
    return { applied: result.applied, at };
  }
}

function documentOf(answer) {
  const result = answer?.documents?.[0];
  const digest = answer?.lexicon?.digest;
  if (digest !== rulesOf) rules.clear();
  rulesOf = digest;
  if (!result || !Array.isArray(result.diagnostics)) throw new Failure(say("errAnswer"));
  return result;
}

function textOf(output) {
  return new TextDecoder().decode(bytesOf(output.base64)).replace(/\r\n?/g, "\n");
}

function bytesOf(base64) {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let n = 0; n < binary.length; n += 1) bytes[n] = binary.charCodeAt(n);
  return bytes;
}

// ---------------------------------------------------------------------------------------------------------------------
// Files

function addFiles(files) {
  let first = null;
  for (const file of files) {
    const doc = newDraft(file);
    docs.push(doc);
    first ??= doc;
  }
  if (!first) return;
  if (!isPasted(current) || editor.text.trim() === "") open(first);
  else renderDrafts();
  pump();
}

/** Starts the next files, in order, the one that is looked at first. */
function pump() {
  const waiting = docs.filter((doc) => doc.status === "queued");
  waiting.sort((a, b) => Number(b === current) - Number(a === current));
  let running = docs.filter((doc) => doc.file && (doc.status === "sending" || doc.status === "checking")).length;
  for (const doc of waiting) {
    if (running >= AT_ONCE) return;
    running += 1;
    checkFile(doc).finally(pump);
  }
}

async function checkFile(doc) {
  const stop = (doc.stop = new AbortController());
  doc.status = "sending";
  doc.sent = 0;
  showStatus(doc);
  try {
    await readable(doc.file);
    const body = form([doc.file], { blocks: true });
    const answer = await post("/v1/check", body, {
      signal: stop.signal,
      progress: (share) => {
        doc.sent = share;
        doc.status = share >= 1 ? "checking" : "sending";
        showStatus(doc);
      },
    });
    const result = documentOf(answer);
    setResult(doc, result);
    if (result.error) {
      doc.status = "failed";
      doc.failure = result.error;
    }
  } catch (error) {
    if (error.name === "AbortError") return;
    doc.status = "failed";
    doc.failure = wordsOf(error);
  }
  if (doc === current) {
    showDraft();
    announceCounts(doc);
  } else {
    renderDrafts();
  }
}

/** Fails for a file that is gone or is a folder, which a request would only call a network error. */
async function readable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new Failure(say("errFileGone"));
  }
}

/** Files of a drop; a folder is told, not read. */
function dropped(transfer) {
  const files = [];
  for (const item of transfer.items ?? []) {
    if (item.kind !== "file") continue;
    if (item.webkitGetAsEntry?.()?.isDirectory) {
      toast(say("errFolder", { name: visible(item.getAsFile()?.name ?? "") }), { bad: true });
      continue;
    }
    const file = item.getAsFile();
    if (file) files.push(file);
  }
  return files;
}

function removeDraft(doc) {
  if (doc.unsaved && !window.confirm(say("removeSure", { name: visible(doc.name) }))) return;
  doc.stop?.abort();
  const at = docs.indexOf(doc);
  docs.splice(at, 1);
  if (doc === current) open(docs[Math.min(at, docs.length - 1)]);
  else renderDrafts();
  $("documents").querySelector("[aria-current=true]")?.focus();
}

function wordsOf(error) {
  return error instanceof Failure ? error.message : `${say("errAnswer")}（${error.message}）`;
}

// ---------------------------------------------------------------------------------------------------------------------
// Decisions

async function whileBusy(work) {
  if (busy) return;
  busy = true;
  document.body.classList.add("busy");
  try {
    await work();
  } catch (error) {
    if (error.name !== "AbortError") toast(wordsOf(error), { bad: true });
  } finally {
    busy = false;
    document.body.classList.remove("busy");
  }
}

function take(item, suggestion) {
  const doc = current;
  const to = item.d.suggestions[suggestion];
  if (to === undefined || stateOf(doc, item) !== "open") return;
  const told = say("takenOne", { from: visible(item.d.found), to: to === "" ? say("deletion") : visible(to) });
  if (isPasted(doc)) {
    whileBusy(async () => {
      const { applied, at } = await changeText([{ id: item.id, suggestion }]);
      if (applied === 0) return;
      toastUndo(told);
      selectFrom(at);
    });
    return;
  }
  decide(doc, [[item.id, { kind: "taken", suggestion }]]);
  toastUndo(told);
  selectAfter(item);
}

function takeAllSafe() {
  const doc = current;
  const safe = openSafe(doc);
  if (safe.length === 0) return toast(say("takenNothing"));
  if (isPasted(doc)) {
    whileBusy(async () => {
      const { applied } = await changeText("safe");
      if (applied > 0) toastUndo(say("takenMany", { n: applied }));
    });
    return;
  }
  decide(
    doc,
    safe.map((item) => [item.id, { kind: "taken", suggestion: 0 }]),
  );
  toastUndo(say("takenMany", { n: safe.length }));
}

function ignore(items, reason) {
  const doc = current;
  decide(
    doc,
    items.map((item) => [item.id, { kind: "ignored", reason, rule: item.d.rule, found: item.d.found }]),
  );
  const found = visible(items[0].d.found);
  toastUndo(items.length === 1 ? say("ignoredOne", { found }) : say("ignoredMany", { n: items.length }));
  selectAfter(items[0]);
}

function decide(doc, decisions) {
  for (const [id, decision] of decisions) doc.decisions.set(id, decision);
  doc.history.push({ kind: "decisions", ids: decisions.map(([id]) => id) });
  doc.unsaved = true;
  render();
}

/** Takes back the decision about one finding. */
function reopen(item) {
  const doc = current;
  if (!doc.decisions.delete(item.id)) return;
  for (const step of doc.history) if (step.ids) step.ids = step.ids.filter((id) => id !== item.id);
  doc.history = doc.history.filter((step) => !step.ids || step.ids.length > 0);
  render();
  select(item.id, "list");
  tell("undone");
  if (isPasted(doc)) checkText();
}

function undo() {
  const doc = current;
  if (busy) return;
  const step = doc.history.pop();
  if (!step) return;
  if (step.kind === "decisions") {
    for (const id of step.ids) doc.decisions.delete(id);
    render();
    if (itemOf(doc, step.ids[0])) select(step.ids[0], "list");
    tell("undone");
    // A change that was made meanwhile came back with them suppressed.
    if (isPasted(doc)) checkText();
    return;
  }
  const there = editor.text.slice(step.at, step.at + step.inserted.length);
  if (step.gone || there !== step.inserted) {
    toast(say("undoGone"), { bad: true });
    render();
    return;
  }
  pasted.changed -= step.applied;
  editor.replace(step.at, step.inserted.length, step.removed);
  tell("undone");
  checkText();
}

function tell(key) {
  toast(say(key));
}

function tellSkipped(skipped) {
  if (!skipped?.length) return;
  const reasons = [...new Set(skipped.map((s) => sayCode("skip-", s.reason)))];
  toast(say("skippedSome", { n: skipped.length, why: visible(reasons.join(say("list"))) }), { bad: true });
}

// ---------------------------------------------------------------------------------------------------------------------
// Selection

/** Looks at a finding; `from` is where the person is: `text`, `list` or `keys`. */
function select(id, from) {
  selected = id;
  const item = itemOf(current, id);
  if (item && !matches(current, item)) resetFilters();
  const index = visibleItems(current).findIndex((other) => other.id === id);
  if (index >= limit) limit = index + 50;
  restyle();
  renderList();
  renderFloat();
  if (!item) return;
  if (from !== "text") {
    if (isPasted(current)) {
      const place = editor.reveal(id);
      if (place && from === "keys" && document.activeElement === $("field")) {
        $("field").setSelectionRange(place.at, place.at + place.length);
      }
    } else {
      reader.reveal(id);
    }
  }
  const card = $("list").querySelector(".item.selected");
  card?.scrollIntoView({ block: "nearest" });
  if (from === "list") card?.querySelector("button")?.focus({ preventScroll: true });
  if (from === "keys") $("live").textContent = `${say(item.d.severity)}${say("colon")}${visible(item.d.message)}`;
}

function restyle() {
  if (!isPasted(current)) return reader.refresh();
  const items = new Map(current.items.map((item) => [item.id, item]));
  editor.restyle((id) => classesOf(items.get(id)));
}

/** Goes to the next or previous finding that waits for a decision; around at the end. */
function step(by) {
  const items = visibleItems(current);
  if (items.length === 0) return;
  const openOnes = items.filter((item) => stateOf(current, item) === "open");
  const among = openOnes.length > 0 ? openOnes : items;
  const here = items.findIndex((item) => item.id === selected);
  let next;
  if (here < 0) {
    next = by > 0 ? among[0] : among[among.length - 1];
  } else {
    const ranks = new Map(items.map((item, n) => [item.id, n]));
    const ahead = among.filter((item) => (by > 0 ? ranks.get(item.id) > here : ranks.get(item.id) < here));
    next = by > 0 ? (ahead[0] ?? among[0]) : (ahead[ahead.length - 1] ?? among[among.length - 1]);
  }
  const inList = $("list").contains(document.activeElement);
  select(next.id, inList ? "list" : "keys");
}

function selectAfter(item) {
  const items = visibleItems(current);
  const at = items.findIndex((other) => other.id === item.id);
  const next = items.slice(at + 1).find((other) => stateOf(current, other) === "open");
  moveOn(next ?? items.find((other) => stateOf(current, other) === "open"));
}

/** Looks at the first open finding of the pasted text at or behind an offset. */
function selectFrom(at) {
  const waiting = visibleItems(pasted).filter((item) => stateOf(pasted, item) === "open");
  moveOn(waiting.find((item) => (editor.find(item.id)?.at ?? -1) >= at) ?? waiting[0]);
}

function moveOn(item) {
  const active = document.activeElement;
  const inList = $("list").contains(active) || active === document.body || $("float").contains(active);
  select(item?.id ?? null, inList && !isNarrow() ? "list" : "keys");
}

const isNarrow = () => window.matchMedia("(max-width: 56rem)").matches;

// ---------------------------------------------------------------------------------------------------------------------
// What is seen

function render() {
  renderDrafts();
  renderHead();
  renderFilters();
  restyle();
  renderList();
  renderFloat();
}

/** Switches to a draft. */
function open(doc) {
  current = doc;
  selected = null;
  limit = SHOWN_AT_ONCE;
  filter.category = "";
  for (const toast of $("toasts").querySelectorAll(".toast:not(.bad)")) toast.remove();
  showDraft();
  if (doc.status === "queued") pump();
}

/** Puts the current draft's text into view. */
function showDraft() {
  const doc = current;
  const shown = !isPasted(doc) && doc.result && !doc.result.error && doc.result.blocks;
  $("editor").hidden = !isPasted(doc);
  $("reader").hidden = !shown || doc.result.blocks.length === 0;
  $("scroller").scrollTop = 0;
  if (shown) reader.show(doc.result.blocks, doc.items);
  showStatus(doc);
  render();
}

/** What stands in place of a file's text while there is none. */
function showStatus(doc) {
  renderDrafts();
  if (doc !== current) return;
  const sheet = $("status-sheet");
  sheet.hidden = isPasted(doc) || !$("reader").hidden;
  if (sheet.hidden) return;
  const parts = [];
  if (doc.status === "failed") {
    parts.push(h("p", { class: "problem error" }, visible(doc.failure ?? "")));
    if (doc.result) parts.push(h("p", { class: "soft" }, say("unreadable")));
    parts.push(h("button", { type: "button", onclick: () => retry(doc) }, say("retry")));
  } else if (doc.status === "done") {
    parts.push(h("p", {}, say("emptyFile")));
  } else {
    parts.push(h("p", {}, statusWords(doc)));
    parts.push(progressBar(doc));
  }
  sheet.replaceChildren(...parts);
}

function retry(doc) {
  doc.failure = null;
  if (isPasted(doc)) return checkText();
  doc.status = "queued";
  doc.result = null;
  showStatus(doc);
  pump();
}

function progressBar(doc) {
  const bar = h("progress", { max: 1, "aria-label": statusWords(doc) });
  if (doc.status === "sending") bar.value = doc.sent;
  return bar;
}

function statusWords(doc) {
  if (doc.status === "queued") return say("waiting");
  if (doc.status === "sending") return say("uploading", { percent: Math.floor(doc.sent * 100) });
  if (doc.status === "checking") return say("checking");
  if (doc.status === "failed") return say("failed");
  return "";
}

const nameOf = (doc) => (isPasted(doc) ? say("pasted") : visible(doc.name));

function renderDrafts() {
  const list = $("documents");
  const focused = list.contains(document.activeElement) ? document.activeElement.closest("li") : null;
  const at = focused ? [...list.children].indexOf(focused) : -1;
  const which = focused ? [...focused.querySelectorAll("button")].indexOf(document.activeElement) : 0;
  list.replaceChildren(...docs.map(draftRow));
  list.children[at]?.querySelectorAll("button")[which]?.focus();
}

function draftRow(doc) {
  const counts = countsOf(doc);
  const badges = SEVERITIES.filter((s) => counts[s] > 0).map((s) => badge(s, counts[s]));
  const line = h("span", { class: "line" });
  if (doc.status === "done" && doc.items.length === 0) line.append(say("clean"));
  else if (doc.status === "done" && badges.length === 0)
    line.append(say("progressLine", { done: doc.items.length, total: doc.items.length }));
  else if (doc.status === "done") line.append(...badges);
  else line.append(statusWords(doc));
  if (doc.status === "done" && doc.result.notices.length > 0)
    line.append(h("span", { class: "soft" }, ` ${say("noticesTitle")}`));
  const pick = h(
    "button",
    {
      type: "button",
      class: `draft is-${doc.status}`,
      "aria-current": doc === current ? "true" : null,
      onclick: () => open(doc),
    },
    h("bdi", { class: "name" }, nameOf(doc)),
    line,
    doc.status === "sending" || (doc.status === "checking" && doc.file) ? progressBar(doc) : null,
  );
  const away = say("remove", { name: visible(doc.name) });
  const drop = isPasted(doc)
    ? null
    : h(
        "button",
        { type: "button", class: "icon away", title: away, "aria-label": away, onclick: () => removeDraft(doc) },
        "×",
      );
  return h("li", {}, pick, drop);
}

function badge(severity, count) {
  const short = h("span", { "aria-hidden": "true" }, `${say(`${severity}Mark`)}`);
  return h(
    "span",
    { class: `badge ${severity}` },
    short,
    h("span", { class: "unseen" }, `${say(severity)} `),
    count === undefined ? "" : ` ${count}`,
  );
}

function renderHead() {
  const doc = current;
  $("text-name").textContent = nameOf(doc);
  const decided = doc.items.filter((item) => ["taken", "ignored"].includes(stateOf(doc, item))).length + doc.changed;
  const total = doc.items.length + doc.changed;
  $("progress").textContent = decided > 0 ? say("progressLine", { done: decided, total }) : "";
  const safe = openSafe(doc).length;
  $("take-safe").textContent = say("takeSafe", { n: safe });
  $("take-safe").title = say("takeSafeHelp");
  $("take-safe").disabled = safe === 0;
  $("undo").disabled = doc.history.length === 0;
  $("undo").title = say("undoHelp");
  $("copy").hidden = $("clear").hidden = !isPasted(doc);
  $("copy").disabled = $("clear").disabled = editor.text === "";
  $("download").disabled = doc.status !== "done";
  $("sample").hidden = editor.text !== "";
  $("field").placeholder = say("placeholder");
  $("field").setAttribute("aria-label", say("editorLabel"));
  $("reader").setAttribute("aria-label", say("readerLabel"));
  renderNotices(doc);
}

function renderNotices(doc) {
  const lines = (doc.result?.notices ?? []).map((notice) =>
    h("p", { class: "problem warning" }, visible(notice.message)),
  );
  if (isPasted(doc) && doc.status === "failed") {
    const again = h("button", { type: "button", onclick: () => retry(doc) }, say("retry"));
    lines.unshift(h("p", { class: "problem error", role: "alert" }, visible(doc.failure), " ", again));
  }
  $("notices").replaceChildren(...lines);
}

function renderFilters() {
  const doc = current;
  const severities = SEVERITIES.map((s) => {
    const count = doc.items.filter((item) => item.d.severity === s).length;
    return chip(filter.severities, s, [badge(s), ` ${say(s)} ${count}`], s);
  });
  $("severities").setAttribute("aria-label", say("severity"));
  fill($("severities"), severities);
  const states = STATES.map((s) => [s, doc.items.filter((item) => stateOf(doc, item) === s).length]);
  const present = states.filter(([s, count]) => count > 0 || !filter.states.has(s));
  $("states").setAttribute("aria-label", say("state"));
  const onlyOpen = present.length === 1 && present[0][0] === "open" && filter.states.has("open");
  fill($("states"), onlyOpen ? [] : present.map(([s, count]) => chip(filter.states, s, [`${say(s)} ${count}`], s)));
  const categories = new Map();
  for (const item of doc.items) categories.set(item.d.category, (categories.get(item.d.category) ?? 0) + 1);
  if (filter.category !== "" && !categories.has(filter.category)) categories.set(filter.category, 0);
  const options = [...categories]
    .sort((a, b) => b[1] - a[1])
    .map(([name, count]) => h("option", { value: name }, `${visible(categoryName(name))}（${count}）`));
  const select = $("categories");
  select.replaceChildren(h("option", { value: "" }, say("allCategories", { n: doc.items.length })), ...options);
  select.value = filter.category;
  $("filters").hidden = doc.items.length === 0;
}

function chip(set, value, content, key) {
  const toggle = () => {
    if (set.has(value)) set.delete(value);
    else set.add(value);
    filtersChanged();
  };
  return h(
    "button",
    { type: "button", class: "chip", "aria-pressed": String(set.has(value)), "data-key": key, onclick: toggle },
    ...content,
  );
}

/** Replaces children, keeping the focus on the one with the same key. */
function fill(parent, children) {
  const key = parent.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  parent.replaceChildren(...children);
  if (key) parent.querySelector(`[data-key="${key}"]`)?.focus();
}

function filtersChanged() {
  limit = SHOWN_AT_ONCE;
  renderFilters();
  restyle();
  renderList();
  renderFloat();
}

function resetFilters() {
  SEVERITIES.forEach((s) => filter.severities.add(s));
  STATES.forEach((s) => filter.states.add(s));
  filter.category = "";
  filtersChanged();
}

function renderList() {
  const doc = current;
  const items = visibleItems(doc);
  const shown = items.slice(0, limit);
  const list = $("list");
  const old = new Map([...list.children].map((row) => [row.dataset.id, row]));
  const hadFocus = list.contains(document.activeElement) ? document.activeElement.closest("li")?.dataset.id : null;
  const focusedClass = hadFocus ? document.activeElement.className : null;
  const rows = shown.map((item) => {
    const key = JSON.stringify([
      language(),
      item.id === selected,
      stateOf(doc, item),
      doc.decisions.get(item.id),
      item.d.place,
      item.d.message,
    ]);
    const row = old.get(item.id);
    if (row && row.itemKey === key && row.item === item) return row;
    const fresh = card(doc, item);
    fresh.itemKey = key;
    fresh.item = item;
    return fresh;
  });
  for (const [n, row] of rows.entries()) {
    if (list.children[n] !== row) list.insertBefore(row, list.children[n] ?? null);
  }
  while (list.children.length > rows.length) list.lastElementChild.remove();
  if (hadFocus && !list.contains(document.activeElement)) {
    const row = rows.find((r) => r.dataset.id === hadFocus) ?? rows.find((r) => r.dataset.id === selected);
    const again = row && [...row.querySelectorAll("button, input")].find((e) => e.className === focusedClass);
    (again ?? row?.querySelector("button"))?.focus({ preventScroll: true });
  }
  const rest = items.length - shown.length;
  $("more").hidden = rest <= 0;
  $("more").textContent = say("more", { n: Math.min(rest, SHOWN_AT_ONCE) });
  $("shown").textContent =
    items.length === doc.items.length
      ? String(items.length)
      : say("shownOf", { shown: items.length, total: doc.items.length });
  $("tab-count").textContent =
    doc.items.length > 0 ? String(doc.items.filter((i) => stateOf(doc, i) === "open").length) : "";
  $("previous").disabled = $("next").disabled = items.length === 0;
  const empty = [];
  if (items.length === 0) {
    if (doc.items.length > 0) {
      empty.push(
        h("p", {}, say("nothingShown")),
        h("button", { type: "button", onclick: resetFilters }, say("resetFilters")),
      );
    } else if (doc.status === "done") {
      empty.push(h("p", { class: "good" }, say("nothingFound")));
    } else if (doc.status === "empty") {
      empty.push(h("p", {}, say("nothingYet")));
    } else if (doc.status !== "failed") {
      empty.push(h("p", {}, statusWords(doc)));
    }
  }
  $("list-empty").replaceChildren(...empty);
}

/** The findings' cards are longer than the pane on a phone: there the one that is looked at floats over the text. */
function renderFloat() {
  const item = itemOf(current, selected);
  const float = $("float");
  const shown = item !== null && isNarrow();
  float.hidden = !shown;
  if (!shown) return float.replaceChildren();
  const shut = h(
    "button",
    { type: "button", class: "icon", "aria-label": say("close"), onclick: () => select(null, "text") },
    "×",
  );
  const move = (by, sign, label) =>
    h("button", { type: "button", class: "icon", "aria-label": label, onclick: () => step(by) }, sign);
  const top = h("div", { class: "float-top" }, move(-1, "↑", say("previous")), move(1, "↓", say("next")), shut);
  const body = h(
    "div",
    { class: `item ${itemClass(current, item)}` },
    h("div", { class: "float-head" }, ...headOf(current, item)),
    detailsOf(current, item, "float-"),
  );
  float.replaceChildren(top, body);
}

function itemClass(doc, item) {
  const state = stateOf(doc, item);
  return `${item.d.severity} ${state}${item.id === selected ? " selected" : ""}`;
}

function card(doc, item) {
  const isOpen = item.id === selected;
  const head = h(
    "button",
    { type: "button", class: "item-head", "aria-expanded": String(isOpen), onclick: () => select(item.id, "list") },
    ...headOf(doc, item),
  );
  return h(
    "li",
    { class: `item ${itemClass(doc, item)}`, "data-id": item.id },
    head,
    isOpen ? detailsOf(doc, item, "") : null,
  );
}

/** One line for what, one for where. */
function headOf(doc, item) {
  const { d } = item;
  const state = stateOf(doc, item);
  const decision = doc.decisions.get(item.id);
  const to = decision?.kind === "taken" ? d.suggestions[decision.suggestion] : d.suggestions[0];
  const what = h("span", { class: "what" }, badge(d.severity));
  const found = visible(d.found);
  if (found !== "") what.append(" ", h("bdi", { class: "found" }, shorten(found)));
  if (to !== undefined && to !== d.found) {
    what.append(
      h("span", { class: "arrow", "aria-hidden": "true" }, " → "),
      h("bdi", { class: "to" }, to === "" ? say("deletion") : shorten(visible(to))),
    );
    if (d.suggestions.length > 1 && state === "open")
      what.append(h("span", { class: "soft" }, ` +${d.suggestions.length - 1}`));
  } else if (found === "") {
    what.append(" ", visible(d.message));
  }
  const where = h(
    "span",
    { class: "meta" },
    h("span", {}, visible(d.place)),
    h("span", {}, visible(categoryName(d.category))),
  );
  if (state !== "open") where.append(h("span", { class: "done" }, say(state)));
  return [what, where];
}

function shorten(text) {
  const characters = [...text];
  return characters.length > 40 ? `${characters.slice(0, 39).join("")}…` : text;
}

function detailsOf(doc, item, prefix) {
  const { d } = item;
  const state = stateOf(doc, item);
  const decision = doc.decisions.get(item.id);
  const box = h("div", { class: "details" }, h("p", { class: "message" }, visible(d.message)));
  const acts = h("div", { class: "acts" });
  if (state === "open" && d.suggestions.length > 0) {
    let choice = 0;
    if (d.suggestions.length > 1) {
      const name = `${prefix}choice`;
      const radios = d.suggestions.map((text, n) =>
        h(
          "label",
          { class: "check" },
          h("input", { type: "radio", name, checked: n === 0, onchange: () => (choice = n) }),
          " ",
          h("bdi", {}, text === "" ? say("deletion") : visible(text)),
        ),
      );
      box.append(h("fieldset", { class: "choice" }, h("legend", {}, say("choose")), ...radios));
    }
    const words =
      d.suggestions.length > 1
        ? say("take")
        : d.suggestions[0] === ""
          ? say("takeDelete")
          : say("takeNamed", { to: shorten(visible(d.suggestions[0])) });
    acts.append(h("button", { type: "button", class: "primary take", onclick: () => take(item, choice) }, words));
  }
  if (state === "open")
    acts.append(h("button", { type: "button", class: "ignore", onclick: () => askIgnore(item) }, say("ignore")));
  if (decision)
    acts.append(h("button", { type: "button", class: "reopen", onclick: () => reopen(item) }, say("undoThis")));
  if (state === "open" && d.suggestions.length === 0)
    box.append(h("p", { class: "soft" }, say(isPasted(doc) ? "byHand" : "byHandFile")));
  else if (state === "open" && !isSafe(item)) box.append(h("p", { class: "soft" }, say("weigh")));
  box.append(acts);
  const rows = [];
  if (decision)
    rows.push([
      "decision",
      decision.kind === "ignored" ? `${say("ignored")}${say("colon")}${visible(decision.reason)}` : say("taken"),
    ]);
  if (d.source) rows.push(["source", visible(d.source)]);
  if (d.disguises.length > 0) rows.push(["disguise", d.disguises.map((x) => sayCode("", x)).join(say("list"))]);
  if (d.demoted)
    rows.push(["remark", say("demoted", { from: say(d.demoted.from), why: sayCode("demoted-", d.demoted.reason) })]);
  if (d.suppressed && !decision)
    rows.push([
      "remark",
      [sayCode("by-", d.suppressed.by), visible(d.suppressed.reason)].filter(Boolean).join(say("colon")),
    ]);
  rows.push(["rule", visible(d.rule)]);
  const list = h("dl", {}, ...rows.flatMap(row));
  box.append(list);
  tellRule(d, list);
  return box;
}

function row([label, text]) {
  return [h("dt", {}, say(label)), h("dd", {}, text)];
}

/** What the lexicon says about rules, by id: promises, so that each is asked for once. */
const rules = new Map();
let rulesOf = null;

/** Adds a rule's reason and examples to a card when they are known. */
async function tellRule(d, list) {
  // These speak about the marks in the draft that let something stand: there is no more to tell.
  if (d.category === "suppressions") return;
  if (!rules.has(d.rule)) rules.set(d.rule, get(`/v1/rules/${encodeURIComponent(d.rule)}`));
  try {
    const { reason, good, bad } = await rules.get(d.rule);
    const rows = [];
    if (reason) rows.push(["reason", visible(reason)]);
    if (good?.length) rows.push(["good", visible(good[0])]);
    if (bad?.length) rows.push(["bad", visible(bad[0])]);
    list.prepend(...rows.flatMap(row));
  } catch {
    // The card says the rest; the next time asks again.
    rules.delete(d.rule);
  }
}

function announceCounts(doc) {
  if (doc !== current) return;
  $("live").textContent = doc.status === "done" ? say("countsLive", countsOf(doc)) : "";
}

function toast(text, { bad = false, action = null } = {}) {
  const close = () => box.remove();
  const box = h("div", { class: `toast${bad ? " bad" : ""}` }, h("span", {}, text));
  if (action)
    box.append(h("button", { type: "button", class: "quiet", onclick: () => (close(), action.run()) }, action.words));
  box.append(h("button", { type: "button", class: "icon", "aria-label": say("close"), onclick: close }, "×"));
  // What is undone by hand is the last thing only.
  for (const other of $("toasts").querySelectorAll(".toast:not(.bad)")) other.remove();
  while ($("toasts").children.length >= 3) $("toasts").firstElementChild.remove();
  $("toasts").append(box);
  setTimeout(close, bad ? 15_000 : 6_000);
}

function toastUndo(text) {
  const doc = current;
  const step = doc.history[doc.history.length - 1];
  const run = () => {
    if (doc === current && doc.history[doc.history.length - 1] === step) undo();
  };
  toast(text, { action: { words: say("undo"), run } });
}

// ---------------------------------------------------------------------------------------------------------------------
// Dialogs

let ignoring = null;

function askIgnore(item) {
  if (stateOf(current, item) !== "open") return;
  const same = current.items.filter(
    (other) =>
      other !== item &&
      other.d.rule === item.d.rule &&
      other.d.found === item.d.found &&
      stateOf(current, other) === "open",
  );
  ignoring = { item, same };
  $("ignore-what").textContent = say("ignoreWhat", { found: visible(item.d.found || item.d.message) });
  $("ignore-reason").value = "";
  $("ignore-flaw").textContent = "";
  $("ignore-same").checked = false;
  $("ignore-same-label").hidden = same.length === 0;
  $("ignore-same-label").querySelector("span").textContent = say("ignoreSame", { n: same.length });
  const put = (words) => {
    $("ignore-reason").value = words;
    $("ignore-reason").focus();
  };
  const reasons = ["reasonQuote", "reasonName", "reasonHistory", "reasonContext"].map((key) =>
    h("button", { type: "button", class: "chip", onclick: () => put(say(key)) }, say(key)),
  );
  $("ignore-reasons").replaceChildren(...reasons);
  $("ignore-dialog").showModal();
  $("ignore-reason").focus();
}

function doIgnore() {
  const reason = $("ignore-reason").value.trim();
  if (reason === "") {
    $("ignore-flaw").textContent = say("ignoreNeeds");
    $("ignore-reason").focus();
    return;
  }
  $("ignore-dialog").close();
  const { item, same } = ignoring;
  ignore($("ignore-same").checked ? [item, ...same] : [item], reason);
}

const scopeIsAll = () => document.querySelector("input[name=scope]:checked")?.value === "all";
const readFiles = () => docs.filter((doc) => doc.file && doc.status === "done");

function askDownload() {
  const [one, all] = $("scope").querySelectorAll("label");
  one.querySelector("span").textContent = say("scopeOne", { name: nameOf(current) });
  all.querySelector("span").textContent = say("scopeAll", { n: readFiles().length });
  one.querySelector("input").checked = true;
  $("scope").hidden = readFiles().length < 2;
  $("download-state").textContent = "";
  renderChoices();
  $("download-dialog").showModal();
}

function renderChoices() {
  const all = scopeIsAll() && !$("scope").hidden;
  const scope = all ? readFiles() : [current];
  const choice = (key, title, help, enabled, ...more) =>
    h(
      "div",
      { class: "offer" },
      h(
        "button",
        { type: "button", class: "wide", "data-kind": key, disabled: !enabled, onclick: () => download(key, scope) },
        h("b", {}, title),
        h("small", {}, help),
      ),
      ...more,
    );
  const takenIn = (doc) => doc.items.filter((item) => stateOf(doc, item) === "taken").length;
  const taken = scope.reduce((sum, doc) => sum + takenIn(doc), 0);
  const offers = [];
  if (isPasted(current) && !all) {
    offers.push(choice("fixed", say("fixedFile"), say("fixedText"), true));
  } else {
    offers.push(
      choice(
        "fixed",
        say(all ? "fixedFiles" : "fixedFile"),
        taken > 0 ? say("fixedHelp", { n: taken }) : say("fixedNone"),
        taken > 0,
      ),
    );
  }
  if (!all && current.result?.kind === "docx") {
    const modes = [
      ["both", "modeBoth"],
      ["tracked", "modeTracked"],
      ["comments", "modeComments"],
    ];
    const mode = h("select", { id: "annotate-mode" }, ...modes.map(([value, key]) => h("option", { value }, say(key))));
    offers.push(
      choice(
        "annotated",
        say("annotated"),
        say("annotatedHelp"),
        true,
        h("label", { class: "mode" }, say("annotatedMode"), " ", mode),
      ),
    );
  }
  offers.push(choice("html", say("html"), say("htmlHelp"), true), choice("csv", say("csv"), say("csvHelp"), true));
  $("choices").replaceChildren(...offers);
}

async function download(kind, scope) {
  const note = $("download-state");
  const mode = $("annotate-mode")?.value;
  note.textContent = say("preparing");
  note.className = "soft";
  $("download-dialog").setAttribute("aria-busy", "true");
  try {
    const names = [];
    if (kind === "html" || kind === "csv") names.push(await downloadReport(kind, scope));
    else for (const doc of scope) names.push(await downloadFile(kind, doc, mode));
    note.textContent = names
      .filter(Boolean)
      .map((name) => say("saved", { name: visible(name) }))
      .join(" ");
  } catch (error) {
    note.textContent = wordsOf(error);
    note.className = "problem error";
  }
  $("download-dialog").removeAttribute("aria-busy");
}

async function downloadReport(format, scope) {
  const ignored = scope.flatMap(ignoredOf);
  const options = { format, ignore: ignored };
  const body = isPasted(scope[0])
    ? { text: editor.text, filename: PASTED_NAME, lang: language(), ...options }
    : form(await present(scope), options);
  const blob = await post("/v1/check", body, { blob: true });
  const stem = scope.length === 1 ? stemOf(scope[0].name) : "正名";
  const suffix = say(format === "html" ? "reportSuffix" : "listSuffix");
  return save(blob, `${stem}-${suffix}.${format}`);
}

async function downloadFile(kind, doc, mode) {
  if (isPasted(doc)) {
    doc.unsaved = false;
    return save(
      new Blob([editor.text], { type: "text/plain;charset=utf-8" }),
      `${stemOf(doc.name)}-${say("fixedSuffix")}.txt`,
    );
  }
  const take = [];
  for (const item of doc.items) {
    const decision = doc.decisions.get(item.id);
    if (decision?.kind === "taken") take.push({ id: item.id, suggestion: decision.suggestion });
    else if (kind === "annotated" && stateOf(doc, item) === "open" && isSafe(item))
      take.push({ id: item.id, suggestion: 0 });
  }
  if (kind === "fixed" && take.length === 0) return null;
  const options = { take, ignore: ignoredOf(doc) };
  if (kind === "annotated") options.mode = mode;
  const answer = await post(kind === "fixed" ? "/v1/fix" : "/v1/annotate", form(await present([doc]), options));
  const result = documentOf(answer);
  if (result.error || !result.output) throw new Failure(result.error ?? say("errAnswer"));
  tellSkipped(result.skipped);
  doc.unsaved = false;
  const { filename, media_type: type, base64 } = result.output;
  return save(new Blob([bytesOf(base64)], { type }), filename);
}

async function present(scope) {
  for (const doc of scope) await readable(doc.file);
  return scope.map((doc) => doc.file);
}

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return name;
}

const stemOf = (name) => name.replace(/\.[^.]*$/, "") || name;

/** Asks for the token; null if nobody gives it. */
function askToken(refused) {
  const dialog = $("token-dialog");
  $("token").value = "";
  $("token-flaw").textContent = refused ? say("tokenWrong") : "";
  dialog.showModal();
  $("token").focus();
  return new Promise((resolve) => {
    const done = (event) => {
      if (event.type === "keydown" && (event.key !== "Enter" || event.isComposing)) return;
      const token = $("token").value.trim();
      if (token !== "") close(token);
    };
    const close = (token) => {
      $("token-do").removeEventListener("click", done);
      $("token").removeEventListener("keydown", done);
      dialog.removeEventListener("close", gaveUp);
      dialog.close();
      resolve(token);
    };
    const gaveUp = () => close(null);
    $("token-do").addEventListener("click", done);
    $("token").addEventListener("keydown", done);
    dialog.addEventListener("close", gaveUp);
  });
}

// ---------------------------------------------------------------------------------------------------------------------
// Language and look

function remember(key, value) {
  try {
    localStorage.setItem(`zhengming-${key}`, value);
  } catch {
    // Storage may be forbidden: then the choice lasts as long as the page.
  }
}

function remembered(key) {
  try {
    return localStorage.getItem(`zhengming-${key}`);
  } catch {
    return null;
  }
}

function setLanguage(lang) {
  speak(lang);
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  document.title = say("title");
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  $("language").textContent = say("otherLanguage");
  $("language").lang = lang === "zh" ? "en" : "zh-CN";
  $("tabs").setAttribute("aria-label", `${say("tabText")} / ${say("tabFindings")}`);
  for (const [id, key] of [
    ["previous", "previous"],
    ["next", "next"],
  ])
    $(id).title = `${say(key)} (${id === "next" ? "F8" : "Shift+F8"})`;
}

/** The server words the messages: what is listed is asked for again. */
function changeLanguage() {
  setLanguage(language() === "zh" ? "en" : "zh");
  remember("language", language());
  if (editor.text.trim() !== "") checkText();
  for (const doc of docs) {
    if (!doc.file || doc.status === "queued") continue;
    doc.stop?.abort();
    doc.status = "queued";
  }
  showStatus(current);
  render();
  pump();
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  $("theme").value = theme;
}

function showTab(name) {
  document.querySelector("main").dataset.tab = name;
  $("tab-text").setAttribute("aria-pressed", String(name === "text"));
  $("tab-findings").setAttribute("aria-pressed", String(name === "findings"));
  renderFloat();
}

// ---------------------------------------------------------------------------------------------------------------------
// What people do

function shortcuts(event) {
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  const item = itemOf(current, selected);
  const control = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  let act = null;
  if (key === "F8") act = () => step(event.shiftKey ? -1 : 1);
  else if (key === "F1") act = () => $("keys-dialog").showModal();
  else if (control && event.shiftKey && key === "Enter") act = takeAllSafe;
  else if (control && key === "Enter") act = () => item && take(item, chosen());
  else if (control && event.altKey && key === "z") act = undo;
  else if (control && !event.shiftKey && !event.altKey && key === "i") act = () => item && askIgnore(item);
  else if (
    !control &&
    !event.altKey &&
    event.target instanceof Element &&
    event.target.closest("#list, #reader") &&
    !event.target.matches("input[type=radio]")
  ) {
    if (key === "ArrowDown" || key === "j") act = () => step(1);
    else if (key === "ArrowUp" || key === "k") act = () => step(-1);
    else if (key === "a") act = () => item && take(item, chosen());
    else if (key === "i") act = () => item && askIgnore(item);
    else if (key === "u") act = () => (item && current.decisions.has(item.id) ? reopen(item) : undo());
  }
  if (!act) return;
  event.preventDefault();
  act();
}

/** The suggestion that is chosen in the open card. */
function chosen() {
  const radios = [...document.querySelectorAll(isNarrow() ? "#float input[type=radio]" : "#list input[type=radio]")];
  return Math.max(
    0,
    radios.findIndex((radio) => radio.checked),
  );
}

function listen() {
  const field = $("field");
  field.addEventListener("compositionstart", () => {
    composing = true;
    clearTimeout(timer);
  });
  field.addEventListener("compositionend", () => {
    composing = false;
    checkSoon();
  });
  const atCaret = () => {
    if (field.selectionStart !== field.selectionEnd) return;
    const id = editor.marksAt(field.selectionStart).find((i) => {
      const item = itemOf(pasted, i);
      return item && matches(pasted, item);
    });
    if (id && id !== selected) select(id, "text");
  };
  field.addEventListener("click", atCaret);
  field.addEventListener("keyup", (event) => {
    if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") atCaret();
  });
  $("reader").addEventListener("click", (event) => {
    const mark = event.target.closest("mark");
    if (mark) select(mark.dataset.id, "text");
  });

  $("sample").addEventListener("click", () => {
    editor.setText(say("sampleText"));
    field.focus();
    checkText();
  });
  $("take-safe").addEventListener("click", takeAllSafe);
  $("undo").addEventListener("click", undo);
  $("copy").addEventListener("click", copyText);
  $("clear").addEventListener("click", () => {
    if (pasted.unsaved && !window.confirm(say("clearSure"))) return;
    editor.setText("");
    Object.assign(pasted, { history: [], changed: 0, unsaved: false });
    pasted.decisions.clear();
    checkText();
    field.focus();
  });
  $("download").addEventListener("click", askDownload);
  $("scope").addEventListener("change", renderChoices);
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  $("more").addEventListener("click", () => {
    limit += SHOWN_AT_ONCE;
    renderList();
  });
  $("categories").addEventListener("change", (event) => {
    filter.category = event.target.value;
    filtersChanged();
  });
  $("tab-text").addEventListener("click", () => showTab("text"));
  $("tab-findings").addEventListener("click", () => showTab("findings"));

  $("choose").addEventListener("click", () => $("files").click());
  $("files").addEventListener("change", () => {
    addFiles([...$("files").files]);
    $("files").value = "";
  });
  let depth = 0;
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  window.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    $("drop").hidden = false;
  });
  window.addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (depth === 0) $("drop").hidden = true;
  });
  window.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  window.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    $("drop").hidden = true;
    addFiles(dropped(event.dataTransfer));
  });
  // A copied file is pasted like a dropped one.
  field.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const hasText = [...(event.clipboardData?.types ?? [])].includes("text/plain");
    if (files.length === 0 || hasText) return;
    event.preventDefault();
    addFiles(files);
  });

  $("ignore-do").addEventListener("click", doIgnore);
  $("ignore-reason").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      doIgnore();
    }
  });
  $("keys-open").addEventListener("click", () => $("keys-dialog").showModal());
  for (const button of document.querySelectorAll("dialog .close"))
    button.addEventListener("click", () => button.closest("dialog").close());
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
  }

  $("language").addEventListener("click", changeLanguage);
  $("theme").addEventListener("change", (event) => {
    setTheme(event.target.value);
    remember("theme", event.target.value);
  });
  document.addEventListener("keydown", shortcuts);
  window.addEventListener("resize", renderFloat);
  window.addEventListener("beforeunload", (event) => {
    if (docs.some((doc) => doc.unsaved)) event.preventDefault();
  });
}

async function copyText() {
  try {
    await navigator.clipboard.writeText(editor.text);
  } catch {
    // No clipboard for pages that come over plain HTTP from elsewhere: the old way.
    const field = $("field");
    const { selectionStart, selectionEnd } = field;
    field.select();
    const done = document.execCommand("copy");
    field.setSelectionRange(selectionStart, selectionEnd);
    if (!done) return;
  }
  pasted.unsaved = false;
  toast(say("copied"));
}

function start() {
  const wanted = remembered("language") ?? (/^en\b/i.test(navigator.language) ? "en" : "zh");
  setLanguage(wanted === "en" ? "en" : "zh");
  const theme = remembered("theme");
  setTheme(["light", "dark"].includes(theme) ? theme : "auto");
  onTokenNeeded(askToken);
  listen();
  // A browser may put back what was typed before a reload.
  $("field").value = "";
  showDraft();
  $("field").focus({ preventScroll: true });
}

start();
