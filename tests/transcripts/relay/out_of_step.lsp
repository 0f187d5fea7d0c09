# A document that cannot be followed is not made up for the new engine: it says what to do.
--> start
generator: says "1"
--> open a.py | x = ^
--> textDocument/didChange {"textDocument":{"uri":"file:///w/a.py","version":2},"contentChanges":[{"range":{"start":{"line":7,"character":0},"end":{"line":7,"character":0}},"text":"y"}]}
engine: dies
engine: returns
--> 1 inlineCompletion
<-- 1 error -32602
--> close a.py
--> open a.py | x = 2^
--> 2 inlineCompletion
<-- 2 {"items":[{"insertText":"1"}]}
