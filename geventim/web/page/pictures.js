/** @file Pictures that are shown, and downloads. */

import { app, complain, redraw } from "./app.js";
import { link } from "./link.js";
import { clean } from "./words.js";

/** Bytes of a picture that is shown, and of one that is fetched unasked. */
const [LARGEST, SMALL] = [20 * 1024 * 1024, 2 * 1024 * 1024];

/** Pictures that are held. */
const HELD = 40;

/** Pictures that are fetched at a time: a browser opens six connections, and wishes need one. */
const LANES = 2;

/** Points of a picture that is shown; each takes four bytes, however small the file is. */
const POINTS = 50_000_000;

/** How pictures begin, byte by byte; a dot is any. */
const BEGINNINGS = { png: "\x89PNG\r\n\x1a\n", jpeg: "\xff\xd8\xff", gif: "GIF8", webp: "RIFF....WEBP" };

/** @type {Map<string, Picture>} */
const held = new Map();
/** @type {Map<string, AbortController>} */
const downloads = new Map();
/** @type {string[]} */
const queue = [];
let lanes = 0;

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
	const image = new Image();
	try {
		const response = await link.request(`/files/${key}`);
		const bytes = new Uint8Array(await response.arrayBuffer());
		const blob = new Blob([bytes], { type: bytes.length <= LARGEST ? pictures.typeOf(bytes) : "" });
		if (!blob.type) throw new TypeError("that is no picture");
		image.src = URL.createObjectURL(blob);
		// No more of it is read than how large it is.
		await new Promise((resolve, refused) => Object.assign(image, { onload: resolve, onerror: refused }));
		const { naturalWidth: width, naturalHeight: height } = image;
		if (width * height > POINTS) throw new RangeError("that is too large to be decoded");
		(await createImageBitmap(blob)).close();
		return { state: "shown", url: image.src, width, height };
	} catch {
		// It is a file like any other then.
		URL.revokeObjectURL(image.src);
		return { state: "bad", url: "", width: 0, height: 0 };
	}
}

/** The keys of those that take up room. */
const counted = () => [...held].flatMap(([key, { state }]) => (state === "bad" ? [] : key));

/** The oldest one that nobody sees. */
function idle() {
	const seen = new Set([...document.images].map((each) => each.src));
	return [...held].find(([, { state, url }]) => state === "shown" && !seen.has(url))?.[0];
}

/** @param {string} key */
function drop(key) {
	URL.revokeObjectURL(held.get(key)?.url ?? "");
	held.delete(key);
}

/** @type {Pictures} */
export const pictures = {
	isPicture: ({ type, name, size }) => (/^image\/(png|jpeg|gif|webp)$/.test(type) || /\.(png|jpe?g|gif|webp)$/i.test(name)) && size <= LARGEST,
	isSmall: ({ size }) => size <= SMALL && app.state.settings.pictures,
	get: (key) => held.get(key),
	isBusy: (key) => downloads.has(key),
	cancel: (key) => downloads.get(key)?.abort(),
	hasRoom: () => counted().length < HELD || idle() !== undefined,
	fetch(key) {
		if (held.has(key)) return;
		if (counted().length >= HELD) drop(idle() ?? counted()[0]);
		held.set(key, { state: "busy", url: "", width: 0, height: 0 });
		queue.push(key);
		fetchNext();
	},
	async download(key, name) {
		if (downloads.has(key)) return;
		const abort = new AbortController();
		downloads.set(key, abort);
		redraw();
		try {
			const response = await link.request(`/files/${key}`, { signal: abort.signal });
			pictures.save(await response.blob(), name);
		} catch (error) {
			if (!abort.signal.aborted) complain(error);
		}
		downloads.delete(key);
		redraw();
	},
	save(blob, name) {
		const link = document.createElement("a");
		link.href = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
		link.download = clean(name);
		link.click();
		setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
	},
	decode: (text, type) => new Blob([Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))], { type }),
	preview(image, thumbnail = "") {
		image.src = URL.createObjectURL(pictures.decode(thumbnail, "image/jpeg"));
		image.onload = image.onerror = () => URL.revokeObjectURL(image.src);
	},
	forget(message) {
		for (const key of held.keys()) if (key.startsWith(message)) drop(key);
	},
	typeOf(bytes) {
		const found = Object.entries(BEGINNINGS).find(([, begin]) => [...begin].every((sign, at) => sign === "." || bytes[at] === sign.charCodeAt(0)));
		return found ? `image/${found[0]}` : "";
	},
};
