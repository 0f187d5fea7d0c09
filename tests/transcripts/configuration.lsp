# The client is asked for its settings, at the start and whenever it says that they have changed.
--> start {"capabilities":{"workspace":{"configuration":true}}}
<-- workspace/configuration {"items":[{"section":"seedling"}]}
--> answer workspace/configuration [{"candidates":2}]
generator: says "1"
--> open a.py | x = ^
--> 1 inlineCompletion invoked
<-- 1 {"items":[{"insertText":"1"},{"insertText":"12"}]}
--> workspace/didChangeConfiguration {"settings":null}
<-- workspace/configuration {"items":[{"section":"seedling"}]}
--> answer workspace/configuration [{"candidates":1}]
--> 2 inlineCompletion invoked
<-- 2 {"items":[{"insertText":"1"}]}
# nothing set, and an answer that is none
--> workspace/didChangeConfiguration {"settings":null}
<-- workspace/configuration {}
--> answer workspace/configuration [null]
--> workspace/didChangeConfiguration {"settings":null}
<-- workspace/configuration {}
--> answer workspace/configuration 7
--> raw {"jsonrpc":"2.0","id":"seedling-9","result":[{"candidates":3}]}
--> 3 inlineCompletion invoked
<-- 3 {"items":[{"insertText":"1"}]}
