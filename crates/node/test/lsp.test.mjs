/** The language server as its clients see it, and beside the addon: both give the same answers. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Client } from "./client.mjs";
import { Gates, lives, until } from "./gates.mjs";
import { fixtures, isolated, loadAddon, program } from "./setup.mjs";

const { Project } = loadAddon();
const home = isolated();
const clients = [];
after(() => {
  for (const client of clients) client.kill();
  rmSync(home, { recursive: true });
});

const config = ".devcontainer/devcontainer.json";
const policy = ".devcontainer/drawbridge/policy.jsonc";
const utf8 = { general: { positionEncodings: ["utf-8", "utf-16"] } };

async function opened(name, capabilities = {}, environment = {}) {
  const folder = join(mkdtempSync(join(home, "w-")), "w");
  cpSync(join(fixtures, name), folder, { recursive: true });
  const client = new Client(program, { ...process.env, ...environment });
  clients.push(client);
  const uri = pathToFileURL(folder).href;
  const answer = await client.start(uri, capabilities);
  const document = (file) => ({ uri: `${uri}/${file}` });
  const open = (file, text, version = 1) =>
    client.notify("textDocument/didOpen", {
      textDocument: { ...document(file), languageId: "jsonc", version, text },
    });
  return { folder, client, uri, answer, document, open };
}

const severities = { critical: 1, high: 1, medium: 2, low: 3, info: 4 };

for (const name of readdirSync(fixtures)) {
  test(`server and addon agree about \`${name}\``, async () => {
    const { folder, client, uri, document } = await opened(name);
    const project = new Project(folder);
    const check = await project.check(false);
    const files = [...new Set(check.problems.map((problem) => problem.file))];
    assert.ok(files.length > 0, "a fixture with nothing to find proves nothing");
    assert.deepEqual(await client.request("drawbridge/audit", {}), check);
    assert.deepEqual(await client.request("drawbridge/bridge", {}), check.channels);
    assert.deepEqual(await client.request("drawbridge/policy", {}), await project.policy());
    for (const file of files) {
      const shown = client.diagnostics.get(`${uri}/${file}`) ?? (await client.published(`${uri}/${file}`));
      const wanted = check.problems
        .filter((problem) => problem.file === file)
        .map(({ range, severity, code, rule, message }) => ({
          range,
          severity: severities[severity],
          code: `${code} ${rule}`,
          source: "drawbridge",
          message,
        }));
      assert.deepEqual(shown.diagnostics, wanted);
      if (!Project.concerns(file)) continue;
      const textDocument = document(file);
      for (const problem of check.problems.filter((one) => one.file === file)) {
        const hover = await project.hover(file, problem.range.start);
        const position = problem.range.start;
        const said = await client.request("textDocument/hover", { textDocument, position });
        assert.equal(said?.contents.value, hover?.markdown);
        const actions = await project.actions(file, problem.range);
        const offered = await client.request("textDocument/codeAction", {
          textDocument,
          range: problem.range,
          context: { diagnostics: [], only: ["quickfix"] },
        });
        assert.deepEqual(
          offered.map(({ title, isPreferred, edit }) => [title, isPreferred, edit.documentChanges[0].edits]),
          actions.map(({ title, safe, edits }) => [title, safe, edits]),
        );
      }
      const all = await client.request("textDocument/codeAction", {
        textDocument,
        range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
        context: { diagnostics: [], only: ["source.fixAll"] },
      });
      assert.deepEqual(
        all.map(({ title, edit }) => [title, edit.documentChanges[0].edits]),
        [await project.fixAll(file)].filter(Boolean).map(({ edits }) => ["Apply every safe fix of Drawbridge", edits]),
      );
      const lenses = await client.request("textDocument/codeLens", { textDocument });
      assert.deepEqual(
        lenses.map((lens) => lens.command.title),
        (await project.lenses(file)).map((lens) => lens.title),
      );
    }
    assert.equal(await client.stop(), 0);
  });
}

test("bytes or code units: the client's own choice, and the same text", async () => {
  for (const [capabilities, chosen] of [[utf8, "utf-8"], [{}, "utf-16"]]) {
    const { client, uri, answer, document, open } = await opened("open", capabilities);
    assert.equal(answer.capabilities.positionEncoding, chosen);
    assert.equal(answer.capabilities.experimental.drawbridge.protocol, 1);
    const text = '{ /* é😀 */ "image": "debian:12", "privileged": true }';
    const shown = client.published(`${uri}/${config}`, (params) => params.version === 1);
    open(config, text);
    const { range } = (await shown).diagnostics.find((one) => one.code.includes("privileged-container"));
    const of = (from, to) =>
      chosen === "utf-8" ? Buffer.from(text).subarray(from, to).toString() : text.slice(from, to);
    assert.equal(of(range.start.character, range.end.character), '"privileged": true');
    const hover = await client.request("textDocument/hover", {
      textDocument: document(config),
      position: range.end,
    });
    assert.deepEqual(hover.range, range);
    await client.stop();
  }
});

