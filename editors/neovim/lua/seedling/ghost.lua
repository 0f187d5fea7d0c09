-- What vim.lsp.inline_completion lacks: asking for alternatives, and accepting after more was typed.
local M = {}

local name, method = 'seedling', 'textDocument/inlineCompletion'
local questions = {} -- by buffer: Neovim's own handler of answers, and how the newest answer was asked for
local early = {} -- by buffer: what was asked for before the first answer, whose handler it needs

local function is_invoked(params)
  return params.context.triggerKind == vim.lsp.protocol.InlineCompletionTriggerKind.Invoked
end

-- Neovim's handler is kept, so that ask() can put alternatives in the same place.
function M.watch(client)
  local request = client.request
  client.request = function(self, asked, params, handler, bufnr)
    if asked ~= method then return request(self, asked, params, handler, bufnr) end
    return request(self, asked, params, function(err, result, context)
      if result then
        questions[bufnr] = {
          handler = is_invoked(params) and questions[bufnr].handler or handler,
          column = params.position.character,
          has_alternatives = is_invoked(params),
        }
      end
      handler(err, result, context)
      local wanted = result and early[bufnr]
      if not wanted then return end
      early[bufnr] = nil
      if vim.api.nvim_get_current_buf() == bufnr and vim.b.changedtick == wanted.tick then M.ask(wanted.count) end
    end, bufnr)
  end
end

--- Asks for several completions at the cursor, also when the trigger is "manual"; shows the one `count` further.
function M.ask(count)
  local bufnr, tick = vim.api.nvim_get_current_buf(), vim.b.changedtick
  local client, question = vim.lsp.get_clients({ name = name, bufnr = bufnr })[1], questions[bufnr]
  if not client then return end
  if not question then
    early[bufnr] = { tick = tick, count = count }
    return
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = vim.lsp.protocol.InlineCompletionTriggerKind.Invoked }
  client:request(method, params, function(...)
    if vim.api.nvim_buf_get_changedtick(bufnr) ~= tick then return end
    question.handler(...)
    if count then vim.lsp.inline_completion.select({ bufnr = bufnr, count = count }) end
  end, bufnr)
end

--- Shows the alternative `count` further; fetches the alternatives first where there is only the automatic one.
function M.cycle(count)
  local question = questions[vim.api.nvim_get_current_buf()]
  if not (question and question.has_alternatives) then return M.ask(count) end
  vim.lsp.inline_completion.select({ count = count })
end

-- Neovim inserts an item as it was when it was computed; what was typed since then stands there already
-- (neovim#36529), so the insertion is our own and replaces that too.
local function insert(item)
  local client, range, text = vim.lsp.get_client_by_id(item.client_id), item.range, item.insert_text
  if not client or client.name ~= name or not range or type(text) ~= 'string' then return item end
  local row, first, _, last = range:to_extmark()
  local cursor = vim.api.nvim_win_get_cursor(0)
  local typed = vim.api.nvim_get_current_line():sub(first + 1, cursor[2])
  if cursor[1] - 1 ~= row or cursor[2] < first or not vim.startswith(text, typed) then return end
  last = math.max(last + cursor[2] - questions[vim.api.nvim_get_current_buf()].column, cursor[2])
  local lines = vim.split(text, '\n')
  vim.api.nvim_buf_set_text(0, row, first, row, last, lines)
  vim.api.nvim_win_set_cursor(0, { row + #lines, (#lines == 1 and first or 0) + #lines[#lines] })
  if item.command then client:exec_cmd(item.command) end
end

--- True when a completion is shown and will be inserted.
function M.accept() return vim.lsp.inline_completion.get({ on_accept = insert }) end

return M
