# Settings come with initialize too, wrapped in their section or bare.
--> start {"initializationOptions":{"seedling":{"candidates":1,"exclude":["**/private/**"]}}}
generator: says "1"
--> open private/a.py | x = ^
--> 1 inlineCompletion
<-- 1 {"items":[]}
--> open public/a.py | x = ^
--> 2 inlineCompletion invoked
<-- 2 {"items":[{"insertText":"1"}]}
