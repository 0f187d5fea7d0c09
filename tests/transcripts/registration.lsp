# What the client can be told later is not promised at the start, and follows the settings.
--> 0 initialize {"capabilities":{"workspace":{"didChangeConfiguration":{"dynamicRegistration":true}},"textDocument":{"inlineCompletion":{"dynamicRegistration":true},"diagnostic":{"dynamicRegistration":true},"completion":{"dynamicRegistration":true}}}}
<-- 0 {"capabilities":{"codeActionProvider":{"resolveProvider":true}}}
--> initialized {}
<-- client/registerCapability {"registrations":[{"id":"seedling/textDocument/inlineCompletion","method":"textDocument/inlineCompletion","registerOptions":{"documentSelector":null}},{"id":"seedling/workspace/didChangeConfiguration","method":"workspace/didChangeConfiguration","registerOptions":{"section":"seedling"}}]}
--> answer client/registerCapability null
# another set of languages: registered anew
--> workspace/didChangeConfiguration {"settings":{"seedling":{"languages":["python"],"diagnostics":true}}}
<-- client/unregisterCapability {"unregisterations":[{"id":"seedling/textDocument/inlineCompletion","method":"textDocument/inlineCompletion"}]}
<-- client/registerCapability {"registrations":[{"id":"seedling/textDocument/diagnostic","method":"textDocument/diagnostic","registerOptions":{"identifier":"seedling","documentSelector":[{"language":"python"}]}},{"id":"seedling/textDocument/inlineCompletion","method":"textDocument/inlineCompletion","registerOptions":{"documentSelector":[{"language":"python"}]}}]}
# the same again: nothing to tell
--> workspace/didChangeConfiguration {"settings":{"seedling":{"languages":["python"]}}}
# off: the client asks no more
--> workspace/didChangeConfiguration {"settings":{"seedling":{"enable":false}}}
<-- client/unregisterCapability {"unregisterations":[{"id":"seedling/textDocument/diagnostic"},{"id":"seedling/textDocument/inlineCompletion"}]}
# initialized comes once; a second one does nothing
--> initialized {}
