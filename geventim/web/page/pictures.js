/** @file Files that came: pictures to be shown, and downloads. What was fetched is kept while it is of use. */

/** Bytes of a picture that is shown. */
const LARGEST = 20 * 1024 * 1024;

/** Bytes of a picture that is fetched without being asked for. */
const SMALL = 2 * 1024 * 1024;

/** Pictures that are held. */
const HELD = 40;

/** @type {[string, (number | null)[]][]} types, and how they begin */
const BEGINNINGS = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50]],
];

/**
 * What kind of picture begins like that; empty if none that is shown.
 * @param {Uint8Array} bytes
 */
export function pictureType(bytes) {
  const found = BEGINNINGS.find(([, begin]) =>
    begin.every((byte, at) => byte === null || bytes[at] === byte),
  );
  return found?.[0] ?? "";
}

/** @typedef {{state: "busy" | "shown" | "bad" | "failed", url: string, why: string}} Picture */

export class Pictures {
  /** @type {Map<string, Picture>} */
  #held = new Map();
  /** @type {Map<string, AbortController>} */
  #downloads = new Map();

  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.#app = app;
  }

  #app;

  /**
   * @param {import("./types.js").Attachment} file
   */
  isPicture(file) {
    return BEGINNINGS.some(([type]) => type === file.type) && file.size <= LARGEST;
  }

  /** @param {import("./types.js").Attachment} file */
  isSmall(file) {
    return file.size <= SMALL && this.#app.preferences.values.pictures;
  }

  /**
   * @param {string} message
   * @param {number} index
   * @returns {Picture | undefined}
   */
  get(message, index) {
    return this.#held.get(`${message}/${index}`);
  }

  /**
   * @param {string} message
   * @param {number} index
   */
  isBusy(message, index) {
    return this.#downloads.has(`${message}/${index}`);
  }

  /**
   * Fetch a picture, to be shown.
   * @param {string} message
   * @param {number} index
   */
  async fetch(message, index) {
    const name = `${message}/${index}`;
    if (["busy", "shown", "bad"].includes(this.#held.get(name)?.state ?? "")) return;
    this.#hold(name, { state: "busy", url: "", why: "" });
    try {
      const response = await this.#app.link.request(`/files/${name}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const type = bytes.length <= LARGEST ? pictureType(bytes) : "";
      this.#hold(
        name,
        type
          ? { state: "shown", url: URL.createObjectURL(new Blob([bytes], { type })), why: "" }
          : { state: "bad", url: "", why: "This is no picture that can be shown." },
      );
    } catch (error) {
      this.#hold(name, { state: "failed", url: "", why: /** @type {Error} */ (error).message });
    }
    this.#app.draw();
  }

  /**
   * Have the browser save a file.
   * @param {string} message
   * @param {number} index
   * @param {string} label
   */
  async download(message, index, label) {
    const name = `${message}/${index}`;
    if (this.#downloads.has(name)) return;
    const abort = new AbortController();
    this.#downloads.set(name, abort);
    this.#app.draw();
    try {
      const response = await this.#app.link.request(`/files/${name}`, { signal: abort.signal });
      const blob = await response.blob();
      const url = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
      const link = document.createElement("a");
      link.href = url;
      link.download = label;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      if (!abort.signal.aborted) {
        this.#app.toast(/** @type {Error} */ (error).message, { tone: "bad" });
      }
    } finally {
      this.#downloads.delete(name);
      this.#app.draw();
    }
  }

  /**
   * @param {string} message
   * @param {number} index
   */
  cancel(message, index) {
    this.#downloads.get(`${message}/${index}`)?.abort();
  }

  /** @param {string} message */
  forget(message) {
    for (const [name, picture] of this.#held) {
      if (name.startsWith(`${message}/`)) this.#drop(name, picture);
    }
  }

  /**
   * @param {string} name
   * @param {Picture} picture
   */
  #hold(name, picture) {
    this.#held.delete(name);
    this.#held.set(name, picture);
    if (this.#held.size > HELD) {
      const [oldest] = this.#held;
      if (oldest) this.#drop(...oldest);
    }
  }

  /**
   * @param {string} name
   * @param {Picture} picture
   */
  #drop(name, picture) {
    if (picture.url) URL.revokeObjectURL(picture.url);
    this.#held.delete(name);
  }
}
