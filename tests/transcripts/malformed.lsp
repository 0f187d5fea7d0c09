# Malformed messages are answered, and the session goes on.
--> raw {"jsonrpc":
<-- null error -32700
--> raw [{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}]
<-- null error -32600 "batches"
--> raw 7
<-- null error -32600
--> raw {"jsonrpc":"2.0","id":1}
<-- 1 error -32600
--> raw {"jsonrpc":"2.0","id":1.5,"method":"initialize","params":{}}
<-- null error -32600
--> raw {"id":1,"method":"initialize","params":{}}
<-- 1 error -32600
--> raw {"jsonrpc":"2.0","method":"window/showMessage","params":"\ud800"}
<-- null error -32700
--> raw {"jsonrpc":"2.0","id":99,"result":null}
--> start
--> 2 textDocument/inlineCompletion
<-- 2 error -32602 "params must be an object"
--> 3 textDocument/inlineCompletion {"textDocument":{"uri":7},"position":{"line":0,"character":0}}
<-- 3 error -32602 "textDocument.uri must be a string"
--> 4 textDocument/inlineCompletion {"textDocument":{"uri":"file:///w/a.py"},"position":{"line":-1,"character":0}}
<-- 4 error -32602 "line"
--> textDocument/didOpen {"textDocument":7}
--> 5 codeAction/resolve {"title":"another server's","data":{"fixId":3}}
<-- 5 error -32602 "data.uri"
