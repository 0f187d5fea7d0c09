# A missing model is told once, and every completion is empty.
generator: missing no model in models/: run scripts/setup
--> 0 initialize
<-- 0 {"serverInfo":{"name":"seedling"}}
<-- window/showMessage {"type":1,"message":"Seedling gives no suggestions: no model in models/: run scripts/setup"}
--> initialized {}
--> open a.py | x = ⟦1⟧
--> 1 inlineCompletion
<-- 1 {"items":[]}
--> 2 inlineCompletion invoked
<-- 2 {"items":[]}
--> 3 codeAction
<-- 3 []
--> close a.py
