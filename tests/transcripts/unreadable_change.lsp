# A change that cannot be read has changed the document all the same: better to fail than to guess.
--> start
--> open a.py | x = ^
--> textDocument/didChange {"textDocument":{"uri":"file:///w/a.py","version":2},"contentChanges":[{"range":7,"text":"y"}]}
--> 1 inlineCompletion
<-- 1 error -32602 "close it and open it again"
--> open a.py | x = ^
--> textDocument/didChange {"textDocument":{"uri":"file:///w/a.py","version":null},"contentChanges":[{"text":"x = y"}]}
--> 2 inlineCompletion invoked
<-- 2 {"items":[{"insertText":"answer"},{"insertText":"answer2"},{"insertText":"answer3"}]}
