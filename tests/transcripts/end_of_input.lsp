# The editor died.
--> start
--> end
<-- exit 1
