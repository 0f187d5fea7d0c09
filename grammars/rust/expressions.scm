; See python/expressions.scm for the meaning of the captures.
[
  (call_expression) (field_expression) (index_expression) (binary_expression) (unary_expression) (reference_expression)
  (type_cast_expression) (tuple_expression) (array_expression) (struct_expression) (closure_expression)
  (macro_invocation) (string_literal) (raw_string_literal) (char_literal) (integer_literal) (float_literal)
  (boolean_literal) (parenthesized_expression)
] @expression
[
  (call_expression) (field_expression) (index_expression) (binary_expression) (type_cast_expression)
  (tuple_expression) (array_expression) (struct_expression) (closure_expression)
] @worthwhile
(arguments [(string_literal) (raw_string_literal) (integer_literal) (float_literal)] @worthwhile)
(binary_expression [(integer_literal) (float_literal)] @worthwhile)

[(call_expression) (macro_invocation) (await_expression) (try_expression) (return_expression) (closure_expression)] @impure
[(index_expression) (field_expression)] @fallible
(binary_expression operator: ["/" "%" "<<" ">>" "+" "-" "*"]) @fallible

(assignment_expression left: (_) @target)
(compound_assignment_expr left: (_) @target)
(reference_expression value: (_) @target)
(call_expression function: (_) @target)
(field_expression value: (_) @target)
(index_expression . (_) @target)
(let_declaration pattern: (_) @target)

(binary_expression operator: ["&&" "||"] right: (_) @deferred)

[
  (parameters) (closure_parameters) (use_declaration) (attribute_item) (inner_attribute_item) (type_arguments)
  (match_arm) (match_pattern) (const_item) (static_item) (macro_invocation) (token_tree) (let_condition) (let_chain)
  (range_expression) (array_type) (enum_variant)
] @closed
(closure_expression body: (_) @closed)
(while_expression condition: (_) @closed)
(for_expression pattern: (_) @closed)
(if_expression condition: (_) @closed)
(if_expression alternative: (_) @closed)
(field_expression field: (_) @closed)
(field_initializer field: (_) @closed)
(let_declaration alternative: (_) @closed)

[(line_comment) (block_comment)] @comment
[(string_literal) (raw_string_literal) (char_literal)] @string
