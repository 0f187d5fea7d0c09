; See python/scopes.scm for the meaning of the captures.
(identifier) @use.read
(type_identifier) @use.type
(call_expression function: (identifier) @use.call)
(field_expression field: (field_identifier) @use.member)

[(function_item) (closure_expression) (function_signature_item)] @scope.function
[
  (block) (match_arm) (for_expression) (if_expression) (while_expression) (type_item) (associated_type)
] @scope.block
(mod_item) @scope.space
[(struct_item) (enum_item) (union_item) (trait_item) (impl_item)] @scope.type

(function_item name: (identifier) @bind.function.outer.early)
(function_signature_item name: (identifier) @bind.function.outer.early)
(struct_item name: (type_identifier) @bind.type.outer.early @owner)
(enum_item name: (type_identifier) @bind.type.outer.early @owner)
(union_item name: (type_identifier) @bind.type.outer.early @owner)
(trait_item name: (type_identifier) @bind.type.outer.early @owner)
(type_item name: (type_identifier) @bind.type.outer.early)
(associated_type name: (type_identifier) @bind.type.outer.early)
(impl_item type: (type_identifier) @owner)
(impl_item type: (generic_type type: (type_identifier) @owner))
(mod_item name: (identifier) @bind.space.outer.early)
(const_item name: (identifier) @bind.constant.early)
(static_item name: (identifier) @bind.constant.early)
(macro_definition name: (identifier) @bind.macro.file.early)
(enum_variant name: (identifier) @bind.member.object)
(field_declaration name: (field_identifier) @bind.member.object)
(type_parameter name: (type_identifier) @bind.type.early)
(const_parameter name: (identifier) @bind.constant.early)
(extern_crate_declaration name: (identifier) @bind.import.early)
(extern_crate_declaration alias: (identifier) @bind.import.early)

; patterns: a name may also be a constant or a variant, which does no harm here
(shorthand_field_identifier) @skip
(let_declaration pattern: (_) @bind.variable.after)
(let_condition pattern: (_) @bind.variable)
(match_arm pattern: (match_pattern) @bind.variable)
(match_pattern . (_) @inherit)
(parameter pattern: (_) @bind.parameter)
(closure_parameters (_) @bind.parameter)
(closure_parameters (parameter pattern: (_) @bind.parameter))
(for_expression pattern: (_) @bind.variable)
(tuple_pattern (_) @inherit)
(slice_pattern (_) @inherit)
(or_pattern (_) @inherit)
(ref_pattern (_) @inherit)
(mut_pattern (_) @inherit)
(reference_pattern (_) @inherit)
(captured_pattern (_) @inherit)
(tuple_struct_pattern (_) @inherit)
(tuple_struct_pattern type: (_) @use.read)
(struct_pattern (field_pattern) @inherit)
(field_pattern pattern: (_) @inherit)
(field_pattern name: (shorthand_field_identifier) @inherit)

; paths: what they begin with may be a crate
(scoped_identifier path: (identifier) @use.read.lenient)
(scoped_identifier name: (identifier) @use.member)
(scoped_type_identifier path: (identifier) @use.read.lenient)
(scoped_type_identifier name: (type_identifier) @use.member)
(use_declaration) @lenient
(use_declaration argument: (identifier) @bind.import.early)
(use_declaration argument: (scoped_identifier name: (identifier) @bind.import.early))
(use_as_clause alias: (identifier) @bind.import.early)
(use_list (identifier) @bind.import.early)
(use_list (scoped_identifier name: (identifier) @bind.import.early))
(use_list (self)) @open.file
(scoped_use_list path: (identifier) @bind.import.early)
(scoped_use_list path: (scoped_identifier name: (identifier) @bind.import.early))
(use_wildcard) @open.file
(extern_crate_declaration) @lenient

; macros: what stands in one is not ours to judge, and one between items may declare anything
(token_tree (identifier) @use.read.lenient)
(macro_invocation (token_tree) @words)
(macro_invocation macro: (identifier) @use.macro.lenient)
(macro_definition) @lenient
(macro_rule) @lenient
(source_file (macro_invocation) @open.file)
(source_file (expression_statement (macro_invocation) @open.file))
(declaration_list (macro_invocation) @open.file)
(declaration_list (expression_statement (macro_invocation) @open.file))
(foreign_mod_item (macro_invocation) @open.file)
[(attribute_item) (inner_attribute_item)] @lenient
(attribute (identifier) @skip)
(lifetime (identifier) @skip)
(label (identifier) @use.label)
(type_binding name: (type_identifier) @skip)
(field_initializer field: (field_identifier) @skip)
(visibility_modifier) @lenient
; a derive of others may make items of its own; these only implement traits
((attribute_item (attribute (identifier) @_derive arguments: (token_tree (identifier) @open.file)))
 (#eq? @_derive "derive")
 (#not-any-of? @open.file "Clone" "Copy" "Debug" "Default" "Eq" "Hash" "Ord" "PartialEq" "PartialOrd" "Serialize"
  "Deserialize" "Error" "Display" "Parser" "Args" "Subcommand"))
; so may a macro of others that rewrites its item; these only run or spare it
((attribute_item (attribute (scoped_identifier) @open.file))
 (#not-any-of? @open.file "tokio::main" "tokio::test" "async_std::main" "async_std::test" "actix_web::main"
  "actix_rt::main" "actix_rt::test" "rustfmt::skip" "diagnostic::on_unimplemented"))
