-- Seedling for Neovim 0.12 and newer: starts the language server and maps the keys. See doc/seedling.txt.
local M = {}

local name = 'seedling'
local root = vim.fs.normalize(vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p:h:h:h'))
local defaults = {
  cmd = nil, -- the server's command line, found by itself when left out
  filetypes = {
    'python', 'c', 'cpp', 'javascript', 'javascriptreact', 'typescript', 'typescriptreact', 'go', 'rust', 'java',
  },
  root_markers = { '.git', 'pyproject.toml', 'package.json', 'compile_commands.json', 'go.mod', 'Cargo.toml' },
  keys = { accept = '<Tab>', next = '<M-]>', previous = '<M-[>', ask = '<M-\\>', code_action = 'gra' },
  settings = {}, -- the names of the VS Code settings without "seedling."
}

local function tell(text, level) vim.notify('Seedling: ' .. text, level or vim.log.levels.INFO) end

local function find_command(options)
  if options.cmd then return vim.fn.executable(options.cmd[1]) == 1 and options.cmd or nil end
  for _, binary in ipairs({ 'seedling', vim.fs.normalize(root .. '/../../build/release/bin/seedling') }) do
    if vim.fn.executable(binary) == 1 then
      local cmd = { binary, 'lsp', options.settings.shareEngine == false and '--no-share' or '--stdio' }
      for _, option in ipairs({ 'model', 'device' }) do
        local value = options.settings[option]
        if value and value ~= '' then vim.list_extend(cmd, { '--' .. option, value }) end
      end
      return cmd
    end
  end
end

--- Code actions for the cursor or the selection, with the diagnostics of all tools, not of this server alone.
function M.code_action(options)
  local first, last = vim.fn.line('.') - 1, vim.fn.line('v') - 1
  local found = {}
  for line = math.min(first, last), math.max(first, last) do
    vim.list_extend(found, vim.diagnostic.get(0, { lnum = line }))
  end
  local context = { diagnostics = vim.lsp.diagnostic.from(found) }
  vim.lsp.buf.code_action(vim.tbl_deep_extend('force', { context = context }, options or {}))
end

-- What the key did before, where no completion is shown: Neovim's own <Tab> jumps in snippets, others map it too.
local function accept_or(key, before)
  return function()
    if require('seedling.ghost').accept() then return '' end
    if not before.callback then return before.rhs or key end
    if before.expr == 1 then return before.callback() end
    vim.schedule(before.callback)
    return ''
  end
end

local function map_keys(bufnr, keys)
  local ghost = require('seedling.ghost')
  local function map(modes, key, action, desc, expr)
    if key then vim.keymap.set(modes, key, action, { buffer = bufnr, expr = expr, desc = 'Seedling: ' .. desc }) end
  end
  local before = keys.accept and vim.fn.maparg(keys.accept, 'i', false, true) or {}
  if before.desc ~= 'Seedling: accept' then map('i', keys.accept, accept_or(keys.accept, before), 'accept', true) end
  map('i', keys.next, function() ghost.cycle(1) end, 'next alternative')
  map('i', keys.previous, function() ghost.cycle(-1) end, 'previous alternative')
  map('i', keys.ask, function() ghost.ask() end, 'ask for completions')
  map({ 'n', 'x' }, keys.code_action, function() M.code_action() end, 'code actions for the diagnostics of all tools')
end

local function switch(is_on)
  vim.lsp.enable(name, is_on)
  tell(is_on and 'on' or 'off')
end

-- Asked for by hand, completions come all the same.
local function snooze(minutes)
  local client = vim.lsp.get_clients({ name = name })[1]
  if not client then return tell('not running', vim.log.levels.WARN) end
  local command = { command = 'seedling.snooze', arguments = minutes and { tonumber(minutes) or minutes } or nil }
  client:request('workspace/executeCommand', command, function(err, result)
    if err then return tell(err.message, vim.log.levels.ERROR) end
    tell(result == 0 and 'awake' or ('no completions while typing for %d minutes'):format(result))
  end)
end

local commands = {
  snooze = snooze,
  enable = function() switch(true) end,
  disable = function() switch(false) end,
  toggle = function() switch(not vim.lsp.is_enabled(name)) end,
  status = function()
    local is_running = #vim.lsp.get_clients({ name = name }) > 0
    local is_here = #vim.lsp.get_clients({ name = name, bufnr = 0 }) > 0
    tell(table.concat({
      vim.lsp.is_enabled(name) and 'on' or 'off',
      is_running and 'running' or 'not running',
      is_here and 'serves this buffer' or 'does not serve this buffer',
      table.concat(vim.lsp.config[name].cmd, ' '),
    }, ', '))
  end,
}

local function run_command(command)
  local run = commands[command.fargs[1] or 'status']
  if not run then return tell('there are status, enable, disable, toggle and snooze', vim.log.levels.ERROR) end
  run(command.fargs[2])
end

function M.setup(given)
  if vim.fn.has('nvim-0.12') == 0 then return tell('Neovim 0.12 or newer is needed', vim.log.levels.ERROR) end
  local options = vim.tbl_deep_extend('force', defaults, given or {})
  local cmd = find_command(options)
  if not cmd then
    local missing = ('the server "%s" is missing: build it with ./scripts/demo or name it with setup({ cmd = { ... } })')
    return tell(missing:format(options.cmd and options.cmd[1] or name), vim.log.levels.ERROR)
  end
  vim.lsp.config(name, {
    cmd = cmd,
    filetypes = options.filetypes,
    root_markers = options.root_markers,
    init_options = { seedling = options.settings },
    settings = { seedling = options.settings },
    on_init = function(client) require('seedling.ghost').watch(client) end,
    on_attach = function(_, bufnr)
      vim.lsp.inline_completion.enable(true, { bufnr = bufnr })
      map_keys(bufnr, options.keys)
    end,
  })
  local complete = function() return vim.tbl_keys(commands) end
  vim.api.nvim_create_user_command('Seedling', run_command, { nargs = '*', complete = complete })
  vim.lsp.enable(name)
end

return M
