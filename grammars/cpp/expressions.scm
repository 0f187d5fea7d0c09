; See python/expressions.scm for the meaning of the captures. @place: denotes an object, so the variable is a reference.
[
  (call_expression) (field_expression) (subscript_expression) (binary_expression) (unary_expression)
  (conditional_expression) (cast_expression) (parenthesized_expression) (pointer_expression)
  (new_expression) (lambda_expression) (co_await_expression)
  (string_literal) (raw_string_literal) (concatenated_string) (user_defined_literal)
  (number_literal) (char_literal) (true) (false) (null)
] @expression
[
  (call_expression) (field_expression) (subscript_expression) (binary_expression)
  (conditional_expression) (cast_expression) (new_expression) (lambda_expression) (co_await_expression)
] @worthwhile
(unary_expression operator: "!") @worthwhile
(pointer_expression operator: "*") @worthwhile
(argument_list [(string_literal) (raw_string_literal) (concatenated_string) (number_literal) (char_literal)
                (unary_expression)] @worthwhile)
(binary_expression [(string_literal) (number_literal) (char_literal)] @worthwhile)
(return_statement [(string_literal) (raw_string_literal) (concatenated_string) (number_literal)] @worthwhile)

[(call_expression) (assignment_expression) (update_expression) (gnu_asm_expression) (new_expression)
 (delete_expression) (co_await_expression) (co_yield_statement) (lambda_expression)] @impure
[(field_expression) (subscript_expression) (pointer_expression)] @fallible
(binary_expression operator: ["/" "%" "<<" ">>"]) @fallible
[(field_expression) (subscript_expression)] @place
(pointer_expression operator: "*") @place

(assignment_expression left: (_) @target)
(update_expression argument: (_) @target)
(call_expression function: (_) @target)
(pointer_expression operator: "&" argument: (_) @target)

(binary_expression operator: ["&&" "||" "and" "or"] right: (_) @deferred)
(conditional_expression consequence: (_) @deferred)
(conditional_expression alternative: (_) @deferred)

[
  (parameter_list) (template_parameter_list) (template_argument_list) (preproc_include) (preproc_def)
  (preproc_function_def) (preproc_call) (preproc_if) (preproc_ifdef)
  (case_statement) (else_clause) (sizeof_expression) (alignof_expression) (offsetof_expression) (generic_expression)
  (decltype) (noexcept) (requires_clause) (requires_expression) (static_assert_declaration) (fold_expression)
  (parameter_pack_expansion) (lambda_capture_specifier) (catch_clause)
  (enumerator) (bitfield_clause) (attribute_specifier) (attribute_declaration) (gnu_asm_expression)
  (type_descriptor) (labeled_statement) (field_initializer_list) (extension_expression) (new_declarator)
] @closed
(array_declarator size: (_) @closed)
(while_statement condition: (_) @closed)
(do_statement condition: (_) @closed)
(for_statement condition: (_) @closed)
(for_statement update: (_) @closed)
(if_statement "constexpr" condition: (_) @closed)
(condition_clause initializer: (_) @closed)
(concatenated_string (_) @closed)
(field_expression field: (_) @closed)
(declaration (storage_class_specifier)) @closed
(declaration (type_qualifier "constexpr")) @closed
(declaration (type_qualifier "constinit")) @closed
(init_declarator declarator: (array_declarator) value: (_) @closed)
(template_declaration (_) @closed)
(throw_specifier) @closed
(user_defined_literal (_) @closed)

(comment) @comment
[(string_literal) (char_literal) (raw_string_literal) (system_lib_string)] @string
