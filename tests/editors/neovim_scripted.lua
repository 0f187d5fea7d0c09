-- The plugin in a real Neovim against the scripted server. Arguments: the server's command line.
package.path = vim.fs.dirname(arg[0]) .. '/?.lua;' .. package.path
local driver = require('neovim_driver')
local expect, await = driver.expect, driver.await
local server = vim.list_slice(arg, 1)

-- A buffer that is served. settings: seedling's own.
local function open(lines, settings)
  local editor = driver.open({ cmd = server, settings = settings or vim.empty_dict() }, 'sample.py', lines)
  await('the server serves the buffer', function() return editor:is_attached() end, true)
  return editor
end

local function type_and_see(editor, keys, ghost)
  editor:input(keys)
  await(('%s brings ghost text'):format(keys), function() return (editor:ghost()) end, ghost)
end

local cases = {}

cases['accept inserts exactly what is shown'] = function()
  local editor = open({ '' })
  type_and_see(editor, 'idef area(', 'width, height):\n    return width * height')
  expect('it is on the screen', editor:screen(1), 'def area(width, height):')
  expect('and so is its second line', editor:screen(2), '    return width * height')
  expect('the buffer is untouched', editor:lines(), 'def area(')
  editor:input('<Tab>')
  await('<Tab> inserts it', function() return editor:lines() end, 'def area(width, height):\n    return width * height')
  editor:input('!')
  await('typing goes on behind it', function() return editor:lines() end,
    'def area(width, height):\n    return width * height!')
  expect('the ghost is gone', (editor:ghost()), '')
  editor:close()
end

cases['accept after typing on inserts nothing twice'] = function()
  local editor = open({ '' })
  type_and_see(editor, 'idef area(', 'width, height):\n    return width * height')
  editor:input('wi<Tab>')
  await('typed and accepted at once', function() return editor:lines() end,
    'def area(width, height):\n    return width * height')
  editor:close()
end

cases['accept after typing something else inserts nothing'] = function()
  local editor = open({ '' })
  type_and_see(editor, 'idef area(', 'width, height):\n    return width * height')
  editor:input('x<Tab>y')
  await('only what was typed stands there', function() return editor:lines() end, 'def area(xy')
  await('the ghost goes', function() return (editor:ghost()) end, '')
  expect('nothing came later', editor:lines(), 'def area(xy')
  editor:close()
end

cases['accept outside of ASCII'] = function()
  local editor = open({ '# Größe über alles: 🌱' })
  type_and_see(editor, 'odef perimeter(', 'größe):\n    return 4 * größe')
  editor:input('grö<Tab>')
  await('<Tab> inserts it', function() return editor:lines() end,
    '# Größe über alles: 🌱\ndef perimeter(größe):\n    return 4 * größe')
  editor:close()
end

cases['escape clears'] = function()
  local editor = open({ '' })
  type_and_see(editor, 'idef area(', 'width, height):\n    return width * height')
  editor:input('<Esc>')
  await('the ghost is gone', function() return (editor:ghost()) end, '')
  expect('the buffer is untouched', editor:lines(), 'def area(')
  editor:close()
end

cases['tab without ghost text is a tab'] = function()
  local editor = open({ '' })
  editor:input('i<Tab>x')
  await('a tab stands there', function() return editor:lines() end, '\tx')
  editor:close()
end

cases['typing supersedes an answer that does not come'] = function()
  local editor = open({ '' })
  editor:input('idef slow(')
  await('a completion is asked for', function() return editor:is_asking() end, true)
  expect('nothing is shown', (editor:ghost()), '')
  type_and_see(editor, 'a', 'rgument):')
  expect('nothing is left waiting', editor:is_asking(), false)
  editor:close()
end

cases['alternatives'] = function()
  local editor = open({ '' })
  type_and_see(editor, 'idef area(', 'width, height):\n    return width * height')
  local function shown() return { editor:ghost() } end
  editor:input('<M-]>')
  await('the next one', shown, { 'shape):\n    return shape.width * shape.height', '(2/2)' })
  editor:input('<M-[>')
  await('the one before', shown, { 'width, height):\n    return width * height', '(1/2)' })
  editor:input('<M-]>')
  await('the next one again', shown, { 'shape):\n    return shape.width * shape.height', '(2/2)' })
  editor:input('<Tab>')
  await('it is the one that is inserted', function() return editor:lines() end,
    'def area(shape):\n    return shape.width * shape.height')
  editor:close()
end

cases['the manual trigger'] = function()
  local editor = open({ '' }, { trigger = 'manual' })
  editor:count_answers()
  editor:input('idef area(')
  await('an automatic question is answered', function() return editor:answers() > 0 end, true)
  expect('with nothing', (editor:ghost()), '')
  type_and_see(editor, '<M-Bslash>', 'width, height):\n    return width * height')
  editor:close()
