// Requests to the server this page came from, and what to tell a person when one fails.

import { language, say } from "./words.js";

const TOKEN = "zhengming-token";
/** How long a request may take, in milliseconds: a large file is uploaded and checked within it. */
const PATIENCE = 180_000;
/** How often a busy server is asked again. */
const TRIES = 5;

/** Why a request failed, in words for the person before the screen. */
export class Failure extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

let askForToken = async () => null;
let asking = null;

/** Sets who asks for the token: called with whether one was refused, gives it, or `null` if nobody gives one. */
export function onTokenNeeded(ask) {
  askForToken = ask;
}

/**
 * Posts JSON (an object) or a form and gives the answer: parsed, or as a Blob with `blob`.
 * A busy server is asked again; `progress` is told the share that was uploaded, 0 to 1.
 */
export function post(path, body, { signal, progress, blob = false } = {}) {
  return ask("POST", path, body, { signal, progress, blob });
}

/** The parsed answer to a request without a body. */
export function get(path) {
  return ask("GET", path, null, {});
}

async function ask(method, path, body, { signal, progress, blob = false }) {
  for (let tried = 1; ;) {
    const token = sessionStorage.getItem(TOKEN);
    const answer = await once(method, path, body, token, { signal, progress, blob });
    if (answer.status === 401) {
      await renewToken(token);
      continue;
    }
    if (answer.status === 503 && tried < TRIES) {
      tried += 1;
      const wait = Number(answer.retryAfter) || 1;
      await pause(Math.min(wait, 10) * 1000 * (0.75 + Math.random() / 2), signal);
      continue;
    }
    if (answer.status < 200 || answer.status > 299) throw await failure(answer);
    if (blob) return answer.body;
    try {
      return JSON.parse(answer.body);
    } catch {
      throw new Failure(say("errAnswer"), answer.status);
    }
  }
}

/** A form with one or several files and the options as the API takes them. */
export function form(files, options) {
  const data = new FormData();
  data.append("options", JSON.stringify({ lang: language(), ...options }));
  for (const file of files) data.append("file", file, file.name);
  return data;
}

function once(method, path, body, token, { signal, progress, blob }) {
  return new Promise((resolve, reject) => {
    const aborted = () => new DOMException("aborted", "AbortError");
    if (signal?.aborted) return reject(aborted());
    const request = new XMLHttpRequest();
    request.open(method, path);
    request.timeout = PATIENCE;
    request.responseType = blob ? "blob" : "text";
    // Refusals are worded before anything of a request is read, so by its head.
    request.setRequestHeader("Accept-Language", language());
    if (token) request.setRequestHeader("Authorization", `Bearer ${token}`);
    if (progress) request.upload.onprogress = (e) => progress(e.lengthComputable ? e.loaded / e.total : 0);
    const stop = () => request.abort();
    signal?.addEventListener("abort", stop);
    request.onloadend = () => signal?.removeEventListener("abort", stop);
    request.onload = () =>
      resolve({
        status: request.status,
        body: request.response,
        retryAfter: request.getResponseHeader("Retry-After"),
      });
    request.onerror = () => reject(new Failure(say("errOffline")));
    request.ontimeout = () => reject(new Failure(say("errTimeout")));
    request.onabort = () => reject(aborted());
    if (body === null || body instanceof FormData) {
      request.send(body);
    } else {
      request.setRequestHeader("Content-Type", "application/json");
      request.send(JSON.stringify(body));
    }
  });
}

/** Asks once, however many requests were refused at the same time. */
async function renewToken(refused) {
  if (sessionStorage.getItem(TOKEN) !== refused) return;
  asking ??= askForToken(refused !== null).finally(() => {
    asking = null;
  });
  const token = await asking;
  if (token === null) throw new Failure(say("errNoToken"), 401);
  sessionStorage.setItem(TOKEN, token);
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("aborted", "AbortError"));
    });
  });
}

async function failure({ status, body }) {
  let message = "";
  try {
    const text = body instanceof Blob ? await body.text() : body;
    message = JSON.parse(text).error.message;
  } catch {
    // Not from zhengming, or from a proxy before it: the number has to do.
  }
  if (status === 413) return new Failure(message ? `${say("errTooLarge")}（${message}）` : say("errTooLarge"), status);
  if (status === 503) return new Failure(say("errBusy"), status);
  if (status === 408 || status === 504) return new Failure(say("errTimeout"), status);
  return new Failure(say(status >= 500 ? "errServer" : "errRefused", { status, message: message || "—" }), status);
}
