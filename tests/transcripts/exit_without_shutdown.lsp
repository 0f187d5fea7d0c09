# Leaving without shutdown is a failure, but nobody is left without an answer.
--> start
generator: hold
--> open a.py | x = ^
--> 1 inlineCompletion
--> exit
<-- 1 error -32800
<-- exit 1
