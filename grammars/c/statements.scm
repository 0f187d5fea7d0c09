; See python/statements.scm for the meaning of the captures.
[
  (expression_statement) (declaration) (return_statement) (break_statement) (continue_statement) (goto_statement)
  (labeled_statement) (attributed_statement) (type_definition) (field_declaration) (enumerator)
  (if_statement) (else_clause) (for_statement) (while_statement) (do_statement) (switch_statement) (case_statement)
  (function_definition) (linkage_specification)
  (preproc_include) (preproc_def) (preproc_function_def) (preproc_call)
] @statement
(translation_unit [(struct_specifier) (union_specifier) (enum_specifier)] @statement)

(compound_statement) @block
(function_definition body: (_) @body)
(if_statement consequence: (_) @body)
(else_clause (_) @body)
(for_statement body: (_) @body)
(while_statement body: (_) @body)
(do_statement body: (_) @body)
(switch_statement body: (_) @body)
(case_statement value: (_) . (_) @body)
(struct_specifier body: (_) @body)
(union_specifier body: (_) @body)
(enum_specifier body: (_) @body)
(linkage_specification body: (_) @body)
