# What follows an offer is computed before it is asked for: while it is read, and once it was accepted.
--> start
generator: says "1"
--> open a.py | x = ^
--> 1 inlineCompletion
<-- 1 {"items":[{"insertText":"1","command":{"title":"Accepted","command":"seedling.accepted","arguments":["file:///w/a.py",5]}}]}
generator: hold
--> later
--> change a.py | x = 1^
--> 2 workspace/executeCommand {"command":"seedling.accepted","arguments":["file:///w/a.py",5]}
<-- 2 null
# the very thing that is being computed: nothing new begins, its answer is this one's
--> 3 inlineCompletion
generator: release
generator: says "+ 2"
generator: release
<-- 3 {"items":[{"insertText":"+ 2"}]}
# cancelled while it is waited for
--> 4 workspace/executeCommand {"command":"seedling.accepted","arguments":["file:///w/a.py",5]}
<-- 4 null
--> 5 inlineCompletion
--> cancel 5
<-- 5 error -32800
generator: release
# only a hint: nonsense is no error
--> 6 workspace/executeCommand {"command":"seedling.accepted","arguments":["file:///w/b.py",5]}
<-- 6 null
--> 7 workspace/executeCommand {"command":"seedling.accepted","arguments":["file:///w/a.py",99]}
<-- 7 null
--> 8 workspace/executeCommand {"command":"seedling.accepted","arguments":[{},-1]}
<-- 8 null
--> 9 workspace/executeCommand {"command":"seedling.accepted"}
<-- 9 null
