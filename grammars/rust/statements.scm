; See python/statements.scm for the meaning of the captures.
[
  (expression_statement) (let_declaration) (use_declaration) (extern_crate_declaration) (const_item) (static_item)
  (type_item) (macro_definition) (attribute_item) (inner_attribute_item) (empty_statement) (associated_type)
  (function_item) (function_signature_item) (struct_item) (enum_item) (union_item) (trait_item) (impl_item) (mod_item)
  (foreign_mod_item) (match_arm) (field_declaration) (enum_variant)
] @statement

[(source_file) (block) (declaration_list)] @block
(function_item body: (_) @body)
(trait_item body: (_) @body)
(impl_item body: (_) @body)
(mod_item body: (_) @body)
(struct_item body: (_) @body)
(enum_item body: (_) @body)
(if_expression consequence: (_) @body)
(else_clause (block) @body)
(for_expression body: (_) @body)
(while_expression body: (_) @body)
(loop_expression body: (_) @body)
(match_expression body: (_) @body)
[(line_comment) (block_comment)] @comment
