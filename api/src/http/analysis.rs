//! What one walk over a parsed document tells: how deep and how large its operations are, with
//! fragments counted wherever they are spread. Each fragment is summed up once, so fragments that
//! spread fragments that spread fragments cost a walk, not an explosion.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Pos, Positioned,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
    },
};
use async_graphql_value::Value;

use super::{
    coerce::{self, Usage},
    cost::{Cost, Page},
    types::{InputField, Types},
};

/// How deep introspection may ask for lists of what types have. Tools need one level; more only
/// multiplies the answer.
const INTROSPECTION_LISTS: u64 = 2;

/// Selections may not nest deeper than this, fragments and introspection included. Bounds this
/// walk's recursion.
const RECURSION: u32 = 64;

/// Stands for every type of the introspection system. Real ones begin with it.
const INTROSPECTION: &str = "__";

/// Why a document cannot be carried out, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) message: String,
    pub(crate) position: Pos,
}

/// The size of an operation, or of a part of one. Numbers saturate.
#[derive(Clone, Debug, Default)]
pub(crate) struct Size {
    /// How deep fields nest, outside introspection.
    pub(crate) depth: u64,
    /// Fields.
    pub(crate) fields: u64,
    /// Fields at the root.
    pub(crate) root_fields: u64,
    /// Fields with an alias.
    pub(crate) aliases: u64,
    /// Directives.
    pub(crate) directives: u64,
    /// What it costs.
    pub(crate) cost: Cost,
    introspection_lists: u64,
}

impl Size {
    fn add(&mut self, part: Self) {
        self.depth = self.depth.max(part.depth);
        self.introspection_lists = self.introspection_lists.max(part.introspection_lists);
        self.fields = self.fields.saturating_add(part.fields);
        self.root_fields = self.root_fields.saturating_add(part.root_fields);
        self.aliases = self.aliases.saturating_add(part.aliases);
        self.directives = self.directives.saturating_add(part.directives);
        self.cost.add(part.cost);
    }
}

/// Walks a document's operations.
pub(crate) struct Analysis<'a> {
    types: &'a Types,
    document: &'a ExecutableDocument,
    /// Fragments by name; those being summed up have no size yet.
    fragments: HashMap<&'a str, Option<Size>>,
    /// What uses variables, by fragment; without a name, in the operation itself.
    scopes: HashMap<Option<&'a str>, Scope<'a>>,
    /// What is walked now.
    scope: Option<&'a str>,
}

/// What is said in an operation or fragment itself, and what it spreads.
#[derive(Default)]
struct Scope<'a> {
    usages: Vec<Usage<'a>>,
    spreads: HashSet<&'a str>,
}

impl<'a> Analysis<'a> {
    /// Of a document.
    pub(crate) fn new(types: &'a Types, document: &'a ExecutableDocument) -> Self {
        Self {
            types,
            document,
            fragments: HashMap::new(),
            scopes: HashMap::new(),
            scope: None,
        }
    }

    /// The size of one of its operations.
    ///
    /// # Errors
    ///
    /// A flaw that no choice of variables would mend.
    pub(crate) fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Size, Flaw> {
        let root = self.types.root(operation.ty);
        self.scopes.remove(&None);
        let mut size = self.selection_set(&operation.selection_set, root, 0)?;
        size.directives = size
            .directives
            .saturating_add(count(operation.directives.len()));
        if size.introspection_lists > INTROSPECTION_LISTS {
            return Err(Flaw {
                message: format!(
                    "introspection may not nest lists deeper than {INTROSPECTION_LISTS}"
                ),
                position: operation.selection_set.pos,
            });
        }
        self.check_usages(operation)?;
        Ok(size)
    }

    /// Checks the variables used in an operation and in all fragments that it comes to.
    fn check_usages(&self, operation: &OperationDefinition) -> Result<(), Flaw> {
        let mut seen = HashSet::new();
        let mut open = vec![None];
        while let Some(scope) = open.pop().and_then(|name| self.scopes.get(&name)) {
            for usage in &scope.usages {
                let position = usage.position;
                coerce::usage(usage, operation).map_err(|message| Flaw { message, position })?;
            }
            open.extend(
                scope
                    .spreads
                    .iter()
                    .filter(|name| seen.insert(**name))
                    .copied()
                    .map(Some),
            );
        }
        Ok(())
    }

