# A change of one document does not end what is done for another.
--> start
generator: hold
--> open a.py | a = ^
--> open b.py | b = ^
--> 1 inlineCompletion
--> change a.py | a = 1^
generator: "2"
<-- 1 {"items":[{"insertText":"2"}]}
