; What names mean; engine/structure/scope_rules.h says how these patterns are matched.
; @scope.KIND: a name declared inside is not seen outside (.hidden: nor from the functions inside; .open: it may hold
;   names that cannot be seen). @bind.KIND: the name, or the names of the pattern, that it declares, in the scope around
;   unless it says .outer (the one around that), .lifted (past comprehensions),
;   .hoisted (of the function), .owner (of the type) or .file; visible from
;   the end of the name unless .after (the parent's end) or .early (the scope's start); .object: only behind an object.
; @inherit: a part of a pattern. @use.ROLE: a name that must be declared (.lenient: need not be). @skip: no name of ours.
; @open: something unseen may declare names in the scope around (.file: everywhere). @owner: the type whose members the
;   scope holds. @lenient: names inside need not be declared (.around: those of the @guard around it).
(identifier) @use.read

[(function_definition) (lambda)] @scope.function
[
  (list_comprehension) (dictionary_comprehension) (set_comprehension) (generator_expression)
] @scope.comprehension
(class_definition) @scope.type.hidden
(class_definition name: (identifier) @owner)

(function_definition name: (identifier) @bind.function.outer)
(class_definition name: (identifier) @bind.type.outer)
(type_alias_statement left: (type (_) @bind.type))
(function_definition type_parameters: (type_parameter (type (identifier) @bind.type)))
(function_definition type_parameters: (type_parameter (type (constrained_type . (type (identifier) @bind.type)))))
(function_definition type_parameters: (type_parameter (type (splat_type (identifier) @bind.type))))
(class_definition type_parameters: (type_parameter (type (identifier) @bind.type)))
(class_definition type_parameters: (type_parameter (type (constrained_type . (type (identifier) @bind.type)))))
(class_definition type_parameters: (type_parameter (type (splat_type (identifier) @bind.type))))
(type_alias_statement left: (type (generic_type . (identifier) @inherit)))
(type_alias_statement left: (type (generic_type (type_parameter (type (identifier) @bind.type)))))

(parameters (_) @bind.parameter)
(lambda_parameters (_) @bind.parameter)
(default_parameter name: (_) @inherit)
(typed_default_parameter name: (_) @inherit)
(typed_parameter . (_) @inherit)
(list_splat_pattern (_) @inherit)
(dictionary_splat_pattern (_) @inherit)
(tuple_pattern (_) @inherit)
(list_pattern (_) @inherit)
(pattern_list (_) @inherit)
(list_splat (_) @inherit)
(parenthesized_expression (_) @inherit)
(tuple (_) @inherit)
(list (_) @inherit)

(assignment left: (_) @bind.variable.after)
(augmented_assignment left: (identifier) @bind.variable.after)
(named_expression name: (_) @bind.variable.hoisted)
(for_statement left: (_) @bind.variable)
(for_in_clause left: (_) @bind.variable)
(as_pattern_target (_) @bind.variable)
(except_clause alias: (_) @bind.variable)
(global_statement (identifier) @bind.variable.file.early)
(nonlocal_statement (identifier) @skip)
(delete_statement (identifier) @use.write.lenient)
(delete_statement (expression_list (identifier) @use.write.lenient))

(import_statement name: (dotted_name . (identifier) @bind.import))
(import_statement name: (aliased_import alias: (identifier) @bind.import))
(import_from_statement name: (dotted_name . (identifier) @bind.import))
(import_from_statement name: (aliased_import alias: (identifier) @bind.import))
(future_import_statement name: (dotted_name . (identifier) @bind.import))
(future_import_statement name: (aliased_import alias: (identifier) @bind.import))
(dotted_name (identifier) @skip)
(import_statement name: (dotted_name . (identifier) @bind.import))
(import_from_statement name: (dotted_name . (identifier) @bind.import))
(future_import_statement name: (dotted_name . (identifier) @bind.import))
(import_from_statement module_name: (dotted_name (identifier) @skip))

; match: a plain name binds, a dotted one is read
(case_pattern (dotted_name . (identifier) @use.read))
(class_pattern (dotted_name . (identifier) @use.read))
(case_pattern (dotted_name . (identifier) @bind.variable .))
(union_pattern (dotted_name . (identifier) @use.read))
(union_pattern (dotted_name . (identifier) @bind.variable .))
(list_pattern (case_pattern (dotted_name . (identifier) @bind.variable .)))
(case_pattern (as_pattern (identifier) @bind.variable))
(as_pattern (identifier) @bind.variable .)
(splat_pattern (identifier) @bind.variable)
(keyword_pattern . (identifier) @skip)
(keyword_pattern (dotted_name . (identifier) @use.read))
(keyword_pattern (dotted_name . (identifier) @bind.variable .))

(attribute attribute: (identifier) @use.member)
((assignment left: (attribute object: (identifier) @_self attribute: (identifier) @bind.member.owner.object))
 (#any-of? @_self "self" "cls" "mcs"))
((assignment left: (pattern_list (attribute object: (identifier) @_self attribute: (identifier) @bind.member.owner.object)))
 (#any-of? @_self "self" "cls" "mcs"))
((augmented_assignment left: (attribute object: (identifier) @_self attribute: (identifier) @bind.member.owner.object))
 (#any-of? @_self "self" "cls" "mcs"))
(keyword_argument name: (identifier) @skip)
(member_type (identifier) @skip)
(type_conversion) @skip
(call function: (identifier) @use.call)

; names that come from where we cannot see
(wildcard_import) @open
(exec_statement) @open.file
((call function: (identifier) @open.file) (#any-of? @open.file "exec" "eval" "globals" "locals" "vars" "execfile"))
((call function: (attribute attribute: (identifier) @open.file)) (#any-of? @open.file "_convert_" "_convert" "setglobals"))
((subscript value: (attribute attribute: (identifier) @open.file)) (#any-of? @open.file "modules"))

; try: ... except NameError: tries whether there is such a name
(try_statement) @guard
(except_clause !value) @lenient.around
((except_clause value: (identifier) @lenient.around) (#eq? @lenient.around "NameError"))
((except_clause value: (tuple (identifier) @lenient.around)) (#eq? @lenient.around "NameError"))
((except_clause value: (as_pattern (identifier) @lenient.around)) (#eq? @lenient.around "NameError"))
((except_clause value: (as_pattern (tuple (identifier) @lenient.around))) (#eq? @lenient.around "NameError"))