test("a recorded exchange of incremental edits with text of several bytes", async () => {
  const { client, uri, open, document } = await opened("open", utf8);
  open(config, '{\n  "image": "débian😀",\n}\n');
  const at = (line, character) => ({ line, character });
  const bytes = (text) => Buffer.byteLength(text);
  const change = (version, ...contentChanges) =>
    client.notify("textDocument/didChange", { textDocument: { ...document(config), version }, contentChanges });
  change(2, { range: { start: at(1, bytes('  "image": "débian')), end: at(1, bytes('  "image": "débian😀')) }, text: ":12" });
  change(
    3,
    { range: { start: at(1, bytes('  "image": "débian:12",')), end: at(1, bytes('  "image": "débian:12",')) }, text: '\n  "privileged": true' },
    { range: { start: at(2, 0), end: at(2, 0) }, text: "  // ü\n" },
  );
  const shown = await client.published(`${uri}/${config}`, (params) => params.version === 3);
  const { range } = shown.diagnostics.find((one) => one.code.includes("privileged-container"));
  assert.deepEqual(range, { start: at(3, 2), end: at(3, 20) });
  await client.stop();
});

test("a thousand quick edits leave no stale diagnostics", async () => {
  const { client, uri, open, document } = await opened("open");
  open(config, "{}");
  for (let version = 2; version <= 1001; version += 1) {
    const text = version % 2 === 0 ? '{ "privileged": true }' : '{ "image": "debian:12" }';
    client.notify("textDocument/didChange", {
      textDocument: { ...document(config), version },
      contentChanges: [{ text }],
    });
  }
  const last = await client.published(`${uri}/${config}`, (params) => params.version === 1001);
  assert.ok(last.diagnostics.every((one) => !one.code.includes("privileged-container")));
  const shown = client.published(`${uri}/${config}`);
  client.notify("textDocument/didClose", { textDocument: document(config) });
  assert.ok((await shown).diagnostics.some((one) => one.code.includes("privileged-container")), "the file counts again");
  const gone = await client.request("textDocument/hover", { textDocument: document("nowhere.json"), position: { line: 0, character: 0 } });
  assert.equal(gone, null);
  await client.stop();
});

test("diagnostics of a file of a thousand lines, and how long they take", async () => {
  const { client, uri, open } = await opened("open");
  const lines = Array.from({ length: 1_000 }, (_, line) => `  "key${line}": ${line},`);
  const text = ["{", ...lines, '  "privileged": true', "}"].join("\n");
  const shown = client.published(`${uri}/${config}`, (params) => params.version === 1);
  const began = performance.now();
  open(config, text);
  const { diagnostics } = await shown;
  const took = performance.now() - began;
  assert.ok(diagnostics.some((one) => one.range.start.line === 1_001));
  console.log(`# diagnostics of 1 000 lines: ${took.toFixed(0)} ms with the pause of 120 ms`);
  await client.stop();
});

