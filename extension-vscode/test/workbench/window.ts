/** One window of the workbench, used by keyboard. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import type { Server } from "./server";

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
const PATIENCE = 10_000;
/** How often the list is opened before that is a failure. */
const OPENINGS = 4;

export class Window {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #pictures: string;
  #count = 0;

  private constructor(browser: Browser, page: Page, pictures: string) {
    this.#browser = browser;
    this.page = page;
    this.#pictures = pictures;
  }

  /** Opens `folder`; `pictures` is where screenshots go. */
  static async open(executablePath: string, server: Server, folder: string, pictures: string): Promise<Window> {
    mkdirSync(pictures, { recursive: true });
    const browser = await chromium.launch({ executablePath, args: SWITCHES });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    page.setDefaultTimeout(60_000);
    await page.goto(`${server.origin}/?folder=${encodeURIComponent(folder)}`);
    await page.locator(".monaco-workbench").waitFor();
    return new Window(browser, page, pictures);
  }

  /** The line in the status bar. */
  get status(): Locator {
    return this.page.locator("[id='drawbridge.drawbridge.drawbridge.status']");
  }

  /** A row of a list or tree, by what a screen reader says. */
  row(spoken: string | RegExp): Locator {
    return this.page.getByRole("treeitem", { name: spoken });
  }

  /** Focuses a view and goes to its end, where the row is: only rows in sight exist, and news of the view moves them. */
  async atEnd(focus: string, row: Locator): Promise<void> {
    for (let left = OPENINGS; ; left -= 1) {
      await this.run(focus);
      await this.page.keyboard.press("End");
      try {
        await row.waitFor({ timeout: PATIENCE });
        return;
      } catch (error) {
        if (left === 1) throw error;
      }
    }
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator(".notification-toast").filter({ hasText: text });
  }

  /** Runs a command by its title from the palette. */
  async run(title: string): Promise<void> {
    await this.#pick("F1", `>${title}`, title);
  }

  /** Opens a file by its path. */
  async openFile(path: string): Promise<void> {
    await this.#pick("Control+p", path, path.split("/").at(-1) ?? path);
    await this.page.locator(".editor-instance .view-lines").first().waitFor();
  }

  /** The list closes when something else takes the focus, as the end of the command before may: then once more. */
  async #pick(key: string, text: string, row: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input[type=text]");
    const wanted = this.page.locator(".quick-input-list .monaco-list-row.focused").filter({ hasText: row });
    for (let left = OPENINGS; ; left -= 1) {
      try {
        await this.page.keyboard.press(key);
        await input.fill(text, { timeout: PATIENCE });
        await wanted.waitFor({ timeout: PATIENCE });
        await input.press("Enter", { timeout: PATIENCE });
        break;
      } catch (error) {
        if (left === 1 || (await input.isVisible())) throw error;
      }
    }
    await input.waitFor({ state: "hidden" });
  }

  /** Opens the light bulb's list at the cursor; the row of one fix, focused. */
  async fixes(title: string): Promise<Locator> {
    const fix = this.page.locator(".action-widget .monaco-list-row").filter({ hasText: title });
    await this.page.locator(".lightBulbWidget, .codicon-gutter-lightbulb").first().waitFor();
    await this.page.keyboard.press("Control+.");
    await fix.waitFor();
    const focused = this.page.locator(".action-widget .monaco-list-row.focused").filter({ hasText: title });
    for (let step = 0; step < 20 && (await focused.count()) === 0; step += 1) await this.page.keyboard.press("ArrowDown");
    return fix;
  }

  /** Chooses from the menu of the focused row. */
  async menu(row: Locator, title: string): Promise<void> {
    await row.click();
    await this.page.keyboard.press("Shift+F10");
    await this.page.locator(".monaco-menu .action-item").filter({ hasText: title }).waitFor();
    const focused = this.page.locator(".monaco-menu .action-item.focused").filter({ hasText: title });
    for (let step = 0; step < 20 && (await focused.count()) === 0; step += 1) await this.page.keyboard.press("ArrowDown");
    await this.page.keyboard.press("Enter");
    await this.page.locator(".monaco-menu").waitFor({ state: "hidden" });
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
