# Closing a document ends what is done for it; afterwards it is not open.
--> start {"capabilities":{"textDocument":{"codeAction":{"resolveSupport":{"properties":["edit"]}}}}}
generator: hold
--> open a.py | x = ⟦1⟧
--> 1 inlineCompletion invoked
--> 2 codeAction
--> close a.py
<-- 1 error -32800 "closed"
<-- 2 error -32801 "closed"
generator: release
generator: release
--> 3 inlineCompletion
<-- 3 error -32602 "not open"
