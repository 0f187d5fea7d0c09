-- Starts a second Neovim, types into it and looks at it. For tests; see neovim_scripted.lua.
--   Every wait is for something that is observed, with a limit; a failed expectation raises an error.
local M = {}
local source = assert(vim.env.SEEDLING_SOURCE, 'run by tests/editors/neovim_test')
local limit_ms = 10000

local Editor = {}
Editor.__index = Editor

-- options: what setup() gets. lines: the buffer's text; file: its name, which decides the language.
function M.open(options, file, lines)
  local argv = { vim.env.SEEDLING_NVIM, '--embed', '--headless', '-u', 'NONE', '-i', 'NONE', '--cmd', 'set noswapfile' }
  local self = setmetatable({ channel = vim.fn.jobstart(argv, { rpc = true }) }, Editor)
  assert(self.channel > 0, 'Neovim could not be started')
  self:lua([[
    local source, options, file, lines = ...
    vim.opt.runtimepath:append(source .. '/editors/neovim')
    vim.cmd('filetype on')
    vim.fn.writefile(lines, file)
    require('seedling').setup(options)
    vim.cmd.edit(file)
  ]], source, options, file, lines)
  return self
end

function Editor:close()
  pcall(vim.rpcnotify, self.channel, 'nvim_command', 'qa!')
  assert(vim.fn.jobwait({ self.channel }, limit_ms)[1] ~= -1, 'Neovim does not end')
end

function Editor:lua(code, ...) return vim.rpcrequest(self.channel, 'nvim_exec_lua', code, { ... }) end

function Editor:input(keys) vim.rpcrequest(self.channel, 'nvim_input', keys) end

function Editor:lines() return table.concat(self:lua('return vim.api.nvim_buf_get_lines(0, 0, -1, true)'), '\n') end

-- The ghost text as it would be inserted, the count of alternatives apart: text, hint. "" when nothing is shown.
function Editor:ghost()
  return unpack(self:lua([[
    local space = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')
    local mark = vim.api.nvim_buf_get_extmarks(0, space, 0, -1, { details = true })[1]
    if not mark then return { '', '' } end
    local text, hint = {}, ''
    for _, line in ipairs({ mark[4].virt_text, unpack(mark[4].virt_lines or {}) }) do
      table.insert(text, line[1][1])
      if line[2] then hint = vim.trim(line[2][1]) end
    end
    return { table.concat(text, '\n'), hint }
  ]]))
end

-- Row `row` of the screen as a person sees it.
function Editor:screen(row)
  return self:lua([[
    vim.cmd.redraw()
    local cells = {}
    for column = 1, vim.o.columns do table.insert(cells, vim.fn.screenstring(..., column)) end
    return (table.concat(cells):gsub('%s+$', ''))
  ]], row)
end

function Editor:messages() return self:lua([[return vim.api.nvim_exec2('messages', { output = true }).output]]) end

-- Whether a completion was asked for and is not answered yet.
function Editor:is_asking()
  return self:lua([[
    for _, client in ipairs(vim.lsp.get_clients({ name = 'seedling' })) do
      for _, request in pairs(client.requests) do
        if request.type == 'pending' and request.method == 'textDocument/inlineCompletion' then return true end
      end
    end
    return false
  ]])
end

-- Completions answered so far.
function Editor:answers() return self:lua('return _G.answers or 0') end

function Editor:count_answers()
  self:lua([[
    _G.answers = 0
    vim.api.nvim_create_autocmd('LspRequest', { callback = function(event)
      local request = event.data.request
      if request.type == 'complete' and request.method == 'textDocument/inlineCompletion' then
        _G.answers = _G.answers + 1
      end
    end })
  ]])
end

function Editor:is_attached() return self:lua([[return #vim.lsp.get_clients({ name = 'seedling', bufnr = 0 }) == 1
    and vim.lsp.get_clients({ name = 'seedling' })[1].initialized == true]]) end

-- What another tool found: `word` of line `line` (from 1), with its message.
function Editor:diagnose(line, word, message)
  self:lua([[
    local line, word, message = ...
    local first, last = vim.fn.getline(line):find(word, 1, true)
    vim.diagnostic.set(vim.api.nvim_create_namespace('another-tool'), 0, { {
      lnum = line - 1, col = first - 1, end_lnum = line - 1, end_col = last,
      message = message, source = 'another-tool', severity = vim.diagnostic.severity.ERROR,
    } })
  ]], line, word, message)
end

-- The next menu is recorded and answered with the entry that starts with `title`; without one, with none.
function Editor:answer_menu(title)
  self:lua([[
    local title = ...
    _G.menu = nil
    vim.ui.select = function(items, options, on_choice)
      _G.menu = vim.tbl_map(options.format_item, items)
      for i, text in ipairs(_G.menu) do
        if title and vim.startswith(text, title) then return on_choice(items[i], i) end
      end
      on_choice(nil)
    end
  ]], title)
end

function Editor:menu() return self:lua('return _G.menu') end

function M.expect(what, actual, expected)
  if vim.deep_equal(actual, expected) then return print(('  ok    %s'):format(what)) end
  error(('%s\n  expected %s\n  but saw  %s'):format(what, vim.inspect(expected), vim.inspect(actual)), 0)
end

-- Waits until `look` returns what is expected.
function M.await(what, look, expected, milliseconds)
  local seen
  vim.wait(milliseconds or limit_ms, function()
    seen = look()
    return vim.deep_equal(seen, expected)
  end, 10)
  M.expect(what, seen, expected)
end

-- Runs the cases in order of their names; ends the process with 1 if one fails.
function M.run(cases)
  local failed_count = 0
  local names = vim.tbl_keys(cases)
  table.sort(names)
  for _, name in ipairs(names) do
    print(name)
    local is_good, problem = xpcall(cases[name], function(raised)
      return type(raised) == 'string' and not raised:find('\n  expected') and debug.traceback(raised) or raised
    end)
    if not is_good then
      failed_count = failed_count + 1
      print('  FAILED ' .. tostring(problem))
    end
  end
  print(('%d of %d cases hold'):format(#names - failed_count, #names))
  io.stderr:write('\n')
  os.exit(failed_count == 0 and 0 or 1)
end

return M
