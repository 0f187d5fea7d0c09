# initialize is asked again, and answered once; what was sent behind it is not lost.
engine: dies
--> 0 initialize
--> initialized {}
--> open a.py | x = ^
engine: returns
<-- 0 {"capabilities":{"positionEncoding":"utf-16"}}
generator: says "1"
--> 1 inlineCompletion
<-- 1 {"items":[{"insertText":"1"}]}
# It is the same engine for the editor: a second initialize is wrong.
--> 2 initialize
<-- 2 error -32600
