/** @file The QR code of up to 63 digits: version 2, error correction M, mask 0 (ISO/IEC 18004). */

const SIZE = 25;
const DATA = 28;
const CHECKS = 16;
const FORMAT = 0x5412;

/** The rows of the symbol, true where it is dark; without the margin of 4. @param {string} digits */
export function qr(digits) {
	const words = encode(digits);
	const bits = bitsOf([...words, ...remainder(words)]);
	const symbol = patterns();
	let next = 0;
	for (let right = SIZE - 1, up = true; right > 0; right -= 2, up = !up) {
		if (right === 6) right = 5;
		for (let step = 0; step < SIZE; step += 1) {
			const y = up ? SIZE - 1 - step : step;
			for (const x of [right, right - 1]) symbol[y][x] ??= (bits[next++] === "1") !== ((y + x) % 2 === 0);
		}
	}
	return symbol.map((row) => row.map(Boolean));
}

/** @param {number[]} words */
const bitsOf = (words) => words.map((word) => word.toString(2).padStart(8, "0")).join("");

/** @param {string} digits */
function encode(digits) {
	const binary = (/** @type {number} */ value, /** @type {number} */ length) => value.toString(2).padStart(length, "0");
	const parts = (digits.match(/\d{1,3}/g) ?? []).map((part) => binary(Number(part), 3 * part.length + 1));
	const bits = `0001${binary(digits.length, 10)}${parts.join("")}`.slice(0, 8 * DATA);
	const words = (`${bits}0000`.match(/.{1,8}/g) ?? []).slice(0, DATA).map((word) => parseInt(word.padEnd(8, "0"), 2));
	for (let pad = 0xec; words.length < DATA; pad ^= 0xfd) words.push(pad);
	return words;
}

/** A product in the field of 256 elements. @param {number} one @param {number} other */
function times(one, other) {
	let product = 0;
	for (let bit = 7; bit >= 0; bit -= 1) {
		product = (product << 1) ^ ((product >> 7) * 0x11d);
		if ((other >> bit) & 1) product ^= one;
	}
	return product;
}

/** What Reed and Solomon add. @param {number[]} words */
function remainder(words) {
	let generator = [1];
	for (let at = 0, root = 1; at < CHECKS; at += 1, root = times(root, 2)) {
		generator = [...generator, 0].map((factor, place) => factor ^ (place ? times(generator[place - 1], root) : 0));
	}
	const rest = [...words, ...Array(CHECKS).fill(0)];
	words.forEach((_, at) => {
		const lead = rest[at];
		generator.forEach((factor, place) => (rest[at + place] ^= times(factor, lead)));
	});
	return rest.slice(DATA);
}

/** What is the same in all symbols, and the format. @returns {(boolean | undefined)[][]} */
function patterns() {
	const symbol = Array.from({ length: SIZE }, () => Array(SIZE));
	for (const [top, left] of [[0, 0], [0, SIZE - 7], [SIZE - 7, 0]]) {
		for (let y = Math.max(0, top - 1); y < Math.min(SIZE, top + 8); y += 1) {
			for (let x = Math.max(0, left - 1); x < Math.min(SIZE, left + 8); x += 1) {
				const ring = Math.max(Math.abs(y - top - 3), Math.abs(x - left - 3));
				symbol[y][x] = ring !== 2 && ring < 4;
			}
		}
	}
	for (let y = 16; y < 21; y += 1) for (let x = 16; x < 21; x += 1) symbol[y][x] = Math.max(Math.abs(y - 18), Math.abs(x - 18)) !== 1;
	for (let at = 8; at < SIZE - 8; at += 1) symbol[6][at] = symbol[at][6] = at % 2 === 0;
	for (let bit = 0; bit < 15; bit += 1) {
		const is = ((FORMAT >> bit) & 1) === 1;
		if (bit < 8) symbol[8][SIZE - 1 - bit] = symbol[bit < 6 ? bit : bit + 1][8] = is;
		else symbol[SIZE - 15 + bit][8] = symbol[8][bit === 8 ? 7 : 14 - bit] = is;
	}
	symbol[SIZE - 8][8] = true;
	return symbol;
}
