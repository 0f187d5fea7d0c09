# Folders come and go; a document that is opened afterwards is named by the folder it is in.
--> start
--> workspace/didChangeWorkspaceFolders {"event":{"added":[{"uri":"file:///v","name":"v"}],"removed":[{"uri":"file:///w","name":"w"}]}}
--> workspace/didChangeWorkspaceFolders {"event":7}
--> workspace/didChangeWorkspaceFolders null
generator: says "1"
--> open a.py | x = ^
--> 1 inlineCompletion
<-- 1 {"items":[{"insertText":"1"}]}
