# An editor that closes does not wait for an engine that is not there.
--> start
engine: dies
--> 1 shutdown
<-- 1 null
--> 2 textDocument/codeAction {}
<-- 2 error -32600
--> exit
<-- exit 0
