# Typing ends the older completion at once; what the engine says later is dropped.
--> start
generator: hold
--> open a.cpp | int main() { return ^; }
--> 1 inlineCompletion
--> change a.cpp | int main() { return 4^; }
<-- 1 error -32800 "changed"
--> 2 inlineCompletion
generator: release
generator: "2"
<-- 2 {"items":[{"insertText":"2","range":{"start":{"line":0,"character":21},"end":{"line":0,"character":21}}}]}
