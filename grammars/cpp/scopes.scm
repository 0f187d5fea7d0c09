; inherits: c
; See python/scopes.scm for the meaning of the captures.
(namespace_identifier) @use.type.lenient
(lambda_expression) @scope.function
[
  (for_range_loop) (if_statement) (while_statement) (switch_statement) (catch_clause) (requires_expression)
] @scope.block
(template_declaration) @scope.comprehension
(template_declaration (declaration declarator: (_) @bind.function.lifted))
(class_specifier) @scope.type
(namespace_definition) @scope.space
(class_specifier name: (type_identifier) @bind.type.outer @owner)
(class_specifier name: (template_type name: (type_identifier) @bind.type.outer @owner))
(class_specifier name: (qualified_identifier name: (type_identifier) @owner))
(struct_specifier name: (type_identifier) @bind.type.outer @owner)
(struct_specifier name: (template_type name: (type_identifier) @bind.type.outer @owner))
(namespace_definition name: (namespace_identifier) @bind.space.outer)
(namespace_definition name: (nested_namespace_specifier . (namespace_identifier) @bind.space.outer))
(namespace_alias_definition name: (namespace_identifier) @bind.space)
; what a base class declares is seen by its bare name
(class_specifier (base_class_clause) @open)
(struct_specifier (base_class_clause) @open)

(function_definition declarator: (function_declarator declarator: (qualified_identifier scope: (namespace_identifier) @owner)))
(function_definition
  declarator: (_ (function_declarator declarator: (qualified_identifier scope: (namespace_identifier) @owner))))
(field_declaration declarator: (_) @bind.member)
(field_declaration_list (function_definition declarator: (_) @bind.member.outer))
(optional_parameter_declaration declarator: (_) @bind.parameter)
(variadic_parameter_declaration declarator: (_) @bind.parameter)
(lambda_expression declarator: (abstract_function_declarator parameters: (parameter_list (parameter_declaration declarator: (_) @bind.parameter.outer))))
(lambda_expression declarator: (abstract_function_declarator parameters: (parameter_list (optional_parameter_declaration declarator: (_) @bind.parameter.outer))))
(lambda_expression declarator: (abstract_function_declarator parameters: (parameter_list (variadic_parameter_declaration declarator: (_) @bind.parameter.outer))))
(function_definition declarator: (function_declarator parameters: (parameter_list (optional_parameter_declaration declarator: (_) @bind.parameter.outer))))
(function_definition declarator: (_ (function_declarator parameters: (parameter_list (optional_parameter_declaration declarator: (_) @bind.parameter.outer)))))
(function_definition declarator: (function_declarator parameters: (parameter_list (variadic_parameter_declaration declarator: (_) @bind.parameter.outer))))
(function_definition declarator: (_ (function_declarator parameters: (parameter_list (variadic_parameter_declaration declarator: (_) @bind.parameter.outer)))))
(lambda_capture_specifier (lambda_capture_initializer left: (identifier) @bind.variable))
(catch_clause parameters: (parameter_list (parameter_declaration declarator: (_) @bind.parameter.outer)))
(catch_clause parameters: (parameter_list (optional_parameter_declaration declarator: (_) @bind.parameter.outer)))
(catch_clause parameters: (parameter_list (variadic_parameter_declaration declarator: (_) @bind.parameter.outer)))
(requires_expression parameters: (parameter_list (parameter_declaration declarator: (_) @bind.parameter.outer)))
(requires_expression parameters: (parameter_list (optional_parameter_declaration declarator: (_) @bind.parameter.outer)))
(requires_expression parameters: (parameter_list (variadic_parameter_declaration declarator: (_) @bind.parameter.outer)))
(for_range_loop declarator: (_) @bind.variable)
(condition_clause value: (declaration declarator: (_) @bind.variable))
(reference_declarator (_) @inherit)
(variadic_declarator (identifier) @inherit)
(pointer_type_declarator declarator: (_) @inherit)
(structured_binding_declarator (identifier) @inherit)
(template_function name: (identifier) @inherit)
(qualified_identifier name: (_) @skip)
(qualified_identifier name: (identifier) @use.member)
(qualified_identifier name: (type_identifier) @use.member)
(template_method name: (field_identifier) @use.member)
(destructor_name (identifier) @use.type.lenient)
(operator_name) @skip

(alias_declaration name: (type_identifier) @bind.type.lifted)
(type_parameter_declaration (type_identifier) @bind.type)
(variadic_type_parameter_declaration (type_identifier) @bind.type)
(optional_type_parameter_declaration name: (type_identifier) @bind.type)
(template_template_parameter_declaration (type_parameter_declaration (type_identifier) @bind.type))
(concept_definition name: (identifier) @bind.type.lifted)
(using_declaration (identifier) @skip)
(using_declaration (qualified_identifier name: (identifier) @bind.import))
(using_declaration (qualified_identifier name: (qualified_identifier name: (identifier) @bind.import)))
(using_declaration "namespace") @open.file
(friend_declaration (type_identifier) @bind.type.file)
(literal_suffix) @skip
(field_initializer (field_identifier) @use.member)
; what a dependent type or a macro means is not to be seen here
(decltype) @lenient
(template_argument_list) @lenient
; modules, which the grammar does not know
((declaration type: (type_identifier) @open.file) (#any-of? @open.file "import" "module" "export"))