/** The text after edits whose columns count as `encoding` says. */
function edited(text, edits, encoding) {
  const offset = ({ line, character }) => {
    const lines = text.split(/(?<=\n)/);
    const before = lines.slice(0, line).join("");
    const own = lines[line] ?? "";
    const of = encoding === "utf-8" ? Buffer.from(own).subarray(0, character).toString() : own.slice(0, character);
    return before.length + of.length;
  };
  assert.equal(edits.length, 1);
  const [{ range, newText }] = edits;
  return text.slice(0, offset(range.start)) + newText + text.slice(offset(range.end));
}

test("fixes of a Compose file and of a policy keep every other byte", async () => {
  for (const [capabilities, encoding] of [[utf8, "utf-8"], [{}, "utf-16"]]) {
    const { client, folder, uri, document, open } = await opened("compose", capabilities);
    const compose = ".devcontainer/compose.yaml";
    const text = readFileSync(join(folder, compose), "utf8").replaceAll("\n", "\r\n");
    const shown = client.published(`${uri}/${compose}`, (params) => params.version === 1);
    open(compose, text);
    const { diagnostics } = await shown;
    const offered = async (rule) => {
      const { range } = diagnostics.find((one) => one.code.includes(rule));
      const context = { diagnostics: [], only: ["quickfix"] };
      const actions = await client.request("textDocument/codeAction", { textDocument: document(compose), range, context });
      return actions.map(({ title, isPreferred, edit: { documentChanges: [{ textDocument, edits }] } }) => {
        assert.deepEqual([isPreferred, textDocument.version], [false, 1], "a person may rely on it");
        return [title, edited(text, edits, encoding)];
      });
    };
    const socket = "- /var/run/docker.sock:/var/run/docker.sock # ünder";
    assert.deepEqual(await offered("docker-socket-mounted"), [["Remove the mount", text.replace(socket, "# ünder")]]);
    const [[title, narrowed], ...others] = await offered("port-on-all-interfaces");
    assert.deepEqual([title, others], ["Publish for this machine only", []], "two findings of a range have one fix");
    assert.equal(narrowed, text.replace("9090-9091", "127.0.0.1:9090-9091"));
    assert.deepEqual(await offered("host-namespace"), [], "what is merged into a service is in others too");

    const before = readFileSync(join(folder, policy), "utf8");
    const [all] = await client.request("textDocument/codeAction", {
      textDocument: document(policy),
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
      context: { diagnostics: [], only: ["source.fixAll"] },
    });
    const after = edited(before, all.edit.documentChanges[0].edits, encoding);
    assert.doesNotMatch(after, /old\.example|root-user/);
    assert.match(after, /"mode": "observe", \/\/ ünïcode 😀/);
    assert.match(after, /\/\/ ended/);
    writeFileSync(join(folder, policy), after);
    const check = await client.request("drawbridge/audit", {});
    const left = check.problems.filter((one) => one.file === policy).map((one) => one.rule);
    assert.deepEqual(left, ["policy-not-enforced"]);
    await client.stop();
  }
});

test("completion and hovers in a policy", async () => {
  const { client, document } = await opened("policy");
  const textDocument = document(policy);
  const text = readFileSync(join(fixtures, "policy", policy), "utf8").split("\n");
  const line = text.findIndex((one) => one.includes('"use"'));
  const position = { line, character: text[line].indexOf('""') + 1 };
  const items = await client.request("textDocument/completion", { textDocument, position });
  const maven = items.find((item) => item.label === "maven");
  assert.deepEqual(maven.textEdit, {
    range: { start: { line, character: position.character - 1 }, end: { line, character: position.character + 1 } },
    newText: '"maven"',
  });
  const hover = await client.request("textDocument/hover", {
    textDocument,
    position: { line, character: text[line].indexOf("npm") },
  });
  assert.match(hover.contents.value, /^\*\*npm\*\*/);
  await client.stop();
});

