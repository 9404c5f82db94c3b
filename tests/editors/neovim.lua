-- Runs the set-up of docs/editors.md in Neovim: nvim --headless --clean -l tests/editors/neovim.lua PROJECT
--
-- PROJECT is an empty folder; a configuration with a blank `DISPLAY` is written there. The program `drawbridge` comes from the PATH.
-- Ends with 1 when something is not so.

local project = arg[1]
local page = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p:h:h:h") .. "/docs/editors.md"

local function check(holds, what)
  if not holds then
    io.stderr:write("not so: " .. what .. "\n")
    os.exit(1)
  end
  print("ok: " .. what)
end

local function wait_for(what, condition)
  check(vim.wait(20000, condition, 20), what)
end

vim.fn.mkdir(project .. "/.devcontainer", "p")
vim.fn.writefile({
  "{",
  "  // kept",
  '  "image": "debian:12",',
  '  "remoteEnv": { "DISPLAY": "" }',
  "}",
}, project .. "/.devcontainer/devcontainer.json")

-- The page is the only place of the set-up.
local text = table.concat(vim.fn.readfile(page), "\n")
local setup = text:match("```lua\n(.-)```")
check(setup ~= nil, "the page has a set-up for Neovim")
assert(load(setup))()

vim.cmd("filetype on")
vim.cmd.edit(project .. "/.devcontainer/devcontainer.json")
local buffer = vim.api.nvim_get_current_buf()
local function findings()
  return vim.diagnostic.get(buffer)
end
local function client()
  return vim.lsp.get_clients({ bufnr = buffer, name = "drawbridge" })[1]
end
local function has(code)
  return vim.iter(findings()):find(function(finding)
    return vim.startswith(finding.code, code .. " ")
  end)
end

wait_for("the server runs for devcontainer.json", function()
  return client() ~= nil and client().initialized
end)
check(client().root_dir == vim.uv.fs_realpath(project), "its root is the project")
wait_for("the blank display is found", function()
  return has("DB707")
end)
local found = has("DB707")
check(vim.api.nvim_buf_get_lines(buffer, found.lnum, found.lnum + 1, true)[1]:find("DISPLAY", 1, true), "on its line")

-- Hover: the page of the rule.
vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 20000) or {}
  local answer = answers[client().id] or {}
  check(not answer.err, method .. " is answered")
  return answer.result
end
local place = vim.lsp.util.make_position_params(0, client().offset_encoding)
check(vim.inspect(ask("textDocument/hover", place)):find("display", 1, true), "hover explains the finding")

-- Code action: what a person picks in the list.
vim.lsp.buf.code_action({
  filter = function(action)
    return action.title:find("containerEnv", 1, true) ~= nil
  end,
  apply = true,
})
wait_for("the fix is applied and its finding goes away", function()
  return not has("DB707")
end)
local fixed = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, true), "\n")
check(fixed:find('"containerEnv"', 1, true), "the new key is in the buffer")
check(fixed:find("// kept", 1, true), "the comment is kept")
vim.cmd.undo()
wait_for("after undo it is found again", function()
  return has("DB707")
end)

-- Nothing is written without an answer.
local asked, said
vim.ui.select = function(_, options, answer)
  asked = options.prompt
  answer(nil)
end
vim.fn.confirm = function(question)
  asked = question
  return 0
end
vim.lsp.handlers["window/showMessage"] = function(_, message)
  said = message.message
end
local config = project .. "/.devcontainer/devcontainer.json"
local before = vim.fn.readfile(config)
vim.cmd(text:match("```vim\n:(.-)\n```"))
wait_for("drawbridge.protect asks", function()
  return asked ~= nil and asked:find("Drawbridge writes", 1, true)
end)
wait_for("it says that nothing was written", function()
  return said == "Nothing was written"
end)
check(vim.deep_equal(before, vim.fn.readfile(config)), "the file is as it was")
