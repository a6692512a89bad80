// Pages that people use one after the other: to open a page in a browser context of its own, and to
// end it, costs the processor more than most tests do.

/** Methods of a page whose effects nothing here takes back. */
const LASTING = ["createCDPSession", "setJavaScriptEnabled", "exposeFunction"];

/** A page in its own browser context, and what was done to it since somebody has it. */
class Place {
  #listeners = [];
  #scripts = [];
  #isSpoilt = false;

  constructor(context, page) {
    this.context = context;
    this.page = page;
    const spoil = () => (this.#isSpoilt = true);
    page.on("error", spoil); // it crashed
    for (const name of LASTING) this.#watch(name, spoil);
    this.#watch("on", (_, ...listener) => this.#listeners.push(listener));
    this.#watch("evaluateOnNewDocument", async (added) =>
      this.#scripts.push((await added).identifier),
    );
  }

  #watch(name, note) {
    const call = this.page[name].bind(this.page);
    this.page[name] = (...args) => {
      const result = call(...args);
      note(result, ...args);
      return result;
    };
  }

  /** Leaves the page without anything of its last user. @returns whether that was possible */
  async empty() {
    const { page, context } = this;
    if (this.#isSpoilt || page.isClosed() || (await context.pages()).length !== 1) return false;
    for (const listener of this.#listeners.splice(0)) page.off(...listener);
    for (const id of this.#scripts.splice(0)) await page.removeScriptToEvaluateOnNewDocument(id);
    await page.goto(new URL("/healthz", page.url())); // without a script, which would store more
    await page.evaluate(() => {
      sessionStorage.clear();
      localStorage.clear();
    });
    return true;
  }

  close() {
    return this.context.close();
  }
}

/** The pages of one browser. */
export class Pages {
  #browser;
  #free = [];

  /**
   * @param browser Puppeteer's
   * @param {boolean} areKept whether pages are used again
   */
  constructor(browser, areKept = true) {
    this.#browser = browser;
    this.areKept = areKept;
  }

  /** A page that is in front and has nothing of another's. @returns {Promise<Place>} */
  async take() {
    const free = this.#free.pop();
    if (free) {
      await free.page.bringToFront(); // as a new one is
      return free;
    }
    const context = await this.#browser.createBrowserContext();
    return new Place(context, await context.newPage());
  }

  /** Keeps the page for the next one, or closes it where something of its user's would stay. */
  async giveBack(place) {
    const isEmpty = this.areKept && (await place.empty().catch(() => false)); // its server is gone
    if (isEmpty) this.#free.push(place);
    else await place.close().catch(() => {}); // it is closed already
  }

  /** Closes those that nobody has. */
  async close() {
    for (const place of this.#free.splice(0)) await place.close();
  }
}
