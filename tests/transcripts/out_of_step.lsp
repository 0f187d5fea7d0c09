# A change that does not fit drops the document: later requests fail and say what to do.
--> start
generator: says "1"
--> open a.py | x = ^
--> textDocument/didChange {"textDocument":{"uri":"file:///w/a.py","version":2},"contentChanges":[{"range":{"start":{"line":7,"character":0},"end":{"line":7,"character":0}},"text":"y"}]}
--> 1 inlineCompletion
<-- 1 error -32602 "close it and open it again"
--> change a.py | x = 2^
--> 2 inlineCompletion
<-- 2 error -32602 "close it and open it again"
--> close a.py
--> open a.py | x = ^
--> 3 inlineCompletion
<-- 3 {"items":[{"insertText":"1"}]}
# a position past the end of the file is the request's fault only
--> 4 textDocument/inlineCompletion {"textDocument":{"uri":"file:///w/a.py"},"position":{"line":1,"character":0}}
<-- 4 error -32602 "past the end"
# past the end of the line is the end of the line
--> 5 textDocument/inlineCompletion {"textDocument":{"uri":"file:///w/a.py"},"position":{"line":0,"character":2147483647}}
<-- 5 {"items":[{"insertText":"1","range":{"start":{"line":0,"character":4},"end":{"line":0,"character":4}}}]}
