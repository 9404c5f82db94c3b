/** One window of the workbench, used by keyboard. */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import type { Server } from "./server";
import { until, within } from "./until";

const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Nothing but this machine has a name.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** Milliseconds for the list to open and to find a command. */
const PATIENCE = 5_000;
/** How often the list is opened before that is a failure. */
const OPENINGS = 8;
/** More rows than any view of the tests has. */
const MOST_ROWS = 300;
/** Characters of each log that are kept of a failure. */
const MOST_LOG = 20_000;

/** The page's. */
declare const MutationObserver: new (told: (all: readonly unknown[]) => void) => { observe(element: unknown, what: object): void };

/** A row of a list or tree. */
interface Row {
  readonly id: string;
  readonly spoken: string;
  readonly folded: boolean;
}

export class Window {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #folder: string;
  readonly #pictures: string;
  readonly #logs: string;
  /** Errors on the page's console. */
  readonly #said: string[] = [];
  #count = 0;

  private constructor(browser: Browser, page: Page, folder: string, pictures: string, logs: string) {
    this.#folder = folder;
    this.#browser = browser;
    this.page = page;
    this.#pictures = pictures;
    this.#logs = logs;
    page.on("console", (message) => {
      if (message.type() === "error") this.#said.push(message.text());
    });
  }

  /** Opens `folder`; `pictures` is where screenshots go. */
  static async open(executablePath: string, server: Server, folder: string, pictures: string): Promise<Window> {
    mkdirSync(pictures, { recursive: true });
    const browser = await chromium.launch({ executablePath, args: SWITCHES });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    page.setDefaultTimeout(60_000);
    await page.goto(`${server.origin}/?folder=${encodeURIComponent(folder)}`);
    const window = new Window(browser, page, folder, pictures, server.logs);
    await window.#ready();
    return window;
  }

  /** The window anew, with an extension host of its own. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.#ready();
  }

  /** The titles that the palette offers for what is typed. */
  async commands(typed: string): Promise<string[]> {
    await this.page.keyboard.press("F1");
    await this.#type(`>${typed}`);
    const rows = this.page.locator(".quick-input-list .monaco-list-row");
    await rows.filter({ hasText: typed.trim() }).first().waitFor();
    const titles = new Set<string>();
    // Only rows in sight exist.
    for (let size = -1; titles.size > size; await this.page.keyboard.press("PageDown")) {
      size = titles.size;
      for (const label of await rows.evaluateAll((all) => all.map((row) => row.getAttribute("aria-label") ?? ""))) titles.add(label);
    }
    await this.page.keyboard.press("Escape");
    return [...titles];
  }

  /** The line in the status bar. */
  get status(): Locator {
    return this.page.locator("[id='drawbridge.drawbridge.drawbridge.status']");
  }

  /** A row of a list or tree, by what a screen reader says. */
  row(spoken: string | RegExp): Locator {
    return this.page.getByRole("treeitem", { name: spoken });
  }

  /** Focuses a view and goes to its end, where the row is: only rows in sight exist. */
  async atEnd(focus: string, row: Locator): Promise<void> {
    await this.insist(row, async () => {
      await this.run(focus);
      await this.page.keyboard.press("End");
    });
  }

  /** Does it until the effect is there: news of a view or a document take back what was just opened. */
  async insist(effect: Locator, act: () => Promise<void>): Promise<void> {
    for (let left = OPENINGS; ; left -= 1) {
      await act();
      try {
        await effect.waitFor({ timeout: PATIENCE });
        return;
      } catch (error) {
        if (left === 1) throw error;
      }
    }
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator(".notification-toast").filter({ hasText: text });
  }

  /** Runs a command by its title from the palette; `answers` are the rows that its questions are answered with. */
  async run(title: string, ...answers: readonly string[]): Promise<void> {
    await this.#pick("F1", `>${title}`, title, answers);
  }

  /** Opens a file of the folder; its whole path, since the list guesses. */
  async openFile(path: string): Promise<void> {
    await this.#pick("Control+p", join(this.#folder, path), path.split("/").at(-1) ?? path);
    await this.page.locator(".editor-instance .monaco-editor.focused").waitFor();
  }

