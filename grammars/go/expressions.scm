; See python/expressions.scm for the meaning of the captures.
[
  (call_expression) (selector_expression) (index_expression) (slice_expression) (binary_expression) (unary_expression)
  (composite_literal) (func_literal) (type_assertion_expression) (type_conversion_expression)
  (interpreted_string_literal) (raw_string_literal) (int_literal) (float_literal) (rune_literal) (true) (false)
  (parenthesized_expression)
] @expression
[
  (call_expression) (selector_expression) (index_expression) (slice_expression) (binary_expression)
  (composite_literal) (func_literal) (type_assertion_expression) (type_conversion_expression)
] @worthwhile
(unary_expression operator: "!") @worthwhile
(argument_list [(interpreted_string_literal) (raw_string_literal) (int_literal) (float_literal)] @worthwhile)
(binary_expression [(interpreted_string_literal) (int_literal) (float_literal)] @worthwhile)

[(call_expression) (func_literal)] @impure
(unary_expression operator: "<-") @impure
[(selector_expression) (index_expression) (slice_expression) (type_assertion_expression)] @fallible
(binary_expression operator: ["/" "%" "<<" ">>"]) @fallible
(unary_expression operator: "*") @fallible

(assignment_statement left: (expression_list (_) @target))
(short_var_declaration left: (expression_list (_) @target))
(inc_statement (_) @target)
(dec_statement (_) @target)
(unary_expression operator: "&" operand: (_) @target)
(call_expression function: (_) @target)
(range_clause left: (expression_list (_) @target))

(binary_expression operator: ["&&" "||"] right: (_) @deferred)

[
  (parameter_list) (import_declaration) (type_declaration) (const_declaration) (for_clause) (range_clause) (field_declaration)
  (go_statement) (defer_statement) (expression_case) (type_case) (communication_case) (labeled_statement) (type_arguments)
] @closed
(for_statement . (_) @closed)
(if_statement condition: (_) @closed)
(if_statement alternative: (_) @closed)
(if_statement initializer: (_) @closed)
(keyed_element key: (_) @closed)
(selector_expression field: (_) @closed)
(type_assertion_expression type: (_) @closed)
(return_statement (expression_list (call_expression) @closed .))
; several values cannot be named at once
(return_statement (expression_list . (call_expression) @closed .))

(comment) @comment
[(interpreted_string_literal) (raw_string_literal) (rune_literal)] @string
