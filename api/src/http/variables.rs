//! Variables without a value, and where variables are used.
//!
//! A variable that has no value, neither given nor by default, leaves out the argument or input
//! object's field that it stands for. The executor would take it as null, which for a change means
//! "clear" and not "keep".

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{
        DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
    },
};
use async_graphql_value::Value;

/// The declared variables that have no value at all, neither given nor by default.
pub(crate) fn absent(operation: &OperationDefinition, given: &Variables) -> Vec<Name> {
    operation
        .variable_definitions
        .iter()
        .map(|definition| &definition.node)
        .filter(|definition| {
            definition.default_value.is_none() && !given.contains_key(&definition.name.node)
        })
        .map(|definition| definition.name.node.clone())
        .collect()
}

/// Leaves out of a document's only operation, and of its fragments, the arguments and input
/// objects' fields whose value is one of those variables.
pub(crate) fn leave_out(document: &mut ExecutableDocument, absent: &[Name]) {
    if let DocumentOperations::Single(operation) = &mut document.operations {
        leave_out_of_set(&mut operation.node.selection_set.node, absent);
    }
    for fragment in document.fragments.values_mut() {
        leave_out_of_set(&mut fragment.node.selection_set.node, absent);
    }
}

fn leave_out_of_set(set: &mut SelectionSet, absent: &[Name]) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                let field = &mut field.node;
                field
                    .arguments
                    .retain_mut(|(_, value)| keep(&mut value.node, absent));
                leave_out_of_set(&mut field.selection_set.node, absent);
            }
            Selection::InlineFragment(inline) => {
                leave_out_of_set(&mut inline.node.selection_set.node, absent)
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn keep(value: &mut Value, absent: &[Name]) -> bool {
    match value {
        Value::Variable(name) => return !absent.contains(name),
        Value::Object(fields) => fields.retain(|_, field| keep(field, absent)),
        // In a list an absent variable is null: items have places.
        Value::List(items) => items.iter_mut().for_each(|item| {
            keep(item, absent);
        }),
        _ => {}
    }
    true
}

/// How often a variable is used in an operation and in all fragments of its document.
pub(crate) fn uses(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variable: &Name,
) -> usize {
    let fragments = document
        .fragments
        .values()
        .map(|fragment| &fragment.node.selection_set.node);
    let sets = fragments.chain([&operation.selection_set.node]);
    sets.map(|set| uses_in(set, variable)).sum()
}

fn uses_in(set: &SelectionSet, variable: &Name) -> usize {
    let in_selection = |selection: &Positioned<Selection>| {
        let directives = selection
            .node
            .directives()
            .iter()
            .flat_map(|directive| &directive.node.arguments);
        let in_directives: usize = directives
            .map(|(_, value)| uses_in_value(&value.node, variable))
            .sum();
        in_directives
            + match &selection.node {
                Selection::Field(field) => {
                    let arguments = field.node.arguments.iter();
                    arguments
                        .map(|(_, value)| uses_in_value(&value.node, variable))
                        .sum::<usize>()
                        + uses_in(&field.node.selection_set.node, variable)
                }
                Selection::InlineFragment(inline) => {
                    uses_in(&inline.node.selection_set.node, variable)
                }
                Selection::FragmentSpread(_) => 0,
            }
    };
    set.items.iter().map(in_selection).sum()
}

fn uses_in_value(value: &Value, variable: &Name) -> usize {
    match value {
        Value::Variable(name) => usize::from(name == variable),
        Value::List(items) => items.iter().map(|item| uses_in_value(item, variable)).sum(),
        Value::Object(fields) => fields
            .values()
            .map(|field| uses_in_value(field, variable))
            .sum(),
        _ => 0,
    }
}
