; @scope: a name declared inside is not visible outside. @scope.class: nor inside the functions it contains.
; @declared: visible from here on. @declared.outer: names the scope it opens, so it is visible around that scope.
[
  (module) (function_definition) (lambda)
  (list_comprehension) (dictionary_comprehension) (set_comprehension) (generator_expression)
] @scope
(class_definition) @scope.class

(function_definition name: (identifier) @declared.outer)
(class_definition name: (identifier) @declared.outer)

(parameters (identifier) @declared)
(lambda_parameters (identifier) @declared)
(default_parameter name: (identifier) @declared)
(typed_default_parameter name: (identifier) @declared)
(typed_parameter (identifier) @declared)
(list_splat_pattern (identifier) @declared)
(dictionary_splat_pattern (identifier) @declared)
(tuple_pattern (identifier) @declared)
(list_pattern (identifier) @declared)
(pattern_list (identifier) @declared)

(assignment left: (identifier) @declared)
(augmented_assignment left: (identifier) @declared)
(named_expression name: (identifier) @declared)
(for_statement left: (identifier) @declared)
(for_in_clause left: (identifier) @declared)
(as_pattern alias: (as_pattern_target (identifier) @declared))
(global_statement (identifier) @declared)
(nonlocal_statement (identifier) @declared)
(type_alias_statement left: (type (identifier) @declared))

(import_statement name: (dotted_name . (identifier) @declared))
(import_from_statement name: (dotted_name . (identifier) @declared))
(aliased_import alias: (identifier) @declared)

(case_pattern (dotted_name . (identifier) @declared .))
(case_pattern (as_pattern (identifier) @declared))
(as_pattern (identifier) @declared .)
(splat_pattern (identifier) @declared)
(keyword_pattern (identifier) (dotted_name . (identifier) @declared .))

; An @identifier means a variable, unless it is also a @member: what follows a dot, or names an argument.
(attribute attribute: (identifier) @member)
(keyword_argument name: (identifier) @member)
