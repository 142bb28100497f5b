/**
 * @file What this browser is to do; it stays here, and holds nothing that anybody said.
 *
 * @typedef {"all" | "calls" | "none"} Calls
 */

const NAME = "preferences";

export class Preferences {
  /** @type {{notify: Calls, words: boolean, pictures: boolean, started: string[]}} */
  values = { notify: "calls", words: false, pictures: true, started: [] };

  constructor() {
    try {
      const kept = JSON.parse(localStorage.getItem(NAME) ?? "{}");
      for (const [name, value] of Object.entries(kept)) {
        const known = /** @type {any} */ (this.values)[name];
        if (typeof value === typeof known && Array.isArray(value) === Array.isArray(known)) {
          /** @type {any} */ (this.values)[name] = value;
        }
      }
    } catch {
      // Nothing is kept here, or something else: all is as at the beginning.
    }
  }

  /** @param {Partial<Preferences["values"]>} changed */
  change(changed) {
    this.values = { ...this.values, ...changed };
    try {
      localStorage.setItem(NAME, JSON.stringify(this.values));
    } catch {
      // Then it holds for this page only.
    }
  }
}
