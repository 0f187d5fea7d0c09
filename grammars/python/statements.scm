; @statement: smallest units that a fix may rewrite. @body: the part of a compound statement that is not its header.
; @block: its children are statements, and a declaration may be inserted between them.
[
  (expression_statement) (return_statement) (raise_statement) (assert_statement) (delete_statement)
  (pass_statement) (break_statement) (continue_statement) (global_statement) (nonlocal_statement)
  (import_statement) (import_from_statement) (future_import_statement) (type_alias_statement)
  (print_statement) (exec_statement)
  (if_statement) (elif_clause) (else_clause) (for_statement) (while_statement)
  (try_statement) (except_clause) (finally_clause) (with_statement) (match_statement) (case_clause)
  (function_definition) (class_definition) (decorator)
] @statement

(decorated_definition) @statement

(block) @body @block
(decorated_definition definition: (_) @body)
(module) @block
