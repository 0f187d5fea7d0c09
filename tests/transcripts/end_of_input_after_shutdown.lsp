# Some clients close the pipe instead of sending exit.
--> start
--> 1 shutdown
<-- 1 null
--> end
<-- exit 0
