; inherits: javascript
; See python/scopes.scm for the meaning of the captures.
(type_identifier) @use.type
[(abstract_class_declaration) (interface_declaration) (enum_body)] @scope.type
(class_declaration name: (type_identifier) @bind.type.outer.early @owner)
(class name: (type_identifier) @bind.type @owner)
(abstract_class_declaration name: (type_identifier) @bind.type.outer.early @owner)
(interface_declaration name: (type_identifier) @bind.type.outer.early @owner)
(enum_declaration name: (identifier) @bind.type.early)
(enum_body name: (_) @bind.member)
(enum_assignment name: (_) @bind.member)
[(function_signature) (abstract_method_signature)] @scope.function
; what is inferred inside of these belongs to the conditional type around them
[
  (method_signature) (call_signature) (construct_signature) (function_type) (constructor_type) (index_signature)
] @scope.comprehension
[(type_alias_declaration) (conditional_type)] @scope.block
(type_alias_declaration name: (type_identifier) @bind.type.outer.early)
(function_signature name: (identifier) @bind.function.outer.early)
(type_parameter name: (type_identifier) @bind.type.early)
(infer_type . (type_identifier) @bind.type.lifted.early)
(mapped_type_clause name: (type_identifier) @bind.type.early)
(index_signature name: (identifier) @bind.parameter)

; others may add names to a namespace
[(internal_module) (module)] @scope.space.open
(internal_module name: (identifier) @bind.space.outer.early)
(internal_module name: (nested_identifier object: (identifier) @bind.space.outer.early))
(internal_module name: (nested_identifier object: (member_expression object: (identifier) @bind.space.outer.early)))
(module name: (identifier) @bind.space.outer.early)
(module name: (nested_identifier object: (identifier) @bind.space.outer.early))
(ambient_declaration (statement_block) @open.file)

(required_parameter pattern: (_) @inherit)
(required_parameter name: (_) @inherit)
(optional_parameter pattern: (_) @inherit)
(optional_parameter name: (_) @inherit)
(tuple_type (required_parameter name: (_) @skip))
(tuple_type (required_parameter pattern: (_) @skip))
(tuple_type (optional_parameter name: (_) @skip))
(tuple_type (optional_parameter pattern: (_) @skip))

(import_alias . (identifier) @bind.import.early)
(import_require_clause (identifier) @bind.import.early)
((export_statement "namespace" (identifier) @skip))
(nested_type_identifier name: (_) @use.member)
(nested_identifier property: (_) @use.member)
(class_body (method_signature name: (_) @bind.member.owner.object))
(class_body (abstract_method_signature name: (_) @bind.member.owner.object))
(public_field_definition name: (_) @bind.member.owner.object)
(interface_body (property_signature name: (_) @bind.member.owner.object))
(interface_body (method_signature name: (_) @bind.member.owner.object))
(ambient_declaration (property_identifier) @skip)

; type arguments before a template are read as comparisons, and what stands behind them is torn out of its function
(binary_expression left: (arrow_function) @open.file)
(call_expression function: (arrow_function) @open.file)
(binary_expression left: (binary_expression) operator: ">" right: (template_string) @open.file)
; so is a mapped type whose key has the name of a keyword
(property_signature name: (computed_property_name (binary_expression left: (identifier) @skip operator: "in")))
