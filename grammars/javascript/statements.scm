; See python/statements.scm for the meaning of the captures.
[
  (expression_statement) (lexical_declaration) (variable_declaration) (using_declaration) (return_statement)
  (break_statement) (continue_statement) (debugger_statement) (throw_statement) (labeled_statement) (empty_statement)
  (import_statement) (export_statement)
  (if_statement) (else_clause) (for_statement) (for_in_statement) (while_statement) (do_statement) (with_statement)
  (switch_statement) (switch_case) (switch_default) (try_statement) (catch_clause) (finally_clause)
  (function_declaration) (generator_function_declaration) (class_declaration) (method_definition) (field_definition)
] @statement

[(statement_block) (program) (switch_case) (switch_default)] @block
(function_declaration body: (_) @body)
(generator_function_declaration body: (_) @body)
(class_declaration body: (_) @body)
(method_definition body: (_) @body)
(if_statement consequence: (_) @body)
(else_clause (_) @body)
(for_statement body: (_) @body)
(for_in_statement body: (_) @body)
(while_statement body: (_) @body)
(do_statement body: (_) @body)
(with_statement body: (_) @body)
(switch_statement body: (_) @body)
(switch_case body: (_) @body)
(switch_default body: (_) @body)
(try_statement body: (_) @body)
(catch_clause body: (_) @body)
(finally_clause body: (_) @body)
(export_statement declaration: [(function_declaration) (generator_function_declaration) (class_declaration)] @body)
