; See python/statements.scm for the meaning of the captures.
[
  (expression_statement) (send_statement) (inc_statement) (dec_statement) (assignment_statement) (short_var_declaration)
  (var_declaration) (const_declaration) (type_declaration) (import_declaration) (package_clause)
  (return_statement) (go_statement) (defer_statement) (break_statement) (continue_statement) (goto_statement)
  (fallthrough_statement) (labeled_statement) (empty_statement)
  (if_statement) (for_statement) (expression_switch_statement) (type_switch_statement) (select_statement)
  (expression_case) (default_case) (type_case) (communication_case)
  (function_declaration) (method_declaration) (field_declaration)
] @statement

[(source_file) (statement_list)] @block
(function_declaration body: (_) @body)
(method_declaration body: (_) @body)
(if_statement consequence: (_) @body)
(for_statement body: (_) @body)
(expression_case (statement_list) @body)
(default_case (statement_list) @body)
(type_case (statement_list) @body)
(communication_case (statement_list) @body)
(comment) @comment
