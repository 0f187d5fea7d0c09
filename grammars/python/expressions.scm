; @expression: may become the value of a variable. @worthwhile: chosen when only a cursor is given.
; @impure: has or may have an effect. @fallible: may raise, so it must not run earlier than it would have.
; @target: is written to, so it cannot be replaced itself. @closed: nothing is lifted out of it.
; @deferred: runs later, repeatedly or not at all; only what can neither fail nor have an effect is lifted out of it.
[
  (call) (attribute) (subscript) (binary_operator) (boolean_operator) (comparison_operator) (not_operator)
  (unary_operator) (conditional_expression) (await) (lambda) (list) (dictionary) (set) (tuple)
  (list_comprehension) (dictionary_comprehension) (set_comprehension) (generator_expression)
  (string) (concatenated_string) (integer) (float) (true) (false) (none) (parenthesized_expression)
] @expression
[
  (call) (attribute) (subscript) (binary_operator) (boolean_operator) (comparison_operator) (not_operator)
  (conditional_expression) (await) (lambda) (list) (dictionary) (set) (tuple)
  (list_comprehension) (dictionary_comprehension) (set_comprehension) (generator_expression)
] @worthwhile
(argument_list [(string) (concatenated_string) (integer) (float) (unary_operator)] @worthwhile)
(keyword_argument value: [(string) (concatenated_string) (integer) (float) (unary_operator)] @worthwhile)
(binary_operator [(string) (concatenated_string) (integer) (float)] @worthwhile)
(comparison_operator [(string) (concatenated_string) (integer) (float)] @worthwhile)
(return_statement [(string) (concatenated_string) (integer) (float)] @worthwhile)

[(call) (await) (yield) (named_expression)] @impure
[(attribute) (subscript)] @fallible
(binary_operator ["/" "//" "%" "**" "<<" ">>" "@"]) @fallible

(assignment left: (_) @target)
(augmented_assignment left: (_) @target)
(pattern_list (_) @target)
(tuple_pattern (_) @target)
(list_pattern (_) @target)
(delete_statement (_) @target)
(delete_statement (expression_list (_) @target))
(call function: (_) @target)
(list_splat_pattern (_) @target)

(boolean_operator right: (_) @deferred)
(conditional_expression . (_) @deferred)
(conditional_expression (_) @deferred .)
(comparison_operator (_) (_) (_) @deferred)
(assert_statement (_) . (_) @deferred)
(list_comprehension body: (_) @deferred)
(set_comprehension body: (_) @deferred)
(dictionary_comprehension body: (_) @deferred)
(generator_expression body: (_) @deferred)
(list_comprehension (for_in_clause) (_) @deferred)
(set_comprehension (for_in_clause) (_) @deferred)
(dictionary_comprehension (for_in_clause) (_) @deferred)
(generator_expression (for_in_clause) (_) @deferred)

[
  (parameters) (lambda_parameters) (decorator) (type) (interpolation) (yield)
  (import_statement) (import_from_statement) (future_import_statement) (global_statement) (nonlocal_statement)
  (type_alias_statement) (exec_statement) (case_pattern) (elif_clause) (except_clause) (case_clause)
  (format_specifier)
] @closed
(lambda body: (_) @closed)
(while_statement condition: (_) @closed)
(for_statement left: (_) @closed)
(for_in_clause left: (_) @closed)
(as_pattern_target) @closed
(named_expression name: (_) @closed)
(with_clause (with_item) (with_item) @closed)
(concatenated_string (_) @closed)
(keyword_argument name: (_) @closed)
(attribute attribute: (_) @closed)

(comment) @comment
(string) @string
