/** A small language client for tests: frames, requests, notifications, nothing else. */
import { spawn } from "node:child_process";
import { once } from "node:events";

export class Client {
  #process;
  #buffer = Buffer.alloc(0);
  #next = 1;
  #waiting = new Map();
  #listeners = new Set();
  /** Answers of the client to requests of the server, by method. */
  answers = new Map();
  /** Diagnostics by URI, as the server last published them. */
  diagnostics = new Map();

  constructor(program, environment) {
    this.#process = spawn(program, ["lsp"], { env: environment, stdio: ["pipe", "pipe", "inherit"] });
    this.#process.stdout.on("data", (data) => this.#read(data));
    this.exited = once(this.#process, "exit").then(([code]) => code);
  }

  request(method, params) {
    const id = this.#next++;
    this.#send({ jsonrpc: "2.0", id, method, params });
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    return Object.assign(answer, { id });
  }

  notify(method, params) {
    this.#send({ jsonrpc: "2.0", method, params });
  }

  /** A request with its cancellation right behind it, in one write. */
  cancelled(method, params) {
    this.#process.stdin.cork();
    const answer = this.request(method, params);
    this.notify("$/cancelRequest", { id: answer.id });
    this.#process.stdin.uncork();
    return answer;
  }

  /** The first notification from now on for which `wanted` holds; ends after ten seconds. */
  event(wanted) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("no such notification in ten seconds")), 10_000);
      const listener = (message) => {
        if (!wanted(message)) return;
        clearTimeout(late);
        this.#listeners.delete(listener);
        resolve(message);
      };
      this.#listeners.add(listener);
    });
  }

  /** Calls the listener for every `drawbridge/event` from now on. */
  onEvent(listener) {
    this.#listeners.add(({ method, params }) => {
      if (method === "drawbridge/event") listener(params.event);
    });
  }

  /** The next diagnostics of a file for which `wanted` holds. */
  published(uri, wanted = () => true) {
    return this.event(
      (message) =>
        message.method === "textDocument/publishDiagnostics" &&
        message.params.uri === uri &&
        wanted(message.params),
    ).then((message) => message.params);
  }

  async start(folder, capabilities = {}) {
    const answer = await this.request("initialize", {
      processId: process.pid,
      clientInfo: { name: "a test" },
      capabilities,
      rootUri: null,
      workspaceFolders: [{ uri: folder, name: "w" }],
    });
    this.notify("initialized", {});
    return answer;
  }

  async stop() {
    await this.request("shutdown");
    this.notify("exit");
    return this.exited;
  }

  /** Ends the server whatever it does, so that a failed test does not keep Node alive. */
  kill() {
    this.#process.kill("SIGKILL");
  }

  /** Closes the pipe as an editor that died. */
  hangUp() {
    this.#process.stdin.end();
  }

  #send(message) {
    const body = Buffer.from(JSON.stringify(message));
    this.#process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.#process.stdin.write(body);
  }

  #read(data) {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    for (;;) {
      const end = this.#buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.#buffer.subarray(0, end).toString())[1]);
      if (this.#buffer.length < end + 4 + length) return;
      const message = JSON.parse(this.#buffer.subarray(end + 4, end + 4 + length).toString());
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      this.#take(message);
    }
  }

  #take(message) {
    if (message.method === undefined) {
      const { resolve, reject } = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error) reject(Object.assign(new Error(message.error.message), message.error));
      else resolve(message.result);
    } else if (message.id !== undefined) {
      const answer = this.answers.get(message.method) ?? (() => null);
      this.#send({ jsonrpc: "2.0", id: message.id, result: answer(message.params) });
    }
    if (message.method === "textDocument/publishDiagnostics") {
      this.diagnostics.set(message.params.uri, message.params);
    }
    for (const listener of [...this.#listeners]) listener(message);
  }
}
