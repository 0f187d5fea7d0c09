# Files that hold secrets are never shown to the model.
--> start
generator: says "hunter2"
--> open .env.local | PASSWORD=^
--> 1 inlineCompletion
<-- 1 {"items":[]}
--> open keys/server.pem | ^
--> 2 inlineCompletion invoked
<-- 2 {"items":[]}
--> open secrets.py | token = ⟦1⟧
--> 3 inlineCompletion
<-- 3 {"items":[]}
--> 4 codeAction
<-- 4 []
--> open a.py | password = ^
--> 5 inlineCompletion
<-- 5 {"items":[{"insertText":"hunter2"}]}
