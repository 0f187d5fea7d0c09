# A new engine has the settings, the last ones, and its clients' folders.
--> start {"initializationOptions":{"candidates":2}}
generator: says "1"
--> open a.py | x = ^
--> workspace/didChangeConfiguration {"settings":{"seedling":{"candidates":3}}}
--> workspace/didChangeConfiguration {"settings":{"seedling":{"trigger":"manual"}}}
engine: dies
--> workspace/didChangeConfiguration {"settings":{"seedling":{"trigger":"manual","candidates":1}}}
engine: returns
--> 1 inlineCompletion
<-- 1 {"items":[]}
--> 2 inlineCompletion invoked
<-- 2 {"items":[{"insertText":"1"}]}