test("completion of the options of our Feature", async () => {
  const { client, document, open } = await opened("open");
  const text = '{ "features": { "registry.example/é😀/drawbridge:1": { "" } } }';
  open(config, text);
  const at = (character) => ({ line: 0, character });
  const start = text.indexOf('""');
  const items = await client.request("textDocument/completion", { textDocument: document(config), position: at(start + 1) });
  assert.deepEqual(items.map((item) => item.label).sort(), ["ca", "confine", "ssh", "watch"]);
  const { range, newText } = items.find((item) => item.label === "confine").textEdit;
  assert.deepEqual([range, newText], [{ start: at(start), end: at(start + 2) }, '"confine"']);
  await client.stop();
});

test("protect by command: asks, writes, is undone", async () => {
  const { client, folder, uri } = await opened("policy");
  rmSync(join(folder, ".devcontainer/drawbridge"), { recursive: true });
  const before = readFileSync(join(folder, config), "utf8");
  const run = (command) => client.request("workspace/executeCommand", { command, arguments: [] });
  client.answers.set("window/showMessageRequest", () => ({ title: "Cancel" }));
  await run("drawbridge.protect");
  assert.equal(readFileSync(join(folder, config), "utf8"), before);
  client.answers.set("window/showMessageRequest", ({ actions }) => actions[0]);
  const worst = ({ channels }) => channels.find((one) => one.id === "egress").worst;
  const changed = client.event(
    (message) => message.method === "drawbridge/bridgeChanged" && worst(message.params) !== "high",
  );
  await run("drawbridge.protect");
  assert.notEqual(readFileSync(join(folder, config), "utf8"), before);
  client.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: `${uri}/${config}`, type: 2 }] });
  await changed;
  await run("drawbridge.undo");
  assert.equal(readFileSync(join(folder, config), "utf8"), before);
  await client.stop();
});

test("protect by command asks which configuration and once for each code of losses", async () => {
  const { client, folder } = await opened("open");
  const socket = '"source=/var/run/docker.sock,target=/var/run/docker.sock,type=bind"';
  const open = readFileSync(join(folder, config), "utf8");
  const another = open.replace(socket, `${socket}, "source=/run/docker.sock,target=/second.sock,type=bind"`);
  assert.notEqual(another, open);
  writeFileSync(join(folder, config), another);
  const second = ".devcontainer/second/devcontainer.json";
  mkdirSync(join(folder, ".devcontainer/second"));
  writeFileSync(join(folder, second), '{ "image": "debian:12" }');
  const read = (file) => readFileSync(join(folder, file), "utf8");
  const before = [read(config), read(second)];
  const run = () => client.request("workspace/executeCommand", { command: "drawbridge.protect", arguments: [] });
  const asked = [];
  const answer = (...titles) =>
    client.answers.set("window/showMessageRequest", ({ message }) => {
      asked.push(message);
      return { title: titles.shift() };
    });
  answer("Cancel");
  await run();
  answer(config, "Go on without it", "Cancel");
  await run();
  assert.deepEqual([read(config), read(second)], before, "not every loss was accepted");
  assert.deepEqual(asked.map((message) => message.split(/ cannot |\?/)[0]), [
    "Which dev container does Drawbridge protect",
    "Which dev container does Drawbridge protect",
    "privileged",
    "mounts /var/run/docker.sock, mounts /run/docker.sock",
  ]);
  assert.match(asked.at(-1), /^[^:]+ cannot be protected as they are: [^;]+$/, "one reason is said once");
  answer(config, "Go on without it", "Go on without it", "Write");
  await run();
  assert.notEqual(read(config), before[0]);
  assert.equal(read(second), before[1]);
  await client.request("workspace/executeCommand", { command: "drawbridge.undo", arguments: [] });
  const chosen = await client.request("drawbridge/choose", { file: second });
  assert.deepEqual(chosen.map((one) => one.chosen), [false, true]);
  answer("Write");
  await run();
  assert.deepEqual([read(config), read(second) === before[1]], [before[0], false], "what was chosen is not asked for");
  await client.stop();
});

