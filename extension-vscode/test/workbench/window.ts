/** One window of the workbench, used by keyboard. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import type { Server, Theme } from "./server";

const SWITCHES = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Nothing but this machine has a name.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

export class Window {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #pictures: string;
  #count = 0;

  private constructor(browser: Browser, page: Page, server: Server, pictures: string) {
    this.#browser = browser;
    this.page = page;
    this.#server = server;
    this.#pictures = pictures;
  }

  /** Opens `folder`; `pictures` is where screenshots go. */
  static async open(executablePath: string, server: Server, folder: string, pictures: string): Promise<Window> {
    mkdirSync(pictures, { recursive: true });
    const browser = await chromium.launch({ executablePath, args: SWITCHES });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    page.setDefaultTimeout(30_000);
    await page.goto(`${server.origin}/?folder=${encodeURIComponent(folder)}`);
    await page.locator(".monaco-workbench").waitFor();
    return new Window(browser, page, server, pictures);
  }

  /** The line in the status bar. */
  get status(): Locator {
    return this.page.locator("#drawbridge\\.drawbridge\\.drawbridge\\.status, [id$='drawbridge.status']").first();
  }

  /** A row of a list or tree, by what a screen reader says. */
  row(spoken: string | RegExp): Locator {
    return this.page.getByRole("treeitem", { name: spoken });
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator(".notification-toast").filter({ hasText: text });
  }

  /** Runs a command by its title from the palette. */
  async run(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    await this.#pick(`>${title}`, title);
  }

  /** Opens a file by its path. */
  async openFile(path: string): Promise<void> {
    await this.page.keyboard.press("Control+p");
    await this.#pick(path, path.split("/").at(-1) ?? path);
    await this.page.locator(".editor-instance .view-lines").first().waitFor();
  }

  async #pick(text: string, row: string): Promise<void> {
    const input = this.page.locator(".quick-input-widget input[type=text]");
    await input.waitFor();
    await input.fill(text);
    await this.page.locator(".quick-input-list .monaco-list-row.focused").filter({ hasText: row }).waitFor();
    await this.page.keyboard.press("Enter");
    await input.waitFor({ state: "hidden" });
  }

  /** Chooses from the menu of the focused row. */
  async menu(row: Locator, title: string): Promise<void> {
    await row.click();
    await this.page.keyboard.press("Shift+F10");
    const item = this.page.getByRole("menuitem", { name: title });
    await item.waitFor();
    await item.press("Enter");
  }

  /** Takes one picture in each theme. */
  async picture(name: string): Promise<void> {
    this.#count += 1;
    for (const theme of ["light", "dark"] as const) {
      await this.theme(theme);
      const path = join(this.#pictures, `${String(this.#count).padStart(2, "0")}-${name}-${theme}.png`);
      await this.page.screenshot({ path });
    }
  }

  async theme(theme: Theme): Promise<void> {
    this.#server.theme(theme);
    const name = theme === "dark" ? "vs-dark" : "vs";
    await this.page.locator(`.monaco-workbench.${name}`).waitFor();
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
