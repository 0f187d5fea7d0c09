# Neovim sends no cancellation while the user types: the newer request ends the older one.
--> start
generator: hold
--> open a.py | x = ^
--> 1 inlineCompletion
--> 2 inlineCompletion
<-- 1 error -32800 "newer"
--> 3 inlineCompletion
<-- 2 error -32800 "newer"
generator: release
generator: release
generator: "None"
<-- 3 {"items":[{"insertText":"None"}]}
