; See python/declarations.scm for the meaning of the captures.
[
  (translation_unit) (function_definition) (compound_statement) (for_statement)
] @scope

(function_definition declarator: (function_declarator declarator: (identifier) @declared.outer))
(function_definition declarator: (pointer_declarator (function_declarator declarator: (identifier) @declared.outer)))
(declaration declarator: (identifier) @declared)
(declaration declarator: (function_declarator declarator: (identifier) @declared))
(parameter_declaration declarator: (identifier) @declared)
(init_declarator declarator: (identifier) @declared)
(pointer_declarator declarator: (identifier) @declared)
(array_declarator declarator: (identifier) @declared)
(parenthesized_declarator (identifier) @declared)
(enumerator name: (identifier) @declared)
(preproc_def name: (identifier) @declared)
(preproc_function_def name: (identifier) @declared)
(struct_specifier name: (type_identifier) @declared)
(union_specifier name: (type_identifier) @declared)
(enum_specifier name: (type_identifier) @declared)
(type_definition declarator: (type_identifier) @declared)