test("requests that cannot be met are errors with code and hint", async () => {
  const { client } = await opened("open");
  await assert.rejects(client.request("drawbridge/protect", {}), (error) => {
    assert.equal(error.code, -32803);
    assert.equal(error.data.code, "refused");
    assert.match(error.data.hint, /--accept-loss/);
    return true;
  });
  await assert.rejects(client.request("drawbridge/protect", { options: { level: "all" } }), { code: -32602 });
  await assert.rejects(client.request("drawbridge/audit", { folder: "file:///nowhere" }), { code: -32602 });
  await assert.rejects(client.request("drawbridge/nothing", {}), { code: -32601 });
  await client.stop();
});

const linux = { skip: process.platform !== "linux" };

test("a folder has one feed of its gate, until the gate or the client ends it", linux, async () => {
  const gates = new Gates(home);
  const { client, folder } = await opened("policy", {}, { PATH: gates.path });
  rmSync(join(folder, ".devcontainer/drawbridge"), { recursive: true });
  const { digest } = await client.request("drawbridge/protect", {});
  gates.add("gate", folder, (await client.request("drawbridge/apply", { digest })).files);
  const heard = [];
  client.onEvent((event) => heard.push(event.kind === "blocked" ? event.blocked.host : event.kind));
  const followed = async () => {
    assert.equal(await client.request("drawbridge/follow", {}), true);
    return gates.feeds("gate").at(-1);
  };
  const hears = async (feed, host) => {
    gates.deny(feed, host);
    await until(`${host} is told`, () => heard.at(-1) === host);
  };
  const gone = (feed) => until("the feed's process is gone", () => !lives(feed));

  assert.equal(await client.request("drawbridge/unfollow", {}), false, "there is none");
  const first = await followed();
  await hears(first, "first.example");
  const second = await followed();
  await gone(first);
  await hears(second, "second.example");
  assert.equal(await client.request("drawbridge/unfollow", {}), true);
  await gone(second);
  assert.equal(await client.request("drawbridge/unfollow", {}), false);
  const third = await followed();
  await hears(third, "third.example");
  assert.deepEqual(heard, ["first.example", "second.example", "third.example"], "an end that was asked for is not told");
  process.kill(third);
  await until("the gate's end is told", () => heard.at(-1) === "ended");
  assert.equal(await client.request("drawbridge/unfollow", {}), false);

  const hold = gates.hold();
  const opening = client.request("drawbridge/follow", {});
  await until("a feed is being opened", () => gates.feeds("gate").length > 3);
  assert.equal(await client.request("drawbridge/unfollow", {}), true);
  assert.equal(await opening, false);
  writeFileSync(hold, "\n");
  await gone(gates.feeds("gate").at(-1));
  const cancelled = client.request("drawbridge/follow", {});
  await until("another is being opened", () => gates.feeds("gate").length > 4);
  client.notify("$/cancelRequest", { id: cancelled.id });
  await assert.rejects(cancelled, { code: -32800 });
  writeFileSync(hold, "\n");
  await gone(gates.feeds("gate").at(-1));
  await client.stop();
});

test("ports of the editor that started the server are seen", linux, async () => {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `127.0.0.1:${server.address().port}`;
  try {
    const { client } = await opened("open");
    const seen = async (live) =>
      (await client.request("drawbridge/audit", { live })).listeners.filter((one) => one.address === address);
    assert.deepEqual(await seen(true), [{ editor: "a test", address, local: true }]);
    assert.deepEqual(await seen(false), []);
    await client.stop();
  } finally {
    server.close();
  }
});

test("a request can be cancelled", async () => {
  const { client, open } = await opened("open");
  // An audit that takes longer than reading one more message.
  open(config, `{${Array.from({ length: 3_000 }, (_, key) => `"key${key}": 1`).join(",\n")}}`);
  await assert.rejects(client.cancelled("drawbridge/audit", {}), { code: -32800 });
  await client.stop();
});

test("the exit code tells an orderly end from others", async () => {
  const orderly = await opened("policy");
  assert.equal(await orderly.client.stop(), 0);
  const abrupt = await opened("policy");
  abrupt.client.notify("exit");
  assert.equal(await abrupt.client.exited, 1);
  const dead = await opened("policy");
  dead.client.hangUp();
  assert.equal(await dead.client.exited, 1);
});
