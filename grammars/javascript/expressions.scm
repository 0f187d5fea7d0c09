; See python/expressions.scm for the meaning of the captures.
[
  (call_expression) (new_expression) (member_expression) (subscript_expression) (binary_expression) (unary_expression)
  (ternary_expression) (await_expression) (arrow_function) (function_expression) (array) (object)
  (template_string) (string) (number) (regex) (true) (false) (null) (parenthesized_expression)
] @expression
[
  (call_expression) (new_expression) (member_expression) (subscript_expression) (binary_expression)
  (ternary_expression) (await_expression) (arrow_function) (array) (object) (template_string) (regex)
] @worthwhile
(unary_expression operator: ["!" "typeof"]) @worthwhile
(arguments [(string) (number) (unary_expression)] @worthwhile)
(binary_expression [(string) (number)] @worthwhile)
(return_statement [(string) (number)] @worthwhile)

[(call_expression) (new_expression) (await_expression) (yield_expression) (assignment_expression)
 (augmented_assignment_expression) (update_expression)] @impure
(unary_expression operator: "delete") @impure
[(member_expression) (subscript_expression)] @fallible

(assignment_expression left: (_) @target)
(augmented_assignment_expression left: (_) @target)
(update_expression argument: (_) @target)
(unary_expression operator: "delete" argument: (_) @target)
(call_expression function: (_) @target)
(new_expression constructor: (_) @target)
(array_pattern (_) @target)
(pair_pattern value: (_) @target)
(for_in_statement left: (_) @closed)

(binary_expression operator: ["&&" "||" "??"] right: (_) @deferred)
(augmented_assignment_expression operator: ["&&=" "||=" "??="] right: (_) @deferred)
(ternary_expression consequence: (_) @deferred)
(ternary_expression alternative: (_) @deferred)

[
  (formal_parameters) (class_body) (import_statement) (decorator) (yield_expression) (else_clause)
  (rest_pattern) (catch_clause) (switch_case) (switch_default) (labeled_statement)
] @closed
(arrow_function body: (_) @closed)
(while_statement condition: (_) @closed)
(do_statement condition: (_) @closed)
(for_statement condition: (_) @closed)
(for_statement increment: (_) @closed)
(assignment_pattern right: (_) @closed)
(object_assignment_pattern right: (_) @closed)
(pair key: (_) @closed)
(export_statement source: (_) @closed)
(call_expression arguments: (template_string) @closed)
(call_expression function: (import) arguments: (_) @closed)
(member_expression property: (_) @closed)

(comment) @comment
[(string) (template_string) (regex)] @string
