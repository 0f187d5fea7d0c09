# A client that cannot resolve gets the edits with the list, but only if somebody asked.
--> start
generator: actions [{"name":"fix","title":"Fix"},{"name":"extract-variable","title":"Extract"}]
generator: edit "3"
--> open a.py | print(⟦1 + 2⟧)
--> 1 codeAction {"diagnostics":[],"triggerKind":1}
<-- 1 [{"title":"Fix","edit":{"changes":{"file:///w/a.py":[{"newText":"3"}]}}},{"title":"Extract","edit":{"changes":{"file:///w/a.py":[{"newText":"3"}]}}}]
--> 2 codeAction {"diagnostics":[],"triggerKind":2}
<-- 2 []
# an action without an edit is left out
generator: no edit no
--> 3 codeAction {"diagnostics":[]}
<-- 3 []
# edited between two resolves of one list
generator: hold
--> 4 codeAction {"diagnostics":[]}
generator: release
generator: release
--> change a.py | print(⟦3⟧)
<-- 4 error -32801
generator: release
