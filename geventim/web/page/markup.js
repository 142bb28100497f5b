/**
 * @file Light markup: a text as a small tree, the same as the other front ends read. Emphasis, strong,
 * code, blocks of code, quotes, lists and links, as CommonMark has them, and nothing else.
 *
 * @typedef {{node: "words" | "code", text: string}
 *   | {node: "code_block", text: string, language: string}
 *   | {node: "emphasis" | "strong" | "paragraph" | "quote", parts: Part[]}
 *   | {node: "link", url: string, text: string}
 *   | {node: "list", items: Part[][], first: number | null}} Part
 */

/** Blocks and emphases within each other; what is deeper is shown as it was written. */
const DEPTH = 8;

/** Characters of a text whose markup is read. */
const LONGEST = 8 * 1024;

/** Parts of a text; one that has more is shown as it was written. */
const NODES = 1_024;

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-+*]|\d{1,9}[.)])( +|$)(.*)$/;
const URLS = /(?<![\p{L}\p{N}_])https?:\/\/[^\s<>`|\\]{1,2000}/gu;
const PUNCTUATION = /[\p{P}\p{S}]/u;

class TooMuch extends Error {}

/**
 * The parts of a text, one after the other.
 * @param {string} text
 * @param {boolean} [isPlain] whether it means what it says letter by letter
 * @returns {Part[]}
 */
export function parse(text, isPlain = false) {
  const asWritten = /** @type {Part[]} */ (
    text ? [{ node: "paragraph", parts: [{ node: "words", text }] }] : []
  );
  if (isPlain || text.length > LONGEST || !/[*_`~>\-+[<:]|^ {0,3}\d{1,9}[.)] /m.test(text)) {
    return asWritten;
  }
  try {
    return blocks(text.split("\n"), 0, { made: 0 });
  } catch (error) {
    if (error instanceof TooMuch) return asWritten;
    throw error;
  }
}

/** @typedef {{made: number}} Count */

/**
 * @param {number} depth
 * @param {Count} count
 */
function check(depth, count) {
  count.made += 1;
  if (depth > DEPTH || count.made > NODES) throw new TooMuch();
}

/**
 * @param {string[]} lines
 * @param {number} depth
 * @param {Count} count
 * @returns {Part[]}
 */
function blocks(lines, depth, count) {
  /** @type {Part[]} */
  const found = [];
  let at = 0;
  const peek = () => /** @type {string} */ (lines[at]);
  while (at < lines.length) {
    const line = peek();
    if (!line.trim()) {
      at += 1;
      continue;
    }
    check(depth, count);
    const fence = FENCE.exec(line);
    if (fence && isFence(fence)) {
      at += 1;
      const body = [];
      const indent = line.search(/\S/);
      const end = new RegExp(`^ {0,3}${fence[1]?.[0]}{${fence[1]?.length},}\\s*$`);
      while (at < lines.length && !end.test(peek())) {
        body.push(peek().replace(new RegExp(`^ {0,${indent}}`), ""));
        at += 1;
      }
      at += 1;
      found.push(codeBlock(fence[2] ?? "", body.join("\n")));
    } else if (QUOTE.test(line)) {
      const inner = [];
      while (at < lines.length && (QUOTE.test(peek()) || isLazy(inner, peek()))) {
        inner.push(peek().replace(QUOTE, ""));
        at += 1;
      }
      found.push({ node: "quote", parts: blocks(inner, depth + 1, count) });
    } else if (ITEM.test(line)) {
      const [list, next] = readList(lines, at, depth + 1, count);
      at = next;
      found.push(list);
    } else {
      const inner = [line];
      at += 1;
      while (at < lines.length && peek().trim() && !interrupts(peek())) {
        inner.push(peek());
        at += 1;
      }
      const text = inner.map((each) => each.trim()).join("\n");
      found.push({ node: "paragraph", parts: inline(text, depth + 1, count) });
    }
  }
  return found;
}

/** @param {RegExpExecArray} fence */
const isFence = (fence) => fence[1]?.[0] === "~" || !fence[2]?.includes("`");

/**
 * @param {string} info
 * @param {string} text
 * @returns {Part}
 */
