# Our own problems are off until the settings want them.
--> start {"capabilities":{"textDocument":{"diagnostic":{}},"workspace":{"diagnostics":{"refreshSupport":true}}}}
generator: finds [{"word":"y","message":"y is not declared","code":"undeclared"},{"word":"(","message":"never closed","code":"syntax"}]
--> open a.py | x = y(^
--> 1 diagnostic
<-- 1 {"kind":"full","items":[]}
--> workspace/didChangeConfiguration {"settings":{"seedling":{"diagnostics":true}}}
<-- workspace/diagnostic/refresh null
--> 2 diagnostic
<-- 2 {"kind":"full","resultId":"1","items":[{"range":{"start":{"line":0,"character":4},"end":{"line":0,"character":5}},"severity":2,"source":"seedling","code":"undeclared","message":"y is not declared"},{"severity":1,"code":"syntax"}]}
--> 3 diagnostic "1"
<-- 3 {"kind":"unchanged","resultId":"1"}
generator: hold
--> 4 diagnostic "0"
--> change a.py | x = y(1^
<-- 4 error -32802 "changed"
--> 5 diagnostic "1"
--> close a.py
<-- 5 error -32802 "closed"
--> 6 textDocument/diagnostic {"textDocument":{"uri":"file:///w/a.py"}}
<-- 6 error -32602 "not open"
--> open .env | KEY=^1
--> 7 diagnostic
<-- 7 {"kind":"full","items":[]}
