# The engine is killed: what typing waits for is dropped in silence, the next engine has the text as it is now.
--> start
generator: hold
--> open a.cpp | int main() { return ^; }
--> change a.cpp | int main() { return 4^; }
--> 1 inlineCompletion
engine: dies
<-- 1 error -32800 "ended"
engine: returns
--> 2 inlineCompletion
generator: "2"
<-- 2 {"items":[{"insertText":"2","range":{"start":{"line":0,"character":21},"end":{"line":0,"character":21}}}]}
--> 3 seedling/documentHash {"textDocument":{"uri":"file:///w/a.cpp"}}
<-- 3 {"version":2,"bytes":24}