end

cases['asking before typing was answered'] = function()
  local editor = open({ '' }, { trigger = 'manual' })
  type_and_see(editor, 'idef area(<M-Bslash>', 'width, height):\n    return width * height')
  editor:close()
end

cases['a fix for a diagnostic of another tool'] = function()
  local editor = open({ 'text = input()', 'print(text.lenght)' })
  editor:diagnose(2, 'lenght', 'str has no attribute lenght')
  editor:answer_menu('Fix: str has no attribute lenght')
  editor:input('2Ggra')
  await('the fix is applied', function() return editor:lines() end, 'text = input()\nprint(text.length)')
  editor:input('u')
  await('undo takes it back', function() return editor:lines() end, 'text = input()\nprint(text.lenght)')
  editor:close()
end

cases['a fix that finds nothing says so'] = function()
  local editor = open({ 'print(unknown)' })
  editor:diagnose(1, 'unknown', 'undefined name unknown')
  editor:answer_menu('Fix: undefined name unknown')
  editor:input('gra')
  await('the reason is shown', function() return editor:messages():match('Seedling changes nothing[^\n]*') end,
    'Seedling changes nothing: the script has no fix for it')
  expect('the buffer is untouched', editor:lines(), 'print(unknown)')
  editor:close()
end

cases['extract variable from a selection'] = function()
  local editor = open({ 'def f(a, b):', '    return (a + b) * 2' })
  editor:answer_menu('Extract variable')
  editor:input('2G0f(v%gra')
  await('it is applied', function() return editor:lines() end,
    'def f(a, b):\n    extracted = (a + b)\n    return extracted * 2')
  editor:close()
end

cases['no action, no menu entry'] = function()
  local editor = open({ 'x = 1' })
  editor:answer_menu(nil)
  editor:input('gra')
  await('Neovim says so', function() return editor:messages():match('No code actions available') end,
    'No code actions available')
  editor:close()
end

cases['the command'] = function()
  local editor = open({ '' })
  editor:lua('vim.cmd.Seedling()')
  expect('the status', editor:messages():match('Seedling: ([^/]*) /'), 'on, running, serves this buffer,')
  editor:lua('vim.cmd.Seedling("disable")')
  await('disable ends the server', function() return editor:lua('return #vim.lsp.get_clients({ name = "seedling" })') end, 0)
  editor:lua('vim.cmd.Seedling("toggle")')
  await('toggle starts it again', function() return editor:is_attached() end, true)
  type_and_see(editor, 'idef area(', 'width, height):\n    return width * height')
  editor:input('<Tab>')
  await('<Tab> accepts', function() return editor:lines() end, 'def area(width, height):\n    return width * height')
  editor:input('<Esc>:Seedling dance<CR>')
  await('an unknown word is refused', function() return editor:messages():match('Seedling: there are [^\n]*') end,
    'Seedling: there are status, enable, disable, toggle and snooze')
  editor:close()
end

cases['an accepted completion is told to the server'] = function()
  local editor = open({ '' })
  editor:lua([[vim.api.nvim_create_autocmd('LspRequest', { callback = function(event)
    local request = event.data.request
    if request.type == 'complete' and request.method == 'workspace/executeCommand' then _G.told = (_G.told or 0) + 1 end
  end })]])
  type_and_see(editor, 'idef area(', 'width, height):\n    return width * height')
  editor:input('<Tab>')
  await('once', function() return editor:lua('return _G.told or 0') end, 1)
  editor:close()
end

cases['snooze'] = function()
  local editor = open({ '' })
  editor:lua('vim.cmd.Seedling({ args = { "snooze", "5" } })')
  await('it is said', function() return editor:messages():match('no completions while typing for 5 minutes') end,
    'no completions while typing for 5 minutes')
  editor:count_answers()
  editor:input('idef area(')
  await('typing is answered', function() return editor:answers() > 0 end, true)
  expect('with nothing', (editor:ghost()), '')
  editor:input('<M-\\>')
  await('asking brings ghost text', function() return (editor:ghost()) end, 'width, height):\n    return width * height')
  editor:lua('vim.cmd.Seedling({ args = { "snooze", "0" } })')
  await('it ends', function() return editor:messages():match('awake') end, 'awake')
  editor:close()
end

cases['a missing server is told once'] = function()
  local editor = driver.open({ cmd = { '/nowhere/seedling' } }, 'sample.py', { '' })
  local told = editor:messages()
  expect('in words', told:match('Seedling: the server "/nowhere/seedling" is missing: build it') ~= nil, true)
  expect('without a stack trace', told:find('traceback'), nil)
  editor:close()
end

driver.run(cases)
