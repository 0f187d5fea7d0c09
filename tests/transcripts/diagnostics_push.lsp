# A client that does not ask is sent them once the typing pauses; newer text makes older answers worthless.
--> start {"initializationOptions":{"diagnostics":true}}
generator: finds [{"word":"y","message":"y is not declared","code":"undeclared"}]
--> open a.py | x = y^
--> later
<-- textDocument/publishDiagnostics {"uri":"file:///w/a.py","version":1,"diagnostics":[{"message":"y is not declared","severity":2}]}
--> change a.py | x = yy^
--> change a.py | x = yyy^
--> later
<-- textDocument/publishDiagnostics {"uri":"file:///w/a.py","version":3,"diagnostics":[{"message":"y is not declared"}]}
--> close a.py
<-- textDocument/publishDiagnostics {"uri":"file:///w/a.py","diagnostics":[]}
--> open a.py | y^
--> close a.py
--> later
--> open a.py | y^
--> later
<-- textDocument/publishDiagnostics {"version":1,"diagnostics":[{"message":"y is not declared"}]}
# off: what is shown goes away
--> workspace/didChangeConfiguration {"settings":{"seedling":{"diagnostics":false}}}
<-- textDocument/publishDiagnostics {"diagnostics":[]}
--> change a.py | y = y^
--> workspace/didChangeConfiguration {"settings":{"seedling":{"diagnostics":true}}}
--> later
<-- textDocument/publishDiagnostics {"version":2}
