# Until there is an engine again everything is answered, and what is typed is not lost.
--> start
generator: says "5"
--> open a.cpp | int é = ^;
--> open b.cpp | int b;^
engine: dies
--> change a.cpp | int é = 1^;
--> close b.cpp
--> open c.cpp | int c;^
--> 1 inlineCompletion
<-- 1 error -32800 "started again"
--> 2 codeAction
<-- 2 error -32803 "started again"
--> raw {"jsonrpc":"2.0","id":3
<-- null error -32700
--> raw {"jsonrpc":"1.0","id":4,"method":"x"}
<-- 4 error -32600
engine: returns
--> 5 seedling/documentHash {"textDocument":{"uri":"file:///w/a.cpp"}}
<-- 5 {"version":2,"bytes":11}
--> 6 seedling/documentHash {"textDocument":{"uri":"file:///w/b.cpp"}}
<-- 6 error -32602
--> 7 seedling/documentHash {"textDocument":{"uri":"file:///w/c.cpp"}}
<-- 7 {"version":1,"bytes":6}
--> change c.cpp | int c;
--> 8 inlineCompletion
<-- 8 {"items":[{"insertText":"5"}]}
