# UTF-8 is preferred where the client offers it; columns are bytes then.
--> start {"capabilities":{"general":{"positionEncodings":["utf-16","utf-8"]}}}
generator: says "1"
--> open a.py | é𝄞 = ^
--> 1 inlineCompletion
<-- 1 {"items":[{"range":{"start":{"line":0,"character":9},"end":{"line":0,"character":9}}}]}
--> change a.py | é𝄞 = x\r\n𝄞 = ^\r\n
--> 2 inlineCompletion
<-- 2 {"items":[{"range":{"start":{"line":1,"character":7},"end":{"line":1,"character":7}}}]}
