/**
 * @file Light markup: a text as a small tree, as the other front ends read it. Emphasis, strong, code,
 * blocks of code, quotes, lists and links, much as in CommonMark, and nothing else.
 */

/** Blocks and emphases within each other; what is deeper is shown as it was written. */
const DEPTH = 8;

/** Characters of a text whose markup is read. */
const LONGEST = 8 * 1024;

const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-+*]|\d{1,9}[.)]) +(?=\S)/;
const URLS = /(?<![\p{L}\p{N}_])https?:\/\/[^\s<>`|\\]{1,2000}/gu;

/** What may begin something within a line: an escape, code, a link, or emphasis. */
const INLINE = [
	/\\([!-/:-@[-`{-~\n])/,
	/(?<!`)(`+)(?!`)([^]*?[^`])\1(?!`)/,
	/\[((?:[^[\]\\]|\\.)*)\]\(\s*<?([^\s<>]*?)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/,
	/<((?:https?:\/\/|mailto:)[^\s<>]+)>/,
	/(?<![\\*])\*\*(?=\S)([^]*?[^\s*\\]\*?)\*\*(?!\*)|(?<![\p{L}\p{N}_])__(?=\S)([^]*?[^\s_\\])__(?![\p{L}\p{N}_])/u,
	/(?<![\\*])\*(?=[^\s*])([^]*?[^\s*\\](?:\*\*)?)\*(?!\*)|(?<![\p{L}\p{N}_])_(?=[^\s_])([^]*?[^\s_\\])_(?![\p{L}\p{N}_])/u,
];
const ANY = new RegExp(INLINE.map((each) => each.source.replaceAll("\\1(?!`)", "\\k<ticks>(?!`)").replace("(?<!`)(`+)", "(?<!`)(?<ticks>`+)")).join("|"), "u");

/** The parts of a text, one after the other. @param {string} text @param {boolean} [isPlain] whether it means what it says letter by letter @returns {Part[]} */
export function parse(text, isPlain) {
	if (!text) return [];
	if (isPlain || text.length > LONGEST) return [{ node: "paragraph", parts: [{ node: "words", text }] }];
	return blocks(text.split("\n"), 0);
}

/** @param {string[]} lines @param {number} depth @returns {Part[]} */
function blocks(lines, depth) {
	/** @type {Part[]} */
	const found = [];
	let at = 0;
	const take = (/** @type {(line: string) => boolean} */ isPart) => {
		const from = at;
		while (at < lines.length && isPart(lines[at])) at += 1;
		return lines.slice(from, at);
	};
	while (at < lines.length) {
		const line = lines[at];
		const fence = FENCE.exec(line);
		const item = ITEM.exec(line);
		if (!line.trim()) at += 1;
		else if (fence) {
			at += 1;
			const end = new RegExp(`^ {0,3}${fence[1][0]}{${fence[1].length},}\\s*$`);
			const text = take((each) => !end.test(each)).join("\n");
			at += 1;
			const info = fence[2].trim();
			const isName = /^[\w#+.-]{0,20}$/.test(info);
			found.push({ node: "code_block", text: isName ? text : `${info}\n${text}`, language: isName ? info : "" });
		} else if (depth < DEPTH && QUOTE.test(line)) {
			// A paragraph goes on without the mark.
			const inner = take((each) => QUOTE.test(each) || (each.trim() !== "" && !begins(each) && !FENCE.test(lines[at - 1].replace(QUOTE, ""))));
			found.push({ node: "quote", parts: blocks(inner.map((each) => each.replace(QUOTE, "")), depth + 1) });
		} else if (depth < DEPTH && item) {
			const sign = item[2].slice(-1);
			const items = [];
			for (let next = ITEM.exec(line); next?.[2].endsWith(sign); next = ITEM.exec(lines[at] ?? "")) {
				const width = next[0].length;
				const first = lines[at].slice(width);
				at += 1;
				const rest = take((each) => each.search(/\S/) >= width || (!each.trim() && (lines[at + 1] ?? "").search(/\S/) >= width) || (each.trim() !== "" && lines[at - 1].trim() !== "" && !begins(each) && !ITEM.test(each)));
				items.push(blocks([first, ...rest.map((each) => (each.search(/\S/) < width ? each.trim() : each.slice(width)))], depth + 1));
			}
			found.push({ node: "list", items, first: sign === "." || sign === ")" ? parseInt(item[2], 10) : null });
		} else {
			at += 1;
			const more = take((each) => each.trim() !== "" && (depth >= DEPTH || !begins(each)));
			found.push({ node: "paragraph", parts: inline([line, ...more].map((each) => each.trim()).join("\n"), depth) });
		}
	}
	return found;
}

/** Whether a line ends the paragraph before it. @param {string} line */
function begins(line) {
	const item = ITEM.exec(line);
	return FENCE.test(line) || QUOTE.test(line) || (!!item && (!/\d/.test(item[2]) || parseInt(item[2], 10) === 1));
}

/** @param {string} text @param {number} depth @returns {Part[]} */
function inline(text, depth) {
	/** @type {Part[]} */
	const found = [];
	const words = (/** @type {string} */ more) => {
		const last = found.at(-1);
		if (last?.node === "words") last.text += more;
		else if (more) found.push({ node: "words", text: more });
	};
	while (text) {
		const match = depth < DEPTH ? ANY.exec(text) : null;
		if (!match) {
			words(text);
			break;
		}
		const [whole, escaped, , code, label, target, address, star2, low2, star, low] = match;
		words(text.slice(0, match.index));
		const strong = star2 ?? low2;
		const emphasis = star ?? low;
		if (escaped !== undefined) words(escaped);
		else if (code !== undefined) {
			const line = code.replaceAll("\n", " ");
			found.push({ node: "code", text: /^ .*[^ ].* $/.test(line) ? line.slice(1, -1) : line });
		} else if (strong !== undefined) found.push({ node: "strong", parts: inline(strong, depth + 1) });
		else if (emphasis !== undefined) found.push({ node: "emphasis", parts: inline(emphasis, depth + 1) });
		else {
			const url = address ?? target;
			const name = address === undefined ? spell(inline(label, DEPTH - 1)) : address;
			if (isUrl(url)) found.push({ node: "link", url, text: name || url });
			else words(`[${name}](${url})`);
		}
		text = text.slice(match.index + whole.length);
	}
	return found.flatMap((part) => (part.node === "words" ? findLinks(part.text) : [part]));
}

/** @param {Part[]} parts @returns {string} */
const spell = (parts) => parts.map((part) => ("text" in part ? part.text : "parts" in part ? spell(part.parts) : "")).join("");

/** Whether it is an address that may be followed. @param {string} url */
export function isUrl(url) {
	// No character that cannot be seen, or that changes how others are shown.
	if (!/^(https?:\/\/|mailto:)/i.test(url) || /[\s\p{C}\p{Z}]/u.test(url)) return false;
	return URL.canParse(url) && !/^mailto:$/i.test(url);
}

/** Words, and the addresses among them as links. @param {string} text @returns {Part[]} */
function findLinks(text) {
	/** @type {Part[]} */
	const found = [];
	let end = 0;
	for (const match of text.matchAll(URLS)) {
		let url = match[0].replace(/[.,;:!?'"*_]+$/, "");
		if (!url.includes("(")) url = url.replace(/\)+$/, "");
		if (!isUrl(url)) continue;
		if (match.index > end) found.push({ node: "words", text: text.slice(end, match.index) });
		found.push({ node: "link", url, text: url });
		end = match.index + url.length;
	}
	if (end < text.length) found.push({ node: "words", text: text.slice(end) });
	return found;
}
