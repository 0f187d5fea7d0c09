-- The plugin in a real Neovim against the product with its model. Argument: the built `seedling`.
--   What a model writes is not known beforehand: demanded is that each way from a key to a changed buffer works for
--   some of a few everyday texts. SEEDLING_MODEL names another model folder than the shipped one.
package.path = vim.fs.dirname(arg[0]) .. '/?.lua;' .. package.path
local driver = require('neovim_driver')
local expect, await = driver.expect, driver.await

local model = vim.env.SEEDLING_MODEL or (vim.env.SEEDLING_SOURCE .. '/models')
if not vim.uv.fs_stat(model .. '/model.safetensors') then
  print('there is no model in ' .. model .. ': nothing to try')
  os.exit(77)
end
local server = { arg[1], '--model', model, 'lsp', '--stdio' }
local ghost_limit_ms, edit_limit_ms = 5000, 60000

-- No latency budget: other tests may have the processors now. And all that is found is shown, sure or not.
local function open(file, lines)
  local editor = driver.open({ cmd = server, settings = { latencyBudgetMs = 0, minConfidence = 0 } }, file, lines)
  await('the server serves ' .. file, function() return editor:is_attached() end, true)
  return editor
end

local prompts = {
  { file = 'shapes.py', lines = { 'import math', '', '', 'def circle_area(radius):', '    return math.pi * radius ** 2', '', '' },
    keys = 'Godef circle_perimeter(' },
  { file = 'words.py', lines = { 'def longest(words):', '    best = ""', '    for word in words:', '    return best' },
    keys = '3Goif len(word) > ' },
  { file = 'stack.cpp', lines = { '#include <vector>', 'int sum(const std::vector<int>& values) {', '  int total = 0;', '}' },
    keys = '3Gofor (int value : ' },
  { file = 'read.js', lines = { "const fs = require('fs');", '' }, keys = 'Gofunction readLines(path) {<CR>return fs.' },
}

local repairs = {
  { file = 'colon.py', lines = { 'def total(values)', '    return sum(values)', '' }, at = { 1, ')' }, message = "expected ':'" },
  { file = 'bracket.py', lines = { 'def total(values):', '    return sum(values', '' }, at = { 2, '(' }, message = "'(' was never closed" },
  { file = 'name.py', lines = { 'def total(values):', '    result = sum(values)', '    return resutl', '' },
    at = { 3, 'resutl' }, message = "undefined name 'resutl'" },
  { file = 'word.py', lines = { 'def total(values):', '    retrun sum(values)', '' }, at = { 2, 'retrun' }, message = 'invalid syntax' },
}

local cases = {}

cases['1. ghost text while typing'] = function()
  local shown_count = 0
  for _, prompt in ipairs(prompts) do
    local editor = open(prompt.file, prompt.lines)
    editor:input(prompt.keys)
    local before, ghost = '', ''
    vim.wait(ghost_limit_ms, function()
      before, ghost = editor:lines(), (editor:ghost())
      return ghost ~= ''
    end, 20)
    print(('  %s: %s'):format(prompt.file, ghost == '' and 'nothing is shown' or vim.inspect(ghost)))
    if ghost ~= '' then
      shown_count = shown_count + 1
      editor:input('<Tab>')
      await('<Tab> inserts what was shown', function() return #editor:lines() - #before end, #ghost)
    end
    editor:close()
  end
  expect('some prompt brings ghost text', shown_count > 0, true)
end

-- Chooses the action and waits until the buffer is changed or the server said why not. True when it was changed.
local function act(editor, keys, title)
  local before, told = editor:lines(), nil
  editor:answer_menu(title)
  editor:input(keys)
  vim.wait(edit_limit_ms, function()
    told = editor:messages():match('Seedling changes nothing[^\n]*') or editor:messages():match('No code actions available')
    return told or editor:lines() ~= before
  end, 20)
  local is_changed = editor:lines() ~= before
  print('  ' .. (is_changed and editor:lines():gsub('\n', '\n  ') or told or 'no answer; the menu: ' .. vim.inspect(editor:menu())))
  return is_changed
end

cases['2. fix a diagnostic of another tool'] = function()
  local fixed_count = 0
  for _, repair in ipairs(repairs) do
    local editor = open(repair.file, repair.lines)
    editor:diagnose(repair.at[1], repair.at[2], repair.message)
    if act(editor, repair.at[1] .. 'Ggra', 'Fix: ') then fixed_count = fixed_count + 1 end
    editor:close()
  end
  print(('  %d of %d changed'):format(fixed_count, #repairs))
  expect('some diagnostic is answered with a change', fixed_count > 0, true)
end

cases['3. extract a variable'] = function()
  local editor = open('price.py', { 'def price(amount, rate):', '    return round(amount * (1 + rate), 2)', '' })
  expect('it changes the buffer', act(editor, '2G0f(lvf)gra', 'Extract variable'), true)
  expect('by one line', select(2, editor:lines():gsub('\n', '')), 3)
  expect('and the expression stands there once', select(2, editor:lines():gsub('amount %* %(1 %+ rate%)', '')), 1)
  editor:close()
end

cases['4. alternatives that are asked for'] = function()
  local editor = open('shapes.py', prompts[1].lines)
  -- Before typing is answered, too.
  editor:input('Godef circle_perimeter(<M-Bslash>')
  await('some completion is shown', function() return (editor:ghost()) ~= '' end, true)
  local first, count = (editor:ghost()), nil
  editor:input('<M-]>')
  vim.wait(ghost_limit_ms, function()
    count = select(2, editor:ghost()):match('^%(2/(%d+)%)$')
    return count ~= nil
  end, 20)
  expect('the second of several is shown', count ~= nil, true)
  local second = editor:ghost()
  expect('it is another one', second ~= first, true)
  local before = editor:lines()
  editor:input('<Tab>')
  await('<Tab> inserts it', function() return editor:lines() end, before .. second)
  editor:close()
end

driver.run(cases)
