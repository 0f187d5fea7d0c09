; See python/expressions.scm for the meaning of the captures.
[
  (method_invocation) (object_creation_expression) (field_access) (array_access) (binary_expression) (unary_expression)
  (ternary_expression) (cast_expression) (instanceof_expression) (array_creation_expression)
  (string_literal) (character_literal) (decimal_integer_literal) (decimal_floating_point_literal) (true) (false)
  (parenthesized_expression)
] @expression
[
  (method_invocation) (object_creation_expression) (field_access) (array_access) (binary_expression)
  (ternary_expression) (cast_expression) (instanceof_expression) (array_creation_expression)
] @worthwhile
(argument_list [(string_literal) (decimal_integer_literal) (decimal_floating_point_literal)] @worthwhile)
(binary_expression [(string_literal) (decimal_integer_literal) (decimal_floating_point_literal)] @worthwhile)
(return_statement [(string_literal) (decimal_integer_literal)] @worthwhile)

[(method_invocation) (object_creation_expression) (assignment_expression) (update_expression) (lambda_expression)] @impure
[(field_access) (array_access) (cast_expression)] @fallible
(binary_expression operator: ["/" "%"]) @fallible

(assignment_expression left: (_) @target)
(update_expression (_) @target)

(binary_expression operator: ["&&" "||"] right: (_) @deferred)
(ternary_expression consequence: (_) @deferred)
(ternary_expression alternative: (_) @deferred)

[
  (formal_parameters) (import_declaration) (package_declaration) (marker_annotation) (annotation) (resource_specification)
  (switch_label) (switch_rule) (explicit_constructor_invocation) (field_declaration) (constant_declaration) (type_arguments)
  (lambda_expression) (enum_constant) (catch_formal_parameter)
] @closed
(while_statement condition: (_) @closed)
(do_statement condition: (_) @closed)
(for_statement condition: (_) @closed)
(for_statement update: (_) @closed)
(if_statement alternative: (_) @closed)
(instanceof_expression right: (_) @closed)
(cast_expression type: (_) @closed)
(field_access object: (identifier) @closed)
(method_invocation object: (identifier) @closed)

[(line_comment) (block_comment)] @comment
[(string_literal) (character_literal)] @string