    fn selection_set(
        &mut self,
        set: &'a Positioned<SelectionSet>,
        on: &str,
        level: u32,
    ) -> Result<Size, Flaw> {
        if level > RECURSION {
            return Err(Flaw {
                message: "the document nests too deep".to_owned(),
                position: set.pos,
            });
        }
        let mut size = Size::default();
        for selection in &set.node.items {
            let mut part = match &selection.node {
                Selection::Field(field) => self.field(field, on, level)?,
                Selection::InlineFragment(inline) => {
                    let on = inline
                        .node
                        .type_condition
                        .as_ref()
                        .map_or(on, |condition| &condition.node.on.node);
                    self.selection_set(&inline.node.selection_set, on, level + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    self.scopes
                        .entry(self.scope)
                        .or_default()
                        .spreads
                        .insert(name);
                    self.fragment(name, selection.pos, level + 1)?
                }
            };
            self.conditions(selection.node.directives(), selection.pos)?;
            part.directives = part
                .directives
                .saturating_add(count(selection.node.directives().len()));
            size.add(part);
        }
        Ok(size)
    }

    fn fragment(&mut self, name: &'a str, position: Pos, level: u32) -> Result<Size, Flaw> {
        match self.fragments.get(name) {
            Some(Some(size)) => return Ok(size.clone()),
            Some(None) => {
                return Err(Flaw {
                    message: format!("the fragment \"{name}\" spreads itself"),
                    position,
                });
            }
            None => {}
        }
        // A fragment that does not exist is the validator's to report.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Size::default());
        };
        let fragment = &fragment.node;
        self.fragments.insert(name, None);
        let spread_in = self.scope.replace(name);
        let on = &fragment.type_condition.node.on.node;
        let size = self.selection_set(&fragment.selection_set, on, level)?;
        self.scope = spread_in;
        self.fragments.insert(name, Some(size.clone()));
        Ok(size)
    }

    fn field(&mut self, field: &'a Positioned<Field>, on: &str, level: u32) -> Result<Size, Flaw> {
        let Positioned { pos, node: field } = field;
        let name = field.name.node.as_str();
        let known = self.types.field(on, name);
        let is_introspection = on.starts_with(INTROSPECTION);
        let answers = match known {
            Some(known) => known.answers.as_str(),
            None if is_introspection || name.starts_with(INTROSPECTION) => INTROSPECTION,
            None => "",
        };
        let content = self.selection_set(&field.selection_set, answers, level + 1)?;

        if let Some(known) = known {
            for (name, value) in &field.arguments {
                if let Some(argument) = known.arguments.get(&name.node) {
                    self.argument(argument, &name.node, &value.node, *pos)?;
                }
            }
        }
        let lists = ["fields", "inputFields", "interfaces", "possibleTypes"];
        let is_list_of_introspection = is_introspection && lists.contains(&name);
        Ok(Size {
            depth: if is_introspection {
                0
            } else {
                content.depth.saturating_add(1)
            },
            introspection_lists: content.introspection_lists + u64::from(is_list_of_introspection),
            fields: content.fields.saturating_add(1),
            root_fields: 1,
            aliases: content
                .aliases
                .saturating_add(u64::from(field.alias.is_some())),
            directives: content.directives,
            cost: if known.is_some_and(|field| field.is_connection()) {
                let argument = |name| field.get_argument(name).map(|value| &value.node);
                Cost::of_connection(Page::new(argument("first"), argument("last")), content.cost)
            } else {
                Cost::of_field(content.cost)
            },
        })
    }

    fn conditions(
        &mut self,
        directives: &'a [Positioned<Directive>],
        position: Pos,
    ) -> Result<(), Flaw> {
        let conditions = directives.iter().map(|directive| &directive.node);
        for condition in conditions.filter(|node| matches!(&*node.name.node, "skip" | "include")) {
            if let Some(value) = condition.get_argument("if") {
                self.argument(self.types.condition(), "if", &value.node, position)?;
            }
        }
        Ok(())
    }

    fn argument(
        &mut self,
        argument: &'a InputField,
        name: &str,
        value: &'a Value,
        position: Pos,
    ) -> Result<(), Flaw> {
        let usages = &mut self.scopes.entry(self.scope).or_default().usages;
        coerce::literal(self.types, argument, name, value, position, usages)
            .map_err(|message| Flaw { message, position })
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
