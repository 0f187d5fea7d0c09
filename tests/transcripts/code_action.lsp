# Listing is cheap; the edit comes with resolve. Diagnostics go back as they came.
--> start {"capabilities":{"workspace":{"workspaceEdit":{"documentChanges":true}},"textDocument":{"codeAction":{"resolveSupport":{"properties":["edit","command"]},"tagSupport":{"valueSet":[1]}}}}}
generator: actions [{"name":"fix","title":"Fix with Seedling"},{"name":"extract-variable","title":"Extract"},{"name":"docstring","title":"Write a docstring"}]
--> open a.py | def f():\n  return ⟦y⟧\n
--> 1 codeAction {"triggerKind":2,"diagnostics":[{"range":"⟦⟧","message":{"kind":"markdown","value":"`y` is not defined"},"code":821,"source":"lint","data":{"theirs":[1]}}]}
<-- 1 [{"title":"Fix with Seedling","kind":"quickfix","tags":[1],"diagnostics":[{"code":821,"data":{"theirs":[1]}}],"data":{"uri":"file:///w/a.py","version":1}},{"title":"Extract","kind":"refactor.extract"},{"title":"Write a docstring","kind":"refactor.rewrite"}]
generator: edit "1"
--> 2 resolve 0
<-- 2 {"title":"Fix with Seedling","edit":{"documentChanges":[{"textDocument":{"uri":"file:///w/a.py","version":1},"edits":[{"range":{"start":{"line":1,"character":9},"end":{"line":1,"character":10}},"newText":"1"}]}]}}
# nothing better found: said, and no edit
generator: no edit the text is as good as it gets
--> 3 resolve 1
<-- window/showMessage {"type":3,"message":"Seedling changes nothing: the text is as good as it gets"}
<-- 3 {"title":"Extract"}
generator: fails no statement here
--> 4 codeAction {"diagnostics":[],"only":["refactor"]}
<-- 4 [{"title":"Extract"},{"title":"Write a docstring"}]
--> 5 codeAction {"diagnostics":[],"only":["quickfix"]}
<-- 5 [{"title":"Fix with Seedling"}]
--> 6 codeAction {"diagnostics":[],"only":["source.organizeImports"]}
<-- 6 []
--> 7 codeAction {"diagnostics":[],"only":["refactor.extract.constant"]}
<-- 7 []
