# A client that knows no inline completions is offered the same in its menu, behind what tools know for sure.
--> 0 initialize
<-- 0 {"capabilities":{"completionProvider":{"resolveProvider":false},"inlineCompletionProvider":true}}
--> initialized {}
generator: says "nt(1)\nprint(2)"
--> open a.py | x = 1\npri^
--> 1 completion
<-- 1 {"isIncomplete":true,"items":[{"label":"print(1) …","filterText":"print(1)","kind":15,"insertTextFormat":1,"documentation":"print(1)\nprint(2)","textEdit":{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":3}},"newText":"print(1)\nprint(2)"},"command":{"command":"seedling.accepted","arguments":["file:///w/a.py",23]}}]}
# the newer one ends the older one here too
generator: hold
--> 2 completion
--> 3 completion
<-- 2 error -32800 "newer"
generator: release
generator: release
<-- 3 {"items":[{"label":"print(1) …"}]}
# by hand only: a menu cannot be asked by hand, so it is empty
--> workspace/didChangeConfiguration {"settings":{"seedling":{"trigger":"manual"}}}
--> 4 completion
<-- 4 {"isIncomplete":true,"items":[]}
