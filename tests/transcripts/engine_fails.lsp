# What the engine cannot do is the request's answer; nothing else stops.
--> start
generator: fails the context is too long
--> open a.py | x = ^
--> 1 inlineCompletion
<-- 1 error -32803 "too long"
generator: says "1"
--> 2 inlineCompletion
<-- 2 {"items":[{"insertText":"1"}]}
