# A resolve that takes long can be cancelled, and an id is not taken twice at a time.
--> start {"capabilities":{"textDocument":{"codeAction":{"resolveSupport":{"properties":["edit"]}}}}}
--> open a.py | print(⟦1 + 2⟧)
generator: actions [{"name":"extract-variable","title":"Extract into a variable"}]
--> 1 codeAction
<-- 1 [{"title":"Extract into a variable","kind":"refactor.extract"}]
generator: hold
--> 2 resolve 0
--> cancel 2
<-- 2 error -32800
generator: release
--> 3 resolve 0
--> cancel 99
generator: edit "three"
generator: release
<-- 3 {"edit":{"changes":{"file:///w/a.py":[{"newText":"three","range":{"start":{"line":0,"character":6},"end":{"line":0,"character":11}}}]}}}
