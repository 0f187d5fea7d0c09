# Cancelling before, during and after.
--> start
generator: hold
--> open a.py | x = ^
# before: an id that nobody uses yet
--> cancel 1
--> 1 inlineCompletion
generator: "1"
<-- 1 {"items":[{"insertText":"1"}]}
# during: answered at once, and once only
--> 2 inlineCompletion
--> cancel 2
<-- 2 error -32800
generator: release
# after
--> cancel 2
--> cancel 1
# the id may be used again
--> 2 inlineCompletion
generator: "2"
<-- 2 {"items":[{"insertText":"2"}]}