function codeBlock(info, text) {
  const language = info.trim();
  return !language || /^[A-Za-z0-9+#._-]{1,20}$/.test(language)
    ? { node: "code_block", text, language }
    : { node: "code_block", text: `${language}\n${text}`, language: "" };
}

/**
 * Whether a line goes on with the paragraph that a quote or an item ends with, without its mark.
 * @param {string[]} inner
 * @param {string} line
 */
function isLazy(inner, line) {
  const last = inner.at(-1);
  if (!last?.trim() || !line.trim() || interrupts(line)) return false;
  let fence = "";
  for (const each of inner) {
    const mark = FENCE.exec(each.replace(/^(?: {0,3}> ?)+/, ""))?.[1] ?? "";
    if (!fence) fence = mark;
    else if (mark.startsWith(fence)) fence = "";
  }
  return !fence && !FENCE.test(last);
}

/**
 * Whether a line ends the paragraph before it.
 * @param {string} line
 */
function interrupts(line) {
  const fence = FENCE.exec(line);
  if ((fence && isFence(fence)) || QUOTE.test(line)) return true;
  const item = ITEM.exec(line);
  return !!item && !!item[4]?.trim() && (!/^\d/.test(item[2] ?? "") || parseInt(item[2] ?? "", 10) === 1);
}

/**
 * @param {string[]} lines
 * @param {number} at
 * @param {number} depth
 * @param {Count} count
 * @returns {[Part, number]}
 */
function readList(lines, at, depth, count) {
  const mark = (/** @type {string} */ text) => text.slice(-1);
  const start = /** @type {RegExpExecArray} */ (ITEM.exec(/** @type {string} */ (lines[at])));
  const sign = mark(start[2] ?? "");
  /** @type {Part[][]} */
  const items = [];
  for (;;) {
    const item = at < lines.length ? ITEM.exec(/** @type {string} */ (lines[at])) : null;
    if (!item || mark(item[2] ?? "") !== sign) break;
    const gap = item[3]?.length ?? 0;
    const width = (item[1]?.length ?? 0) + (item[2]?.length ?? 0) + (gap < 1 || gap > 4 ? 1 : gap);
    const inner = [(gap > 4 ? " ".repeat(gap - 1) : "") + (item[4] ?? "")];
    at += 1;
    while (at < lines.length) {
      const line = /** @type {string} */ (lines[at]);
      const indent = line.search(/\S/);
      if (indent >= width) inner.push(line.slice(width));
      else if (indent < 0 && (inner.length > 1 || inner[0])) inner.push("");
      else if (indent >= 0 && !ITEM.test(line) && isLazy(inner, line)) inner.push(line.trim());
      else break;
      at += 1;
    }
    check(depth, count);
    items.push(blocks(inner, depth, count));
  }
  const first = /^\d/.test(start[2] ?? "") ? parseInt(start[2] ?? "", 10) : null;
  return [{ node: "list", items, first }, at];
}

/**
 * @typedef {{sign: string, count: number, opens: boolean, closes: boolean}} Run a run of * or _
 * @typedef {Part | Run} Piece
 */

/**
 * @param {string} text
 * @param {number} depth
 * @param {Count} count
 * @returns {Part[]}
 */
function inline(text, depth, count) {
  /** @type {Piece[]} */
  const pieces = [];
  let words = "";
  const flush = () => {
    if (words) pieces.push({ node: "words", text: words });
    words = "";
  };
  let at = 0;
  while (at < text.length) {
    const sign = /** @type {string} */ (text[at]);
    if (sign === "\\" && /[\n!-/:-@[-`{-~]/.test(text[at + 1] ?? "")) {
      words += text[at + 1];
      at += 2;
    } else if (sign === "`") {
      const ticks = /** @type {RegExpExecArray} */ (/^`+/.exec(text.slice(at)))[0];
      const end = closing(text, at + ticks.length, ticks.length);
      if (end < 0) words += ticks;
      else {
        flush();
        pieces.push({ node: "code", text: trimCode(text.slice(at + ticks.length, end)) });
      }
      at = (end < 0 ? at : end) + ticks.length;
    } else if (sign === "[" || sign === "<") {
      const link = sign === "[" ? readLink(text, at, depth, count) : readAutolink(text, at);
      if (link) {
        flush();
        pieces.push(link.part);
        at = link.end;
      } else {
        words += sign;
        at += 1;
      }
    } else if (sign === "*" || sign === "_") {
      const run = /** @type {RegExpExecArray} */ (/^(?:\*+|_+)/.exec(text.slice(at)))[0];
      flush();
      pieces.push(delimiter(text, at, run));
      at += run.length;
    } else {
      words += sign;
      at += 1;
    }
  }
  flush();
  return emphasize(pieces, depth, count);
}

/**
 * @param {string} text
 * @param {number} from
 * @param {number} length
 */
function closing(text, from, length) {
  const runs = /`+/g;
  runs.lastIndex = from;
  for (let run = runs.exec(text); run; run = runs.exec(text)) {
    if (run[0].length === length) return run.index;
  }
  return -1;
}

/** @param {string} code */
function trimCode(code) {
  const line = code.replaceAll("\n", " ");
  return /^ .*[^ ].* $/.test(line) ? line.slice(1, -1) : line;
}

/**
 * @param {string} text
 * @param {number} at
 * @param {string} run
 * @returns {Run}
 */
function delimiter(text, at, run) {
  const before = [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? " ";
  const after = String.fromCodePoint(text.codePointAt(at + run.length) ?? 32);
  const isSpace = (/** @type {string} */ each) => /\s/u.test(each);
  const left = !isSpace(after) && (!PUNCTUATION.test(after) || isSpace(before) || PUNCTUATION.test(before));
  const right = !isSpace(before) && (!PUNCTUATION.test(before) || isSpace(after) || PUNCTUATION.test(after));
  const sign = /** @type {string} */ (run[0]);
  const opens = left && (sign === "*" || !right || PUNCTUATION.test(before));
  const closes = right && (sign === "*" || !left || PUNCTUATION.test(after));
  return { sign, count: run.length, opens, closes };
}

/**
 * Pair the runs, the inner ones first.
 * @param {Piece[]} pieces
 * @param {number} depth
 * @param {Count} count
 * @returns {Part[]}
 */
function emphasize(pieces, depth, count) {
  const lengths = new Map(pieces.map((each) => [each, "sign" in each ? each.count : 0]));
  for (let at = 0; at < pieces.length; at += 1) {
    const end = /** @type {Piece} */ (pieces[at]);
    if (!("sign" in end) || !end.closes || !end.count) continue;
    let from = at - 1;
    for (; from >= 0; from -= 1) {
      const start = /** @type {Piece} */ (pieces[from]);
      if (!("sign" in start) || start.sign !== end.sign || !start.opens || !start.count) continue;
      const [one, other] = [lengths.get(start) ?? 0, lengths.get(end) ?? 0];
      const isOdd = (start.closes || end.opens) && (one + other) % 3 === 0 && (one % 3 || other % 3);
      if (!isOdd) break;
    }
    if (from < 0) continue;
    const start = /** @type {Run} */ (pieces[from]);
    const used = start.count >= 2 && end.count >= 2 ? 2 : 1;
    start.count -= used;
    end.count -= used;
    check(depth, count);
    const inner = pieces.slice(from + 1, at);
    pieces.splice(from + 1, at - from - 1, {
      node: used === 2 ? "strong" : "emphasis",
      parts: joined(inner),
    });
    at = from + 1;
    // What is left of the run may close another one.
    if (!end.count) at += 1;
  }
  const found = joined(pieces);
  measure(found, depth);
  return linked(found);
}

/**
 * The same with the addresses among the words as links.
 * @param {Part[]} parts
 * @returns {Part[]}
 */
function linked(parts) {
  return parts.flatMap((part) => {
    if (part.node === "words") return findLinks(part.text);
    return "parts" in part ? [{ ...part, parts: linked(part.parts) }] : [part];
  });
}

/**
 * @param {Part[]} parts
 * @param {number} depth
 */
function measure(parts, depth) {
  for (const part of parts) {
    if (depth > DEPTH) throw new TooMuch();
    if ("parts" in part) measure(part.parts, depth + 1);
  }
}

/**
 * Parts, with runs that have no other as the signs that they are.
 * @param {Piece[]} pieces
 * @returns {Part[]}
 */
function joined(pieces) {
  /** @type {Part[]} */
  const found = [];
  for (const piece of pieces) {
    /** @type {Part} */
    const part = "sign" in piece ? { node: "words", text: piece.sign.repeat(piece.count) } : piece;
    if (part.node === "words" && !part.text) continue;
    const last = found.at(-1);
    if (last?.node === "words" && part.node === "words") {
      found[found.length - 1] = { node: "words", text: last.text + part.text };
    } else found.push(part);
  }
  return found;
}

/**
 * @param {string} text
 * @param {number} at
 * @param {number} depth
 * @param {Count} count
 * @returns {{part: Part, end: number} | null}
 */
function readLink(text, at, depth, count) {
  let open = 0;
  let end = at;
  for (; end < text.length; end += 1) {
    if (text[end] === "\\") end += 1;
    else if (text[end] === "`") {
      const ticks = (/^`+/.exec(text.slice(end)) ?? [""])[0].length;
      const close = closing(text, end + ticks, ticks);
      end = (close < 0 ? end : close) + ticks - 1;
    } else if (text[end] === "[") open += 1;
    else if (text[end] === "]" && (open -= 1) === 0) break;
  }
  if (text[end] !== "]") return null;
  const target = /^\(\s*(?:<([^<>\n]*)>|((?:\\.|[^\s()\\]|\((?:\\.|[^\s()\\])*\))*))(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)/.exec(
    text.slice(end + 1),
  );
  if (!target) return null;
  const url = (target[1] ?? target[2] ?? "").replace(/\\([!-/:-@[-`{-~])/g, "$1").replaceAll(" ", "%20");
  const label = spell(inline(text.slice(at + 1, end), depth + 1, count));
  const part = isUrl(url)
    ? /** @type {Part} */ ({ node: "link", url, text: label || url })
    : /** @type {Part} */ ({ node: "words", text: `[${label}](${url})` });
  return { part, end: end + 1 + target[0].length };
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {{part: Part, end: number} | null}
 */
function readAutolink(text, at) {
  const rest = text.slice(at);
  const found = /^<([a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^<>\x00-\x20]*)>/.exec(rest);
  const mail = /^<([a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*)>/.exec(rest);
  const label = (found ?? mail)?.[1];
  if (!label) return null;
  const url = found ? label : `mailto:${label}`;
  const part = isUrl(url)
    ? /** @type {Part} */ ({ node: "link", url, text: label })
    : /** @type {Part} */ ({ node: "words", text: `[${label}](${url})` });
  return { part, end: at + (found ?? mail ?? [""])[0].length };
}

/**
 * @param {Part[]} parts
 * @returns {string}
 */
function spell(parts) {
  return parts
    .map((part) => ("text" in part ? part.text : "parts" in part ? spell(part.parts) : ""))
    .join("");
}

/**
 * Whether it is an address that may be followed.
 * @param {string} url
 */
export function isUrl(url) {
  const scheme = /^(https?|mailto):/i.exec(url)?.[1]?.toLowerCase();
  // No character that cannot be seen, or that changes how others are shown.
  if (!scheme || /[\s\p{C}\p{Z}]/u.test(url)) return false;
  try {
    const parsed = new URL(url);
    return scheme === "mailto" ? parsed.pathname !== "" : parsed.hostname !== "" && /^https?:\/\//i.test(url);
  } catch {
    return false;
  }
}

/**
 * Words, and the addresses among them as links.
 * @param {string} text
 * @returns {Part[]}
 */
function findLinks(text) {
  /** @type {Part[]} */
  const found = [];
  let end = 0;
  for (const match of text.matchAll(URLS)) {
    let url = match[0].replace(/[.,;:!?'"*_]+$/, "");
    if (url.endsWith(")") && !url.includes("(")) url = url.replace(/\)+$/, "");
    if (!isUrl(url)) continue;
    if (match.index > end) found.push({ node: "words", text: text.slice(end, match.index) });
    found.push({ node: "link", url, text: url });
    end = match.index + url.length;
  }
  if (end < text.length) found.push({ node: "words", text: text.slice(end) });
  return found;
}
