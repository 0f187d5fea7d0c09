-- Records somebody typing in a real Neovim: what its LSP client tells a server, when, and where the cursor is then.
--   nvim -l cli/bench/typing/record.lua FOLDER    writes FOLDER/orders.jsonl and FOLDER/basket.jsonl, in real time
--   The keys below are pressed one by one by a seeded hand, as hands press them: log-normal times, longer between words
--   and at line ends, pauses where "{700}" says so. Indenting, closing brackets, undo and every edit are Neovim's.
--   A line of a recording is {"ms", "edits": [[line, character, line, character, text], ...], "cursor"}: edits of the
--   file of the same name beside this one. Positions count from 0, and everything is ASCII. Without "cursor" nobody is
--   writing then.
local rhythm = { key_ms = 165, spread = 0.38, word_ms = 110, line_ms = 650, least_ms = 40, most_ms = 1800 }

local sessions = {
  {
    name = 'orders', file = 'orders.py', line = 22, seed = 20261125,
    keys = [==[
A{900}<CR><CR>def {250}add(self, nmae<BS><BS><BS>{300}ame, price, count=1):{400}<CR>
self.items.append(Item(name, price, count)){800}<CR><CR>
<BS>{350}def total(self):<CR>
return sum(item.total() for itme<BS><BS>em in self.items)<CR>{1200}<CR>
def send(self):{500}<CR>
if self.is_snet<BS><BS><BS>ent:<CR>
raise ValueErorr<BS><BS><BS>ror(f"the order of {self.customer} was sent already"){900}<CR>
self.is_sent = True<CR>{700}<CR>
<BS>def most_expensive(self):<CR>
best = self.items[0]<Esc>{600}u{250}u{700}A:<CR>best = None<CR>
for item in self.items:<CR>
if best is None or item.total() > best.total():<CR>
best = item<CR><BS><BS>return best<Esc>
]==],
  },
  {
    name = 'basket', file = 'basket.ts', line = 17, seed = 20261126,
    keys = [==[
o{700}<CR>add(product: Prodcut<BS><BS><BS>uct, count = 1): void {<CR>
const entry = this.entries.get(product.id);{500}<CR>
if (entry) {<CR>
entry.count += count;<Down> else {<CR>
this.entries.set(product.id, { product, count });<Down><Down>{900}<CR><CR>
total(): number {<CR>
let sum = 0;<CR>
for (const entry of this.entires<BS><BS><BS><BS>ries.values()) {<CR>
sum += entry.product.price * entry.count;<Down><CR>
return sum;<Down>{1100}<CR><CR>
summary(): stirng<BS><BS><BS><BS>ring {<CR>
const lines = [];<Esc>{500}u{250}u{600}oconst lines: string[] = [];<CR>
for (const { product, count } of this.entries.values()) {<CR>
lines.push(`${count} x ${product.title}`);<Down><CR>
lines.push(format(this.total(), this.currency));<CR>
return lines.join("\n");<Esc>
]==],
  },
}

local Hand = {}
Hand.__index = Hand

function Hand:unit()
  self.state = (self.state * 1103515245 + 12345) % 2147483648
  return self.state / 2147483648
end

function Hand:wait_ms(key, last)
  local normal = -6
  for _ = 1, 12 do normal = normal + self:unit() end
  local ms = rhythm.key_ms * math.exp(rhythm.spread * normal)
  if last == '<CR>' then ms = ms + rhythm.line_ms * self:unit() end
  if last == ' ' and key ~= ' ' then ms = ms + rhythm.word_ms * self:unit() end
  return math.floor(math.min(math.max(ms, rhythm.least_ms), rhythm.most_ms))
end

-- In the Neovim that is typed into: the way people set it up, and a client that writes down what it would send.
local prepare = [==[
  local file, lines = ...
  vim.cmd('filetype plugin indent on')
  vim.o.expandtab, vim.o.shiftwidth, vim.o.softtabstop = true, file:match('%.py$') and 4 or 2, -1
  vim.o.autoindent, vim.o.formatoptions, vim.o.swapfile = true, 'tcqj', false
  for open, close in pairs({ ['('] = ')', ['['] = ']', ['{'] = '}' }) do
    vim.keymap.set('i', open, open .. close .. '<Left>')
    vim.keymap.set('i', close, function()
      return vim.api.nvim_get_current_line():sub(vim.fn.col('.'), vim.fn.col('.')) == close and '<Right>' or close
    end, { expr = true })
  end
  -- A line end between braces opens them.
  vim.keymap.set('i', '<CR>', function()
    local before, behind = vim.fn.col('.') - 1, vim.fn.col('.')
    local pair = vim.api.nvim_get_current_line():sub(before, behind)
    return pair == '{}' and '<CR><Esc>O' or '<CR>'
  end, { expr = true })
  vim.fn.writefile(lines, file)
  vim.cmd.edit(file)
  _G.events, _G.edits = {}, {}
  vim.lsp.start({
    name = 'recorder',
    flags = { debounce_text_changes = 0 },
    cmd = function()
      return {
        request = function(method, _, callback)
          local sync = { openClose = true, change = 2 }
          callback(nil, method == 'initialize' and { capabilities = { textDocumentSync = sync, positionEncoding = 'utf-8' } } or nil)
          return true, 1
        end,
        notify = function(method, params)
          if method ~= 'textDocument/didChange' then return true end
          for _, change in ipairs(params.contentChanges) do
            local from, to = change.range.start, change.range['end']
            table.insert(_G.edits, { from.line, from.character, to.line, to.character, change.text })
          end
          return true
        end,
        is_closing = function() return false end,
        terminate = function() end,
      }
    end,
  })
  local begin
  local function flush(is_writing)
    if #_G.edits == 0 then return end
    begin = begin or vim.uv.hrtime()
    local cursor = vim.api.nvim_win_get_cursor(0)
    table.insert(_G.events, {
      ms = math.floor((vim.uv.hrtime() - begin) / 1e6),
      edits = _G.edits,
      cursor = is_writing and { cursor[1] - 1, cursor[2] } or nil,
    })
    _G.edits = {}
  end
  vim.api.nvim_create_autocmd({ 'TextChangedI', 'TextChangedP' }, { callback = function() flush(true) end })
  vim.api.nvim_create_autocmd('TextChanged', { callback = function() flush(false) end })
]==]

local function keys_of(text)
  local keys = {}
  for line in text:gmatch('[^\n]+') do
    local at = 1
    while at <= #line do
      local special = line:match('^<%a+>', at) or line:match('^{%d+}', at)
      local key = special or line:sub(at, at)
      table.insert(keys, key)
      at = at + #key
    end
  end
  return keys
end

-- One event a line, so that people can read it.
local function write(path, events)
  local out = assert(io.open(path, 'w'))
  for _, event in ipairs(events) do
    local cursor = event.cursor and (',"cursor":' .. vim.json.encode(event.cursor)) or ''
    out:write(('{"ms":%d,"edits":%s%s}\n'):format(event.ms, vim.json.encode(event.edits), cursor))
  end
  out:close()
end

local function record(session, folder)
  local work = vim.fn.tempname()
  vim.fn.mkdir(work, 'p')
  local argv = { vim.v.progpath, '--embed', '--headless', '-u', 'NONE', '-i', 'NONE' }
  local channel = vim.fn.jobstart(argv, { rpc = true, cwd = work })
  local function lua(code, ...) return vim.rpcrequest(channel, 'nvim_exec_lua', code, { ... }) end
  lua(prepare, session.file, vim.fn.readfile(vim.fs.dirname(arg[0]) .. '/' .. session.file))
  vim.wait(1000, function() return lua('return #vim.lsp.get_clients({ bufnr = 0 })') == 1 end, 20)
  lua('vim.api.nvim_win_set_cursor(0, { ..., 0 })', session.line)
  local hand, last, due = setmetatable({ state = session.seed }, Hand), '', vim.uv.hrtime()
  for _, key in ipairs(keys_of(session.keys)) do
    local pause = key:match('^{(%d+)}$')
    due = due + (pause and tonumber(pause) or hand:wait_ms(key, last)) * 1e6
    vim.wait(math.max(0, math.floor((due - vim.uv.hrtime()) / 1e6)), function() return false end)
    if not pause then
      vim.rpcrequest(channel, 'nvim_input', key == '<' and '<lt>' or key)
      last = key
    end
  end
  vim.wait(300, function() return false end)
  write(folder .. '/' .. session.name .. '.jsonl', lua('return _G.events'))
  io.write(table.concat(lua('return vim.api.nvim_buf_get_lines(0, 0, -1, true)'), '\n'), '\n')
  pcall(vim.rpcnotify, channel, 'nvim_command', 'qa!')
  vim.fn.jobwait({ channel }, 5000)
end

local folder = assert(arg[1], 'usage: nvim -l cli/bench/typing/record.lua FOLDER')
for _, session in ipairs(sessions) do record(session, folder) end
os.exit(0)
