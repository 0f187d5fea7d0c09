; See python/scopes.scm for the meaning of the captures.
(identifier) @use.read
(assignment_expression left: (identifier) @use.write)
; types may come from any file of the package
(type_identifier) @use.type.lenient

[
  (class_declaration) (interface_declaration) (enum_declaration) (record_declaration) (annotation_type_declaration)
] @scope.type
[(method_declaration) (constructor_declaration) (compact_constructor_declaration) (lambda_expression)
 (static_initializer)] @scope.function
[
  (block) (constructor_body) (for_statement) (enhanced_for_statement) (catch_clause) (switch_block)
  (try_with_resources_statement) (switch_rule)
] @scope.block
; an anonymous class has the members of its base
(object_creation_expression (class_body) @scope.type.open)
(enum_constant (class_body) @scope.type.open)

(class_declaration name: (identifier) @bind.type.outer.early @owner)
(interface_declaration name: (identifier) @bind.type.outer.early @owner)
(enum_declaration name: (identifier) @bind.type.outer.early @owner)
(record_declaration name: (identifier) @bind.type.outer.early @owner)
(annotation_type_declaration name: (identifier) @bind.type.outer.early @owner)
(class_declaration superclass: (_) @open)
(class_declaration interfaces: (_) @open)
(enum_declaration interfaces: (_) @open)
(record_declaration interfaces: (_) @open)
(interface_declaration (extends_interfaces) @open)
; annotations may make a compiler plug-in add members
(class_declaration (modifiers [(marker_annotation) (annotation)] @open.file))
(enum_declaration (modifiers [(marker_annotation) (annotation)] @open.file))

(method_declaration name: (identifier) @bind.member.outer.early)
(constructor_declaration name: (identifier) @skip)
(compact_constructor_declaration name: (identifier) @skip)
(field_declaration declarator: (variable_declarator name: (identifier) @bind.member.early))
(constant_declaration declarator: (variable_declarator name: (identifier) @bind.member.early))
(enum_constant name: (identifier) @bind.member.early)
(annotation_type_element_declaration name: (identifier) @bind.member.object)
(local_variable_declaration declarator: (variable_declarator name: (identifier) @bind.variable))
(formal_parameter name: (identifier) @bind.parameter)
(spread_parameter (variable_declarator name: (identifier) @bind.parameter))
(catch_formal_parameter name: (identifier) @bind.parameter)
(inferred_parameters (identifier) @bind.parameter)
(lambda_expression parameters: (identifier) @bind.parameter)
(enhanced_for_statement name: (identifier) @bind.variable)
(resource name: (identifier) @bind.variable)
(instanceof_expression name: (identifier) @bind.variable.hoisted)
(type_pattern (identifier) @bind.variable.hoisted)
(record_pattern_component (identifier) @bind.variable.hoisted)
(record_pattern . (identifier) @skip)
(type_parameter (type_identifier) @bind.type.early)
(receiver_parameter (identifier) @skip)

(field_access field: (identifier) @use.member)
(method_invocation object: (_) name: (identifier) @use.member)
; may be inherited, or brought in by a static import
(method_invocation name: (identifier) @use.call.lenient)
(method_invocation object: (_) name: (identifier) @use.member)
; a variable, a type or a package
(field_access object: (identifier) @use.read.lenient)
(method_invocation object: (identifier) @use.read.lenient)
(method_reference (identifier) @use.read.lenient)
(array_access array: (identifier) @use.read)
(scoped_identifier) @lenient
(scoped_identifier (identifier) @skip)
(import_declaration) @lenient
(import_declaration (identifier) @bind.import.early)
(import_declaration (scoped_identifier name: (identifier) @bind.import.early))
(import_declaration "static" (asterisk) @open.file)
(package_declaration (identifier) @skip)
[(marker_annotation) (annotation)] @lenient
(marker_annotation name: (identifier) @skip)
(annotation name: (identifier) @skip)
(element_value_pair key: (identifier) @skip)
(switch_label (identifier) @use.read.lenient)
(labeled_statement . (identifier) @bind.label.object)
(break_statement (identifier) @use.label)
(continue_statement (identifier) @use.label)
(module_declaration) @lenient
