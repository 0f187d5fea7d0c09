# The engine dies with everything still to be answered.
--> start
generator: hold
--> open a.py | x = ^
--> 1 inlineCompletion
--> 2 codeAction
engine: dies
<-- 1 error -32800
<-- 2 error -32803 "ended before it could answer"
--> 3 shutdown
<-- 3 null
--> end
<-- exit 0
