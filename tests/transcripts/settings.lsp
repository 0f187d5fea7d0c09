# A bad value is told in one message and the old one stays.
--> start
--> open a.py | x = ^
--> workspace/didChangeConfiguration {"settings":{"seedling":{"candidates":0,"maxLines":"many","trigger":"often","enable":true}}}
<-- window/showMessage {"type":2,"message":"Seedling's settings: seedling.candidates must be a whole number from 1 to 10; seedling.maxLines must be a whole number from 1 to 200; seedling.trigger must be \"automatic\" or \"manual\"; the old values stay."}
generator: says "1"
--> 1 inlineCompletion invoked
<-- 1 {"items":[{"insertText":"1"},{"insertText":"12"},{"insertText":"13"}]}
--> workspace/didChangeConfiguration {"settings":{"seedling":{"candidates":2}}}
--> 2 inlineCompletion invoked
<-- 2 {"items":[{"insertText":"1"},{"insertText":"12"}]}
# typing asks for one
--> 3 inlineCompletion
<-- 3 {"items":[{"insertText":"1"}]}
# by hand only
--> workspace/didChangeConfiguration {"settings":{"seedling":{"trigger":"manual"}}}
--> 4 inlineCompletion
<-- 4 {"items":[]}
--> 5 inlineCompletion invoked
<-- 5 {"items":[{"insertText":"1"},{"insertText":"12"}]}
# other languages
--> workspace/didChangeConfiguration {"settings":{"seedling":{"trigger":"automatic","languages":["cpp"]}}}
--> 6 inlineCompletion
<-- 6 {"items":[]}
# an empty table of Lua, and somebody else's section
--> workspace/didChangeConfiguration {"settings":{"seedling":{"languages":{}},"python":{"x":1}}}
--> workspace/didChangeConfiguration {"settings":[]}
--> workspace/didChangeConfiguration {"settings":null}
--> 7 inlineCompletion
<-- 7 {"items":[{"insertText":"1"}]}
# off
--> workspace/didChangeConfiguration {"settings":{"seedling":{"enable":false}}}
--> 8 inlineCompletion invoked
<-- 8 {"items":[]}
--> 9 codeAction
<-- 9 []
