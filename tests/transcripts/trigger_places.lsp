# Typing brings nothing in the middle of a word or of an expression; asking by hand does.
--> start {"initializationOptions":{"candidates":1}}
generator: says "1"
--> open a.py | pri^nt
--> 1 inlineCompletion
<-- 1 {"items":[]}
--> 2 inlineCompletion invoked
<-- 2 {"items":[{"insertText":"1"}]}
--> change a.py | x = ^ + y
--> 3 inlineCompletion
<-- 3 {"items":[]}
--> change a.py | f(^)
--> 4 inlineCompletion
<-- 4 {"items":[{"insertText":"1"}]}
--> change a.py | if (x^) {
--> 5 inlineCompletion
<-- 5 {"items":[{"insertText":"1"}]}
--> change a.py | f("^"),  \nz
--> 6 inlineCompletion
<-- 6 {"items":[{"insertText":"1"}]}
--> change a.py | f(^)))))))))
--> 7 inlineCompletion
<-- 7 {"items":[]}
