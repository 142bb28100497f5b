/** @file How times, sizes and people are written, in the reader's language and time zone. */

const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const date = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const number = new Intl.NumberFormat();
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const DAY = 86_400_000;

/** @param {number} seconds since the epoch */
export const clock = (seconds) => hour.format(seconds * 1_000);

/** @param {number} seconds since the epoch */
export const moment = (seconds) => exact.format(seconds * 1_000);

/** @param {number} seconds since the epoch */
export const brief = (seconds) => short.format(seconds * 1_000);

/** @param {number} count */
export const count = (count) => number.format(count);

/**
 * A day that is the same for all times in it, in this time zone.
 * @param {number} seconds since the epoch
 */
export function dayOf(seconds) {
  const day = new Date(seconds * 1_000);
  return `${day.getFullYear()}-${day.getMonth()}-${day.getDate()}`;
}

/**
 * @param {number} seconds since the epoch
 * @param {number} now milliseconds since the epoch
 */
export function dayName(seconds, now) {
  const midnight = (/** @type {number} */ time) => new Date(time).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(seconds * 1_000) - midnight(now)) / DAY);
  if (days === 0 || days === -1) {
    const name = relative.format(days, "day");
    return name.charAt(0).toLocaleUpperCase() + name.slice(1);
  }
  const isThisYear = new Date(seconds * 1_000).getFullYear() === new Date(now).getFullYear();
  return (isThisYear ? weekday : date).format(seconds * 1_000);
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1_000) return `${bytes} B`;
  const units = ["kB", "MB", "GB"];
  let value = bytes / 1_000;
  while (value >= 1_000 && units.length > 1) {
    value /= 1_000;
    units.shift();
  }
  return `${new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 }).format(value)} ${units[0]}`;
}

/**
 * @param {number} many
 * @param {string} one
 */
export const plural = (many, one) => `${count(many)} ${one}${many === 1 ? "" : "s"}`;

/**
 * A hue for a name, always the same.
 * @param {string} name
 */
export function hue(name) {
  let sum = 7;
  for (const sign of name) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 9_973;
  return (sum * 47) % 360;
}

/**
 * The first letter of a name, as it is seen.
 * @param {string} name
 */
export function initial(name) {
  const [first] = new Intl.Segmenter().segment(name.replace(/^[^\p{L}\p{N}]+/u, "") || name);
  return (first?.segment ?? "?").toLocaleUpperCase();
}

/**
 * A name as it may stand in a line: nothing in it turns the rest around.
 * @param {string} name
 */
export const clean = (name) => name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");

/** @param {string} digits */
export const groups = (digits) => digits.match(/.{1,5}/g) ?? [];
