; See python/expressions.scm for the meaning of the captures.
[
  (call_expression) (field_expression) (subscript_expression) (binary_expression) (unary_expression)
  (conditional_expression) (cast_expression) (parenthesized_expression) (pointer_expression)
  (string_literal) (concatenated_string) (number_literal) (char_literal) (true) (false)
] @expression
[
  (call_expression) (field_expression) (subscript_expression) (binary_expression)
  (conditional_expression) (cast_expression)
] @worthwhile
(unary_expression operator: "!") @worthwhile
(argument_list [(string_literal) (concatenated_string) (number_literal) (char_literal) (unary_expression)] @worthwhile)
(binary_expression [(string_literal) (number_literal) (char_literal)] @worthwhile)
(return_statement [(string_literal) (concatenated_string) (number_literal)] @worthwhile)

[(call_expression) (assignment_expression) (update_expression) (gnu_asm_expression)] @impure
[(field_expression) (subscript_expression) (pointer_expression)] @fallible
(binary_expression operator: ["/" "%" "<<" ">>"]) @fallible

(assignment_expression left: (_) @target)
(update_expression argument: (_) @target)
(call_expression function: (_) @target)
(pointer_expression operator: "&" argument: (_) @target)

(binary_expression operator: ["&&" "||"] right: (_) @deferred)
(conditional_expression consequence: (_) @deferred)
(conditional_expression alternative: (_) @deferred)

[
  (parameter_list) (preproc_include) (preproc_def) (preproc_function_def) (preproc_call) (preproc_if) (preproc_ifdef)
  (case_statement) (else_clause) (sizeof_expression) (alignof_expression) (offsetof_expression) (generic_expression)
  (enumerator) (bitfield_clause) (attribute_specifier) (attribute_declaration) (gnu_asm_expression)
  (type_descriptor) (labeled_statement) (extension_expression)
] @closed
(array_declarator size: (_) @closed)
(while_statement condition: (_) @closed)
(do_statement condition: (_) @closed)
(for_statement condition: (_) @closed)
(for_statement update: (_) @closed)
(concatenated_string (_) @closed)
(field_expression field: (_) @closed)
(declaration (storage_class_specifier)) @closed
(init_declarator declarator: (array_declarator) value: (_) @closed)

(comment) @comment
[(string_literal) (char_literal) (system_lib_string)] @string
