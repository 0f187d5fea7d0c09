# Before initialize nothing but exit is listened to.
--> 1 textDocument/inlineCompletion {}
<-- 1 error -32002
--> textDocument/didOpen {"textDocument":{"uri":"file:///w/a.py","languageId":"python","version":1,"text":""}}
--> 2 shutdown
<-- 2 error -32002
--> 3 initialize
<-- 3 {"serverInfo":{"name":"seedling"},"capabilities":{"positionEncoding":"utf-16","textDocumentSync":{"openClose":true,"change":2},"inlineCompletionProvider":true,"codeActionProvider":{"resolveProvider":true}}}
--> 4 initialize
<-- 4 error -32600
--> initialized {}
# What was opened too early is not open.
--> 5 textDocument/inlineCompletion {"textDocument":{"uri":"file:///w/a.py"},"position":{"line":0,"character":0}}
<-- 5 error -32602 "not open"
--> 6 textDocument/hover {}
<-- 6 error -32601
--> 7 $/something {}
<-- 7 error -32601
--> $/something {}
--> textDocument/didSave {}
