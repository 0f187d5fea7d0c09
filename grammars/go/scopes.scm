; See python/scopes.scm for the meaning of the captures.
(identifier) @use.read
(type_identifier) @use.type
(call_expression function: (identifier) @use.call)
(selector_expression field: (field_identifier) @use.member)

[(function_declaration) (method_declaration) (func_literal) (function_type) (method_elem)] @scope.function
[
  (block) (if_statement) (for_statement) (expression_switch_statement) (type_switch_statement) (select_statement)
  (expression_case) (default_case) (type_case) (communication_case)
] @scope.block
[(type_spec) (type_alias)] @scope.type

(function_declaration name: (identifier) @bind.function.outer.early)
(method_declaration name: (field_identifier) @bind.member.object)
(method_declaration receiver: (parameter_list (parameter_declaration type: (type_identifier) @owner)))
(method_declaration receiver: (parameter_list (parameter_declaration type: (pointer_type (type_identifier) @owner))))
(method_declaration
  receiver: (parameter_list (parameter_declaration type: (generic_type type: (type_identifier) @owner))))
(method_declaration
  receiver: (parameter_list (parameter_declaration type: (pointer_type (generic_type type: (type_identifier) @owner)))))
(type_spec name: (type_identifier) @bind.type.outer @owner)
(type_alias name: (type_identifier) @bind.type.outer)
(source_file (type_declaration (type_spec name: (type_identifier) @bind.type.outer.early @owner)))
(source_file (type_declaration (type_alias name: (type_identifier) @bind.type.outer.early)))
(type_parameter_declaration name: (identifier) @bind.type.early)
; receivers of generic types name their parameters: func (l *List[T])
(method_declaration receiver: (parameter_list
  (parameter_declaration type: (generic_type type_arguments: (type_arguments (type_elem (type_identifier) @bind.type.early))))))
(method_declaration receiver: (parameter_list
  (parameter_declaration type: (pointer_type
    (generic_type type_arguments: (type_arguments (type_elem (type_identifier) @bind.type.early)))))))
(field_declaration name: (field_identifier) @bind.member.object)
(method_elem name: (field_identifier) @bind.member.owner.object)

(parameter_declaration name: (identifier) @bind.parameter)
(variadic_parameter_declaration name: (identifier) @bind.parameter)
(short_var_declaration left: (expression_list (identifier) @bind.variable))
(var_spec name: (identifier) @bind.variable)
(const_spec name: (identifier) @bind.constant)
(source_file (var_declaration (var_spec name: (identifier) @bind.variable.early)))
(source_file (var_declaration (var_spec_list (var_spec name: (identifier) @bind.variable.early))))
(source_file (const_declaration (const_spec name: (identifier) @bind.constant.early)))
(range_clause left: (expression_list (identifier) @bind.variable))
(receive_statement left: (expression_list (identifier) @bind.variable))
(type_switch_statement alias: (expression_list (identifier) @bind.variable))

(import_spec name: (package_identifier) @bind.import.early)
(import_spec name: (dot) @open.file)
; a package may have another name than the last part of its path
(selector_expression operand: (identifier) @use.read.lenient)
(qualified_type name: (type_identifier) @use.member)
; the key of a composite literal is a field or a value
(keyed_element key: (literal_element (identifier) @use.read.lenient))
(labeled_statement label: (label_name) @bind.label.object)
(goto_statement (label_name) @use.label)
(break_statement (label_name) @use.label)
(continue_statement (label_name) @use.label)
; cgo declares what its comment includes
((import_spec path: (interpreted_string_literal (interpreted_string_literal_content) @open.file)) (#eq? @open.file "C"))
