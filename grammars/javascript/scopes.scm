; See python/scopes.scm for the meaning of the captures.
(identifier) @use.read
(shorthand_property_identifier) @use.read
(private_property_identifier) @use.member
(call_expression function: (identifier) @use.call)
(assignment_expression left: (identifier) @use.write)
(shorthand_property_identifier_pattern) @use.write
(member_expression property: (property_identifier) @use.member)

[
  (function_declaration) (generator_function_declaration) (function_expression) (generator_function) (arrow_function)
  (method_definition) (class_static_block)
] @scope.function
[(statement_block) (for_statement) (for_in_statement) (catch_clause) (switch_body)] @scope.block
(with_statement) @scope.block.open
[(class_declaration) (class)] @scope.type

(function_declaration name: (identifier) @bind.function.outer.early)
(generator_function_declaration name: (identifier) @bind.function.outer.early)
(function_expression name: (identifier) @bind.function)
(generator_function name: (identifier) @bind.function)
(class_declaration name: (_) @bind.type.outer @owner)
(class name: (_) @bind.type @owner)

(lexical_declaration (variable_declarator name: (_) @bind.variable.after))
(using_declaration (variable_declarator name: (_) @bind.variable.after))
(variable_declaration (variable_declarator name: (_) @bind.variable.hoisted.after))
(for_in_statement kind: "var" left: (_) @bind.variable.hoisted)
(for_in_statement kind: "let" left: (_) @bind.variable)
(for_in_statement kind: "const" left: (_) @bind.variable)
(for_in_statement kind: "using" left: (_) @bind.variable)
(catch_clause parameter: (_) @bind.variable)
(formal_parameters (_) @bind.parameter)
(arrow_function parameter: (_) @bind.parameter)

(array_pattern (_) @inherit)
(object_pattern (_) @inherit)
(rest_pattern (_) @inherit)
(assignment_pattern left: (_) @inherit)
(object_assignment_pattern left: (_) @inherit)
(pair_pattern value: (_) @inherit)
(parenthesized_expression (_) @inherit)

(import_clause (identifier) @bind.import.early)
(namespace_import (identifier) @bind.import.early)
(import_specifier name: (_) @skip)
(import_specifier !alias name: (identifier) @bind.import.early)
(import_specifier alias: (identifier) @bind.import.early)
(export_specifier alias: (_) @skip)
(export_statement source: (_) (export_clause (export_specifier name: (identifier) @skip)))
(namespace_export (_) @skip)

(class_body (method_definition name: (_) @bind.member.owner.object))
(field_definition property: (_) @bind.member.owner.object)
(assignment_expression left: (member_expression object: (this) property: (property_identifier) @bind.member.owner.object))
(assignment_expression left: (member_expression object: (this) property: (private_property_identifier) @bind.member.owner.object))

(labeled_statement label: (_) @bind.label.object)
(break_statement label: (_) @use.label)
(continue_statement label: (_) @use.label)

; elements of the page in lower case, components of ours else
((jsx_opening_element name: (identifier) @skip)
 (#starts-with? @skip "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u" "v" "w" "x" "y" "z"))
((jsx_closing_element name: (identifier) @skip)
 (#starts-with? @skip "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u" "v" "w" "x" "y" "z"))
((jsx_self_closing_element name: (identifier) @skip)
 (#starts-with? @skip "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u" "v" "w" "x" "y" "z"))
(jsx_namespace_name (identifier) @skip)
(meta_property) @skip

; typeof x asks whether there is such a name
(unary_expression operator: "typeof" argument: (identifier) @bind.builtin.file.early)
((call_expression function: (identifier) @open) (#eq? @open "eval"))
((comment) @open.file (#starts-with? @open.file "/*global" "/* global" "/*eslint-env" "/* eslint-env" "/* jshint" "/*jshint"
  "/* jslint" "/*jslint" "/// <reference" "// @ts-nocheck"))

; a module shares no names with the scripts beside it
[(import_statement) (export_statement)] @module
((call_expression function: (identifier) @module) (#any-of? @module "require" "define"))
((member_expression object: (identifier) @module) (#any-of? @module "module" "exports"))
; what asks how it was loaded may be a script all the same
((unary_expression operator: "typeof" argument: (identifier) @open.file)
 (#any-of? @open.file "module" "exports" "define" "require"))