  /** Puts the cursor of the open editor there; both count from 1. */
  async goTo(line: number, column: number): Promise<void> {
    await this.#pick("Control+g", `:${line}:${column}`, `${line}`);
    await this.page.locator("#status\\.editor\\.selection").filter({ hasText: `Ln ${line},` }).waitFor();
  }

  /** Commands and views are known only once the extension's icon is there. */
  async #ready(): Promise<void> {
    await this.page.locator(".activitybar [aria-label^='Drawbridge']").first().waitFor();
  }

  /**
   * The list closes when something else takes the focus, as the end of the command before may, and a command that comes
   * later is not added to it: then once more.
   */
  async #pick(key: string, text: string, row: string, answers: readonly string[] = []): Promise<void> {
    const choose = async (typed: string, wanted: string): Promise<void> => {
      await this.#type(typed);
      await this.page.locator(".quick-input-list .monaco-list-row.focused").filter({ hasText: wanted }).waitFor({ timeout: PATIENCE });
      await this.page.locator(".quick-input-widget input[type=text]:focus").press("Enter", { timeout: PATIENCE });
    };
    for (let left = OPENINGS; ; left -= 1) {
      try {
        await this.page.keyboard.press(key);
        await choose(text, row);
        for (const answer of answers) {
          await this.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: answer }).first().waitFor({ timeout: PATIENCE });
          await choose(answer, answer);
        }
        break;
      } catch (error) {
        if (left === 1) throw error;
        if (await this.#input.isVisible()) await this.page.keyboard.press("Escape");
      }
    }
    await this.#input.waitFor({ state: "hidden" });
  }

  get #input(): Locator {
    return this.page.locator(".quick-input-widget input[type=text]");
  }

  /** Not by keys, which go to what has the focus: an editor that comes back from behind a closed one takes it in the middle. */
  async #type(text: string): Promise<void> {
    await this.#input.waitFor({ timeout: PATIENCE });
    await this.#input.evaluate((field: EventTarget & { value: string }, value) => {
      field.value = value;
      field.dispatchEvent(new Event("input"));
    }, text);
  }

  /** Opens the light bulb's list at the cursor; the row of one fix, focused. */
  async fixes(title: string): Promise<Locator> {
    const fix = this.page.locator(".action-widget .monaco-list-row").filter({ hasText: title });
    await this.insist(fix, async () => {
      await this.page.keyboard.press("Escape");
      await this.page.keyboard.press("Control+.");
    });
    await this.#down(this.page.locator(".action-widget .monaco-list-row.focused").filter({ hasText: title }));
    return fix;
  }

  /** The list or tree that has the keyboard. */
  get #list(): Locator {
    return this.page.locator(".monaco-list:is(:focus, :focus-within)");
  }

  /** A key for the list that has the keyboard, and for nothing else: an editor that was just opened may take it meanwhile. */
  async #press(key: string): Promise<void> {
    if ((await this.#list.count()) === 1) await this.#list.press(key, { timeout: PATIENCE }).catch(() => undefined);
  }

  /** The row that has the keyboard, as a screen reader gets it; `undefined` when none has. */
  async #focused(): Promise<Row | undefined> {
    const [row] = await this.#list.locator(".monaco-list-row.focused").evaluateAll((all) =>
      all.map((one) => ({
        id: one.id,
        spoken: one.getAttribute("aria-label") ?? "",
        folded: one.getAttribute("aria-expanded") === "false",
      })),
    );
    return row;
  }

  /**
   * Goes down a view by keyboard until a row is found, folded ones opened; all that was said on the way. News of the view
   * take rows away, the one with the keyboard too: then it begins again.
   */
  async #descend(focus: string, found: (row: Row) => boolean): Promise<{ readonly said: readonly string[]; readonly found: boolean }> {
    await this.run(focus);
    return until(`an end of ${focus}`, async () => {
      const said: string[] = [];
      await this.#press("Home");
      for (let last = ""; said.length < MOST_ROWS; ) {
        const row = await this.#focused();
        if (row === undefined) {
          await this.run(focus);
          return undefined;
        }
        if (row.id === last) return { said, found: false };
        last = row.id;
        said.push(row.spoken);
        if (found(row)) return { said, found: true };
        if (row.folded) {
          await this.#press("ArrowRight");
          const open = await within(PATIENCE, async () => {
            const now = await this.#focused();
            return now?.id === row.id && now.folded ? undefined : true;
          });
          if (open === undefined) return undefined;
        }
        await this.#press("ArrowDown");
      }
      throw new Error(`more than ${MOST_ROWS} rows: ${focus}`);
    });
  }

  /** What a screen reader says of every row of a view, reached by keyboard, folded ones opened; twice the same, since news move rows. */
  async walk(focus: string): Promise<readonly string[]> {
    let before = "";
    return until(`the same rows twice in ${focus}`, async () => {
      const { said } = await this.#descend(focus, () => false);
      const now = said.join("\n");
      if (now === before) return said;
      before = now;
      return undefined;
    });
  }

  /** Goes to a row of a view by keyboard, from the top again until it is there: only rows in sight exist. */
  async reach(focus: string, spoken: RegExp): Promise<void> {
    let said: readonly string[] = [];
    const there = async (): Promise<true | undefined> => {
      const end = await this.#descend(focus, (row) => spoken.test(row.spoken));
      ({ said } = end);
      return end.found ? true : undefined;
    };
    await until(`a row ${String(spoken)}`, there, () => said.join("\n"));
  }

  /** Presses Enter on a row of a view until the effect is there. */
  async enter(focus: string, spoken: RegExp, effect: Locator): Promise<void> {
    await this.insist(effect, async () => {
      await this.reach(focus, spoken);
      await this.#press("Enter");
    });
  }

  /** Chooses from the menu of a row. */
  async menu(focus: string, spoken: RegExp, title: string): Promise<void> {
    await this.insist(this.page.locator(".monaco-menu .action-item").filter({ hasText: title }), async () => {
      await this.page.keyboard.press("Escape");
      await this.reach(focus, spoken);
      await this.#press("Shift+F10");
    });
    await this.#down(this.page.locator(".monaco-menu .action-item.focused").filter({ hasText: title }));
    await this.page.keyboard.press("Enter");
    await this.page.locator(".monaco-menu").waitFor({ state: "hidden" });
  }

  /** Says how often anything in a view was drawn since. */
  async drawn(view: string): Promise<() => Promise<number>> {
    const tree = this.page.getByRole("tree", { name: view });
    const count = await tree.evaluateHandle((element) => {
      const drawn = { times: 0 };
      new MutationObserver((all) => (drawn.times += all.length)).observe(element, { childList: true, subtree: true });
      return drawn;
    });
    return () => count.evaluate(({ times }) => times);
  }

  /** Goes down the list that is open until the wanted row has the keyboard. */
  async #down(wanted: Locator): Promise<void> {
    for (let step = 0; (await wanted.count()) === 0; step += 1) {
      if (step === MOST_ROWS) throw new Error("the row is not reached by keyboard");
      await this.page.keyboard.press("ArrowDown");
    }
  }

  /** What somebody needs to see why a step failed: the picture, the page's text and every log of the extension host. */
  async autopsy(name: string): Promise<void> {
    await this.page.screenshot({ path: join(this.#pictures, `failed-${name}.png`) });
    const logs = readdirSync(this.#logs, { recursive: true, encoding: "utf8" }).filter((file) => /(Drawbridge|exthost)\S*\.log$/.test(file));
    const texts = logs.map((file) => `== ${file}\n${readFileSync(join(this.#logs, file), "utf8").slice(-MOST_LOG)}`);
    const rows = await this.page.locator(".monaco-list-row").evaluateAll((all) => all.map((row) => row.getAttribute("aria-label") ?? ""));
    const lines = ["== rows in sight", ...rows, "== said by the page", ...this.#said, ...texts];
    writeFileSync(join(this.#pictures, `failed-${name}.log`), `${lines.join("\n")}\n`);
  }

  /** Takes one picture in each theme, and keeps the dark one. */
  async picture(name: string): Promise<void> {
    this.#count += 1;
    const file = (theme: string): string => join(this.#pictures, `${String(this.#count).padStart(2, "0")}-${name}-${theme}.png`);
    await this.page.screenshot({ path: file("dark") });
    await this.#toggle("vs");
    await this.page.screenshot({ path: file("light") });
    await this.#toggle("vs-dark");
  }

  async #toggle(theme: "vs" | "vs-dark"): Promise<void> {
    await this.run("Preferences: Toggle between Light/Dark Themes");
    await this.page.locator(`.monaco-workbench.${theme}`).waitFor();
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
