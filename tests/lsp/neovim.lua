-- What a person does in Neovim: opens a draft, looks at what is found, takes a correction, corrects the rest at once.
-- The settings have been read before this; the expected texts are in the environment.

local function fail(what)
  io.stderr:write("\n" .. what .. "\n")
  vim.cmd("cquit 1")
end

local function wait(what, fits)
  if not vim.wait(20000, fits, 20) then
    fail("did not happen: " .. what)
  end
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") .. "\n"
end

local function found()
  return vim.diagnostic.get(0)
end

local function act(kind, pick)
  vim.lsp.buf.code_action({
    context = { only = { kind }, diagnostics = {} },
    filter = pick,
    apply = true,
  })
end

local ok, why = pcall(function()
  wait("a diagnostic", function() return #found() == 3 end)
  -- Columns are bytes here, whatever the program and the editor have agreed on.
  for _, d in ipairs(found()) do
    local form = vim.api.nvim_buf_get_text(0, d.lnum, d.col, d.end_lnum, d.end_col, {})[1]
    if form ~= vim.env.FORM then fail("a mark is around " .. form) end
  end
  local client = vim.lsp.get_clients({ bufnr = 0 })[1]
  print("positions in " .. client.offset_encoding)

  local last = found()[3]
  vim.api.nvim_win_set_cursor(0, { last.lnum + 1, last.col })
  act("quickfix", function(action) return action.isPreferred end)
  wait("the correction", function() return text() == vim.env.ONE end)
  wait("two diagnostics", function() return #found() == 2 end)

  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  act("source.fixAll.zhengming")
  wait("all corrections", function() return text() == vim.env.ALL end)
  wait("no diagnostic", function() return #found() == 0 end)

  -- Typed on a line with characters beyond the BMP in front.
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  vim.api.nvim_feedkeys("A" .. vim.env.FORM .. vim.keycode("<Esc>"), "x", true)
  wait("a diagnostic of what was typed", function() return #found() == 1 end)
  vim.cmd("silent substitute/" .. vim.env.FORM .. "$//")
  wait("none when it is gone", function() return #found() == 0 end)
end)
if not ok then fail(why) end
vim.cmd("qall!")
