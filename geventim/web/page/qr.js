/**
 * @file The QR code of up to 63 digits: version 2, with error correction M (ISO/IEC 18004).
 */

const SIZE = 25;
const DATA = 28;
const CHECKS = 16;

/**
 * The rows of the symbol, true where it is dark; without the margin of 4 around it.
 * @param {string} digits
 * @returns {boolean[][]}
 */
export function qr(digits) {
  const words = encode(digits);
  const bits = [...words, ...remainder(words)].flatMap((word) => bitsOf(word, 8));
  const [frame, isFixed] = patterns();
  let best = frame;
  let least = Infinity;
  for (let mask = 0; mask < 8; mask += 1) {
    const symbol = frame.map((row) => [...row]);
    place(symbol, isFixed, bits, mask);
    writeFormat(symbol, mask);
    const found = penalty(symbol);
    if (found < least) [best, least] = [symbol, found];
  }
  return best;
}

/**
 * @param {number} value
 * @param {number} length
 */
function bitsOf(value, length) {
  return Array.from({ length }, (_, at) => (value >> (length - 1 - at)) & 1);
}

/** @param {string} digits */
function encode(digits) {
  if (!/^\d{1,63}$/.test(digits)) throw new RangeError("these are not up to 63 digits");
  const bits = [...bitsOf(1, 4), ...bitsOf(digits.length, 10)];
  for (let at = 0; at < digits.length; at += 3) {
    const three = digits.slice(at, at + 3);
    bits.push(...bitsOf(Number(three), 3 * three.length + 1));
  }
  bits.push(...bitsOf(0, Math.min(4, 8 * DATA - bits.length)));
  while (bits.length % 8) bits.push(0);
  const words = [];
  for (let at = 0; at < bits.length; at += 8) words.push(parseInt(bits.slice(at, at + 8).join(""), 2));
  for (let pad = 0xec; words.length < DATA; pad ^= 0xec ^ 0x11) words.push(pad);
  return words;
}

/**
 * A product in the field of 256 elements.
 * @param {number} one
 * @param {number} other
 */
function times(one, other) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    if ((other >> bit) & 1) product ^= one;
  }
  return product;
}

/**
 * What Reed and Solomon add.
 * @param {number[]} words
 */
function remainder(words) {
  let generator = [1];
  for (let at = 0, root = 1; at < CHECKS; at += 1, root = times(root, 2)) {
    const next = [...generator, 0];
    generator.forEach((factor, place) => {
      next[place + 1] = /** @type {number} */ (next[place + 1]) ^ times(factor, root);
    });
    generator = next;
  }
  const rest = [...words, ...Array(CHECKS).fill(0)];
  for (let at = 0; at < words.length; at += 1) {
    const lead = rest[at];
    generator.forEach((factor, place) => {
      rest[at + place] ^= times(factor, lead);
    });
  }
  return rest.slice(words.length);
}

/**
 * Finders, timing, alignment, and the places of the format.
 * @returns {[boolean[][], boolean[][]]} what is dark of it, and what belongs to it
 */
function patterns() {
  const dark = Array.from({ length: SIZE }, () => /** @type {boolean[]} */ (Array(SIZE).fill(false)));
  const fixed = dark.map((row) => [...row]);
  const put = (/** @type {number} */ y, /** @type {number} */ x, /** @type {boolean} */ is) => {
    const [row, mark] = [dark[y], fixed[y]];
    if (row && mark && x >= 0 && x < SIZE) [row[x], mark[x]] = [is, true];
  };
  for (let at = 0; at < 9; at += 1) {
    put(8, at, false);
    put(at, 8, false);
    if (at < 8) {
      put(8, SIZE - 1 - at, false);
      put(SIZE - 1 - at, 8, false);
    }
  }
  for (let at = 0; at < SIZE; at += 1) {
    put(6, at, at % 2 === 0);
    put(at, 6, at % 2 === 0);
  }
  for (const [top, left] of /** @type {const} */ ([[0, 0], [0, SIZE - 7], [SIZE - 7, 0]])) {
    for (let y = -1; y < 8; y += 1) {
      for (let x = -1; x < 8; x += 1) {
        const ring = Math.max(Math.abs(y - 3), Math.abs(x - 3));
        put(top + y, left + x, ring !== 2 && ring < 4);
      }
    }
  }
  for (let y = -2; y < 3; y += 1) {
    for (let x = -2; x < 3; x += 1) put(18 + y, 18 + x, Math.max(Math.abs(y), Math.abs(x)) !== 1);
  }
  put(SIZE - 8, 8, true);
  return [dark, fixed];
}

/** @type {((y: number, x: number) => boolean)[]} */
const MASKS = [
  (y, x) => (y + x) % 2 === 0,
  (y) => y % 2 === 0,
  (_, x) => x % 3 === 0,
  (y, x) => (y + x) % 3 === 0,
  (y, x) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0,
  (y, x) => ((y * x) % 2) + ((y * x) % 3) === 0,
  (y, x) => (((y * x) % 2) + ((y * x) % 3)) % 2 === 0,
  (y, x) => (((y + x) % 2) + ((y * x) % 3)) % 2 === 0,
];

/**
 * @param {boolean[][]} symbol
 * @param {boolean[][]} isFixed
 * @param {number[]} bits
 * @param {number} mask
 */
function place(symbol, isFixed, bits, mask) {
  const isMasked = /** @type {(y: number, x: number) => boolean} */ (MASKS[mask]);
  let next = 0;
  for (let right = SIZE - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let step = 0; step < SIZE; step += 1) {
      const y = up ? SIZE - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (isFixed[y]?.[x]) continue;
        /** @type {boolean[]} */ (symbol[y])[x] = (bits[next] ?? 0) === 1 !== isMasked(y, x);
        next += 1;
      }
    }
  }
}

/**
 * @param {boolean[][]} symbol
 * @param {number} mask
 */
function writeFormat(symbol, mask) {
  // Level M is 00.
  let rest = mask << 10;
  for (let bit = 14; bit >= 10; bit -= 1) if ((rest >> bit) & 1) rest ^= 0x537 << (bit - 10);
  const format = ((mask << 10) | rest) ^ 0x5412;
  const put = (/** @type {number} */ y, /** @type {number} */ x, /** @type {number} */ bit) => {
    /** @type {boolean[]} */ (symbol[y])[x] = ((format >> bit) & 1) === 1;
  };
  for (let bit = 0; bit < 15; bit += 1) {
    if (bit < 8) put(8, SIZE - 1 - bit, bit);
    else put(SIZE - 15 + bit, 8, bit);
    if (bit < 6) put(bit, 8, bit);
    else if (bit < 8) put(bit + 1, 8, bit);
    else if (bit === 8) put(8, 7, bit);
    else put(8, 14 - bit, bit);
  }
}

/** @param {boolean[][]} symbol */
function penalty(symbol) {
  let found = 0;
  const columns = symbol.map((_, x) => symbol.map((row) => row[x]));
  for (const line of [...symbol, ...columns]) {
    const text = line.map(Number).join("");
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) found += run.length - 2;
    found += 40 * (text.match(/(?=00001011101|10111010000)/g) ?? []).length;
  }
  let dark = 0;
  symbol.forEach((row, y) => {
    row.forEach((is, x) => {
      dark += Number(is);
      const below = symbol[y + 1];
      if (below && x + 1 < SIZE && is === row[x + 1] && is === below[x] && is === below[x + 1]) found += 3;
    });
  });
  return found + 10 * Math.floor(Math.abs((dark * 20) / (SIZE * SIZE) - 10));
}
