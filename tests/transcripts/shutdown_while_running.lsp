# Shutting down answers what still runs, then itself; only exit may follow.
--> start
generator: hold
--> open a.py | x = ^
--> 1 inlineCompletion
--> 2 shutdown
<-- 1 error -32800
<-- 2 null
generator: release
--> 3 inlineCompletion
<-- 3 error -32600
--> 4 shutdown
<-- 4 error -32600
--> exit
<-- exit 0
