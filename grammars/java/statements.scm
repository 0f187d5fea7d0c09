; See python/statements.scm for the meaning of the captures.
[
  (expression_statement) (local_variable_declaration) (return_statement) (throw_statement) (assert_statement)
  (break_statement) (continue_statement) (yield_statement) (labeled_statement) (import_declaration) (package_declaration)
  (if_statement) (for_statement) (enhanced_for_statement) (while_statement) (do_statement) (switch_expression)
  (switch_block_statement_group) (switch_rule) (try_statement) (try_with_resources_statement) (catch_clause)
  (finally_clause) (synchronized_statement) (explicit_constructor_invocation)
  (class_declaration) (interface_declaration) (enum_declaration) (record_declaration) (annotation_type_declaration)
  (method_declaration) (constructor_declaration) (field_declaration) (constant_declaration) (enum_constant)
  (static_initializer)
] @statement

[(program) (block) (class_body) (interface_body) (enum_body_declarations) (constructor_body) (switch_block_statement_group)] @block
(class_declaration body: (_) @body)
(interface_declaration body: (_) @body)
(enum_declaration body: (_) @body)
(record_declaration body: (_) @body)
(method_declaration body: (_) @body)
(constructor_declaration body: (_) @body)
(if_statement consequence: (_) @body)
(for_statement body: (_) @body)
(enhanced_for_statement body: (_) @body)
(while_statement body: (_) @body)
(do_statement body: (_) @body)
(switch_expression body: (_) @body)
(try_statement body: (_) @body)
(try_with_resources_statement body: (_) @body)
(catch_clause body: (_) @body)
(synchronized_statement body: (_) @body)
(finally_clause (block) @body)
[(line_comment) (block_comment)] @comment
