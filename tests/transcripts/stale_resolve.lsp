# An action that was offered for another text is refused, also when the version number is the same again.
--> start {"capabilities":{"textDocument":{"codeAction":{"resolveSupport":{"properties":["edit"]}}}}}
generator: actions [{"name":"extract-variable","title":"Extract"}]
generator: edit "three"
--> open a.py | print(⟦1 + 2⟧)
--> 1 codeAction
<-- 1 [{"title":"Extract"}]
--> change a.py | print(⟦1 + 22⟧)
--> 2 resolve 0
<-- 2 error -32801 "ask again"
--> close a.py
--> open a.py | print("other")^
--> 3 resolve 0
<-- 3 error -32801 "ask again"
# edited while the model writes
--> change a.py | print(⟦"another"⟧)
--> 4 codeAction
<-- 4 [{"title":"Extract"}]
generator: hold
--> 5 resolve 0
--> change a.py | print(^)
<-- 5 error -32801 "changed"
generator: release
