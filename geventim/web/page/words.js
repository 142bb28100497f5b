/** @file How times, sizes and people are written, in the reader's language and zone. */

/** @param {Intl.DateTimeFormatOptions} options */
const dates = (options) => {
	const format = new Intl.DateTimeFormat(undefined, options);
	return (/** @type {number} */ seconds) => format.format(seconds * 1_000);
};
const weekday = dates({ weekday: "long", day: "numeric", month: "long" });
const date = dates({ dateStyle: "full" });
const number = new Intl.NumberFormat();
const digits = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const DURATIONS = { week: 604_800, day: 86_400, hour: 3_600, minute: 60, second: 1 };

/** @type {Words} */
export const words = {
	clock: dates({ hour: "2-digit", minute: "2-digit" }),
	moment: dates({ dateStyle: "full", timeStyle: "medium" }),
	brief: dates({ dateStyle: "medium", timeStyle: "short" }),
	count: (count) => number.format(count),
	dayOf: (seconds) => new Date(seconds * 1_000).toDateString(),
	dayName(seconds, now) {
		const midnight = (/** @type {number} */ time) => new Date(time).setHours(0, 0, 0, 0);
		const days = Math.round((midnight(seconds * 1_000) - midnight(now)) / 86_400_000);
		if (days !== 0 && days !== -1) return (new Date(seconds * 1_000).getFullYear() === new Date(now).getFullYear() ? weekday : date)(seconds);
		const name = relative.format(days, "day");
		return name.charAt(0).toLocaleUpperCase() + name.slice(1);
	},
	size(bytes) {
		let [value, unit] = [bytes, 0];
		while (value >= 1_000 && unit < 3) [value, unit] = [value / 1_000, unit + 1];
		return `${digits.format(value)} ${["B", "kB", "MB", "GB"][unit]}`;
	},
	plural: (many, one, more = `${one}s`) => `${words.count(many)} ${many === 1 ? one : more}`,
	duration(seconds) {
		const [unit, size] = Object.entries(DURATIONS).find(([, size]) => seconds >= size && seconds % size === 0) ?? ["second", 1];
		return words.plural(seconds / size, unit);
	},
	hue(name) {
		let sum = 7;
		for (const sign of name) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 9_973;
		return (sum * 47) % 360;
	},
	initial(name) {
		const [first] = new Intl.Segmenter().segment(name.replace(/^[^\p{L}\p{N}]+/u, "") || name || "?");
		return first.segment.toLocaleUpperCase();
	},
	clean: (name) => name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd"),
	groups: (digits) => digits.match(/.{1,5}/g) ?? [],
};

export const { clean } = words;
