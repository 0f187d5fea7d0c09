# The completion has to extend the entry that is selected in the editor's menu, in its range.
--> start
generator: says "(1)"
--> open a.py | x = ⟦pri⟧
--> 1 inlineCompletion selected "print"
<-- 1 {"items":[{"insertText":"print(1)","range":{"start":{"line":0,"character":4},"end":{"line":0,"character":7}}}]}
# nothing to add to it
generator: says ""
--> 2 inlineCompletion selected "print"
<-- 2 {"items":[]}
