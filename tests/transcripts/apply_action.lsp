# A client that cannot resolve but can be asked to apply an edit gets commands: listing stays cheap.
--> start {"capabilities":{"workspace":{"applyEdit":true}}}
generator: actions [{"name":"fix","title":"Fix with Seedling"}]
--> open a.py | x = ⟦y⟧\n
--> 1 codeAction {"diagnostics":[{"range":"⟦⟧","message":"y is not declared"}],"triggerKind":2}
<-- 1 [{"title":"Fix with Seedling","kind":"quickfix","command":{"title":"Fix with Seedling","command":"seedling.apply"}}]
generator: edit "1"
--> 2 run 0
<-- 2 null
<-- workspace/applyEdit {"label":"Seedling","edit":{"changes":{"file:///w/a.py":[{"range":{"start":{"line":0,"character":4},"end":{"line":0,"character":5}},"newText":"1"}]}}}
--> answer workspace/applyEdit {"applied":true}
generator: no edit it is fine
--> 3 run 0
<-- window/showMessage {"type":3,"message":"Seedling changes nothing: it is fine"}
<-- 3 null
--> change a.py | x = ⟦z⟧\n
--> 4 run 0
<-- 4 error -32801
--> 5 workspace/executeCommand {"command":"seedling.apply"}
<-- 5 error -32602
