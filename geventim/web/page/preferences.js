/** @file What this browser is to do; it stays here, and holds nothing that anybody said. */

const NAME = "preferences";

/** @type {Preferences} */
const BEGIN = { notify: "calls", words: false, pictures: true, started: [] };

/** @returns {Preferences} */
export function readPreferences() {
	const found = /** @type {any} */ ({ ...BEGIN });
	try {
		const kept = JSON.parse(localStorage.getItem(NAME) ?? "{}");
		for (const name in found) {
			if (typeof kept[name] === typeof found[name] && Array.isArray(kept[name]) === Array.isArray(found[name])) found[name] = kept[name];
		}
	} catch {
		// Nothing is kept here, or something else: all is as at the beginning.
	}
	return found;
}

/** @param {Preferences} preferences */
export function keepPreferences(preferences) {
	try {
		localStorage.setItem(NAME, JSON.stringify(preferences));
	} catch {
		// Then it holds for this page only.
	}
}
