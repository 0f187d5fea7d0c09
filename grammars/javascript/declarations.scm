; See python/declarations.scm for the meaning of the captures.
[
  (program) (statement_block) (function_declaration) (generator_function_declaration) (function_expression)
  (generator_function) (arrow_function) (method_definition) (for_statement) (for_in_statement) (catch_clause)
  (class_static_block) (switch_body)
] @scope

(function_declaration name: (identifier) @declared.outer)
(generator_function_declaration name: (identifier) @declared.outer)
(function_expression name: (identifier) @declared)
(class_declaration name: (identifier) @declared)
(variable_declarator name: (identifier) @declared)
(formal_parameters (identifier) @declared)
(formal_parameters (assignment_pattern left: (identifier) @declared))
(arrow_function parameter: (identifier) @declared)
(rest_pattern (identifier) @declared)
(array_pattern (identifier) @declared)
(array_pattern (assignment_pattern left: (identifier) @declared))
(pair_pattern value: (identifier) @declared)
(pair_pattern value: (assignment_pattern left: (identifier) @declared))
(shorthand_property_identifier_pattern) @declared
(for_in_statement left: (identifier) @declared)
(catch_clause parameter: (identifier) @declared)
(import_clause (identifier) @declared)
(namespace_import (identifier) @declared)
(import_specifier !alias name: (identifier) @declared)
(import_specifier alias: (identifier) @declared)
