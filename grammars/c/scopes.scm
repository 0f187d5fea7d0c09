; See python/scopes.scm for the meaning of the captures.
(identifier) @use.read
(type_identifier) @use.type
(call_expression function: (identifier) @use.call)
; compilers have names of their own
((identifier) @use.read.lenient (#starts-with? @use.read.lenient "__"))
((type_identifier) @use.type.lenient (#starts-with? @use.type.lenient "__"))
((call_expression function: (identifier) @use.call.lenient) (#starts-with? @use.call.lenient "__"))

(function_definition) @scope.function
(parameter_list) @scope.block
[(compound_statement) (for_statement)] @scope.block
[(struct_specifier) (union_specifier)] @scope.type
(struct_specifier name: (type_identifier) @bind.type.file @owner)
(union_specifier name: (type_identifier) @bind.type.file @owner)
(enum_specifier name: (type_identifier) @bind.type)
(enumerator name: (identifier) @bind.constant.hoisted)

(function_definition declarator: (_) @bind.function.outer)
(declaration declarator: (_) @bind.variable)
(type_definition declarator: (_) @bind.type)
(field_declaration declarator: (_) @bind.member.object)
(parameter_declaration declarator: (_) @bind.parameter)
; K&R parameters
(parameter_list (identifier) @bind.parameter)
(function_definition declarator: (function_declarator parameters: (parameter_list (parameter_declaration declarator: (_) @bind.parameter.outer))))
(function_definition declarator: (_ (function_declarator parameters: (parameter_list (parameter_declaration declarator: (_) @bind.parameter.outer)))))
(function_definition
  declarator: (_ (_ (function_declarator parameters: (parameter_list (parameter_declaration declarator: (_) @bind.parameter.outer))))))
(function_declarator declarator: (_) @inherit.function)
(parenthesized_declarator (_) @inherit)
(pointer_declarator declarator: (_) @inherit)
(array_declarator declarator: (_) @inherit)
(attributed_declarator . (_) @inherit)
(init_declarator declarator: (_) @inherit)
(parenthesized_declarator (function_declarator declarator: (_) @inherit))

(field_expression field: (field_identifier) @use.member)
(labeled_statement label: (_) @bind.label.object)
(goto_statement label: (_) @use.label)

; the preprocessor
(preproc_def name: (identifier) @bind.macro.file)
(preproc_function_def name: (identifier) @bind.macro.file)
; a macro may declare what its text names, and glue names together that stand nowhere
(preproc_arg) @words
((preproc_arg) @open.file (#contains? @open.file "##"))
(preproc_params (identifier) @skip)
(preproc_ifdef name: (identifier) @skip)
(preproc_elifdef name: (identifier) @skip)
(preproc_defined (identifier) @skip)
(preproc_if condition: (_) @lenient)
(preproc_elif condition: (_) @lenient)
(preproc_if condition: (identifier) @skip)
(preproc_elif condition: (identifier) @skip)
(preproc_include path: (string_literal (string_content) @include.quoted))
(preproc_include path: (system_lib_string) @include.system)
(preproc_include path: (identifier) @open.file)
(preproc_include path: (call_expression) @open.file)
[(attribute_specifier) (attribute_declaration) (ms_declspec_modifier) (gnu_asm_expression)] @lenient
(attribute name: (identifier) @skip)
(attribute prefix: (identifier) @skip)
(ms_declspec_modifier (identifier) @skip)
(concatenated_string (identifier) @use.macro.lenient)
(macro_type_specifier name: (identifier) @use.macro)
(function_declarator (identifier) @use.macro.lenient)
(function_declarator declarator: (identifier) @inherit.function)
