/** @file Files that came: pictures to be shown, and downloads. What was fetched is kept while it is of use. */

import { app, complain, redraw } from "./app.js";
import * as link from "./link.js";
import { clean } from "./words.js";

/** Bytes of a picture that is shown, and of one that is fetched without being asked for. */
const LARGEST = 20 * 1024 * 1024;
const SMALL = 2 * 1024 * 1024;

/** Pictures that are held. */
const HELD = 40;

/** Pictures that are fetched at a time: a browser opens six connections to a place, and wishes need one. */
const LANES = 2;

/** Points of a picture that is shown: each takes four bytes once it is decoded, however small the file is. */
const POINTS = 50_000_000;

/** How pictures begin, byte by byte; a dot is any. */
const BEGINNINGS = { png: "\x89PNG\r\n\x1a\n", jpeg: "\xff\xd8\xff", gif: "GIF8", webp: "RIFF....WEBP" };

/** What kind of picture begins like that; empty if none that is shown. @param {Uint8Array} bytes */
export function pictureType(bytes) {
	const found = Object.entries(BEGINNINGS).find(([, begin]) => [...begin].every((sign, at) => sign === "." || bytes[at] === sign.charCodeAt(0)));
	return found ? `image/${found[0]}` : "";
}

// A key is the id of a message, and the number of a file of it.
/** @type {Map<string, Picture>} */
const held = new Map();
/** @type {Map<string, AbortController>} */
const downloads = new Map();
/** @type {string[]} */
const queue = [];
let lanes = 0;

/** @param {Attachment} file */
export const isPicture = ({ type, name, size }) => (/^image\/(png|jpeg|gif|webp)$/.test(type) || /\.(png|jpe?g|gif|webp)$/i.test(name)) && size <= LARGEST;

/** @param {Attachment} file */
export const isSmall = ({ size }) => size <= SMALL && app.preferences.pictures;

/** @param {string} key */
export const get = (key) => held.get(key);

/** @param {string} key */
export const isBusy = (key) => downloads.has(key);

/** @param {string} key */
export const cancel = (key) => downloads.get(key)?.abort();

/** Whether one more can be held without letting go of one that is seen. */
export const hasRoom = () => counted().length < HELD || idle() !== undefined;

/** Fetch a picture, to be shown, when it is its turn. @param {string} key */
export function fetch(key) {
	if (held.has(key)) return;
	hold(key, { state: "busy", url: "", width: 0, height: 0 });
	queue.push(key);
	fetchNext();
}

function fetchNext() {
	while (lanes < LANES && queue.length) {
		const key = queue.shift() ?? "";
		const picture = held.get(key);
		if (picture?.state !== "busy") continue;
		lanes += 1;
		void read(key).then((read) => {
			lanes -= 1;
			// It may be deleted by now.
			if (held.get(key) === picture) held.set(key, read);
			else URL.revokeObjectURL(read.url);
			redraw();
			fetchNext();
		});
	}
}

/** @param {string} key @returns {Promise<Picture>} */
async function read(key) {
	let url = "";
	try {
		const response = await link.request(`/files/${key}`);
		const bytes = new Uint8Array(await response.arrayBuffer());
		const blob = new Blob([bytes], { type: bytes.length <= LARGEST ? pictureType(bytes) : "" });
		if (!blob.type) throw new TypeError("that is no picture");
		url = URL.createObjectURL(blob);
		const { naturalWidth: width, naturalHeight: height } = await load(url);
		if (width * height > POINTS) throw new RangeError("that is too large to be decoded");
		(await createImageBitmap(blob)).close();
		return { state: "shown", url, width, height };
	} catch {
		// It is a file like any other then.
		URL.revokeObjectURL(url);
		return { state: "bad", url: "", width: 0, height: 0 };
	}
}

/** The picture at `url`, of which no more is read than how large it is. @param {string} url @returns {Promise<HTMLImageElement>} */
const load = (url) =>
	new Promise((resolve, refused) => {
		const image = new Image();
		image.onload = () => resolve(image);
		image.onerror = refused;
		image.src = url;
	});

/** Fetch a file, and have the browser save it. @param {string} key @param {string} name */
export async function download(key, name) {
	if (isBusy(key)) return;
	const abort = new AbortController();
	downloads.set(key, abort);
	redraw();
	try {
		const response = await link.request(`/files/${key}`, { signal: abort.signal });
		save(await response.blob(), name);
	} catch (error) {
		if (!abort.signal.aborted) complain(error);
	}
	downloads.delete(key);
	redraw();
}

/** Have the browser save something. @param {Blob} blob @param {string} name */
export function save(blob, name) {
	const link = document.createElement("a");
	link.href = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
	link.download = clean(name);
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Hold nothing of a message any more. @param {Id} message */
export function forget(message) {
	for (const key of held.keys()) if (key.startsWith(`${message}/`)) drop(key);
}

/** The keys of those that take up room; that something is no picture does not. */
const counted = () => [...held].flatMap(([key, { state }]) => (state === "bad" ? [] : key));

/** The oldest one that nobody sees. */
function idle() {
	const seen = new Set([...document.images].map((each) => each.src));
	return [...held].find(([, { state, url }]) => state === "shown" && !seen.has(url))?.[0];
}

/** @param {string} key @param {Picture} picture */
function hold(key, picture) {
	if (counted().length >= HELD) drop(idle() ?? counted()[0]);
	held.set(key, picture);
}

/** @param {string} key */
function drop(key) {
	URL.revokeObjectURL(held.get(key)?.url ?? "");
	held.delete(key);
}
