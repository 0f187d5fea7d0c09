# Silence for a while; what is asked for by hand is answered all the same.
--> start
generator: says "1"
--> open a.py | x = ^
--> 1 workspace/executeCommand {"command":"seedling.snooze","arguments":[5]}
<-- 1 5
--> 2 inlineCompletion
<-- 2 {"items":[]}
--> 3 inlineCompletion invoked
<-- 3 {"items":[{"insertText":"1"},{"insertText":"12"},{"insertText":"13"}]}
--> minutes 4
--> 4 inlineCompletion
<-- 4 {"items":[]}
--> minutes 1
--> 5 inlineCompletion
<-- 5 {"items":[{"insertText":"1"}]}
# half an hour unless said otherwise; 0 ends it
--> 6 workspace/executeCommand {"command":"seedling.snooze"}
<-- 6 30
--> 7 inlineCompletion
<-- 7 {"items":[]}
--> 8 workspace/executeCommand {"command":"seedling.snooze","arguments":[0]}
<-- 8 0
--> 9 inlineCompletion
<-- 9 {"items":[{"insertText":"1"}]}
--> 10 workspace/executeCommand {"command":"seedling.snooze","arguments":["long"]}
<-- 10 error -32602 "minutes"
--> 11 workspace/executeCommand {"command":"seedling.dance"}
<-- 11 error -32602 "no such command"
--> 12 workspace/executeCommand {"arguments":[]}
<-- 12 error -32602 "params.command"
