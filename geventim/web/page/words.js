/** @file How times, sizes and people are written, in the reader's language and time zone. */

/** @param {Intl.DateTimeFormatOptions} options */
const format = (options) => new Intl.DateTimeFormat(undefined, options);
const hour = format({ hour: "2-digit", minute: "2-digit" });
const weekday = format({ weekday: "long", day: "numeric", month: "long" });
const date = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const exact = format({ dateStyle: "full", timeStyle: "medium" });
const short = format({ day: "numeric", month: "short", year: "numeric" });
const number = new Intl.NumberFormat();
const digits = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

// Dates are seconds since the epoch.
/** @param {number} seconds */
export const clock = (seconds) => hour.format(seconds * 1_000);
/** @param {number} seconds */
export const moment = (seconds) => exact.format(seconds * 1_000);
/** @param {number} seconds */
export const brief = (seconds) => short.format(seconds * 1_000);
/** @param {number} count */
export const count = (count) => number.format(count);

/** A day that is the same for all times in it, in this time zone. @param {number} seconds */
export const dayOf = (seconds) => new Date(seconds * 1_000).toDateString();

/** @param {number} seconds @param {number} now milliseconds since the epoch */
export function dayName(seconds, now) {
	const midnight = (/** @type {number} */ time) => new Date(time).setHours(0, 0, 0, 0);
	const days = Math.round((midnight(seconds * 1_000) - midnight(now)) / 86_400_000);
	if (days === 0 || days === -1) {
		const name = relative.format(days, "day");
		return name.charAt(0).toLocaleUpperCase() + name.slice(1);
	}
	const isThisYear = new Date(seconds * 1_000).getFullYear() === new Date(now).getFullYear();
	return (isThisYear ? weekday : date).format(seconds * 1_000);
}

/** @param {number} bytes */
export function size(bytes) {
	let [value, unit] = [bytes, 0];
	while (value >= 1_000 && unit < 3) [value, unit] = [value / 1_000, unit + 1];
	return `${digits.format(value)} ${["B", "kB", "MB", "GB"][unit]}`;
}

/** @param {number} many @param {string} one @param {string} [more] */
export const plural = (many, one, more = `${one}s`) => `${count(many)} ${many === 1 ? one : more}`;

/** So many seconds, in words. @param {number} seconds */
export function duration(seconds) {
	for (const [unit, size] of /** @type {const} */ ([["week", 604_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]])) {
		if (seconds >= size && seconds % size === 0) return plural(seconds / size, unit);
	}
	return plural(seconds, "second");
}

/** A hue for a name, always the same. @param {string} name */
export function hue(name) {
	let sum = 7;
	for (const sign of name) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 9_973;
	return (sum * 47) % 360;
}

/** The first letter of a name, as it is seen. @param {string} name */
export function initial(name) {
	const [first] = new Intl.Segmenter().segment(name.replace(/^[^\p{L}\p{N}]+/u, "") || name || "?");
	return first.segment.toLocaleUpperCase();
}

/** A name as it may stand in a line: nothing in it turns the rest around. @param {string} name */
export const clean = (name) => name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");

/** @param {string} digits */
export const groups = (digits) => digits.match(/.{1,5}/g) ?? [];
