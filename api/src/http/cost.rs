//! What an operation costs: one per field, and a connection's content times its page size.
//!
//! Page sizes may be variables, so a cost is a number plus terms to be filled in per request. Terms
//! are shared and counted rather than copied: a fragment's terms stand once, however often it is
//! spread.

use std::sync::Arc;

use async_graphql::{Name, Variables, parser::types::OperationDefinition};
use async_graphql_value::{ConstValue, Value};

/// How many items a page is taken to have when the caller does not say.
const DEFAULT_PAGE: u64 = 50;

/// A cost, with variables open. Numbers saturate.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cost {
    fixed: u64,
    terms: Vec<(u64, Arc<Connection>)>,
}

/// A connection whose page size depends on variables.
#[derive(Debug)]
struct Connection {
    page: Page,
    content: Cost,
}

/// The size of a page: the largest of what `first` and `last` say.
#[derive(Debug)]
pub(crate) struct Page {
    at_least: u64,
    variables: Vec<Name>,
}

impl Page {
    /// Reads a connection's arguments.
    pub(crate) fn new(first: Option<&Value>, last: Option<&Value>) -> Self {
        let mut page = Self {
            at_least: 0,
            variables: Vec::new(),
        };
        let mut is_said = false;
        for size in [first, last].into_iter().flatten() {
            match size {
                Value::Variable(name) => page.variables.push(name.clone()),
                Value::Number(number) => {
                    page.at_least = page.at_least.max(number.as_u64().unwrap_or(0))
                }
                // Null is as good as nothing; anything else is the validator's to refuse.
                _ => continue,
            }
            is_said = true;
        }
        if !is_said {
            page.at_least = DEFAULT_PAGE;
        }
        page
    }

    fn size(&self, operation: &OperationDefinition, given: &Variables) -> u64 {
        let sizes = self.variables.iter().map(|name| {
            let default = || {
                let definition = operation
                    .variable_definitions
                    .iter()
                    .find(|definition| definition.node.name.node == *name)?;
                definition
                    .node
                    .default_value
                    .as_ref()
                    .map(|value| &value.node)
            };
            match given.get(name).or_else(default) {
                Some(ConstValue::Number(number)) => number.as_u64().unwrap_or(0),
                _ => DEFAULT_PAGE,
            }
        });
        sizes.fold(self.at_least, u64::max)
    }
}

impl Cost {
    /// The cost of a plain field with that content.
    pub(crate) fn of_field(mut content: Self) -> Self {
        content.fixed = content.fixed.saturating_add(1);
        content
    }

    /// The cost of a connection field with that content.
    pub(crate) fn of_connection(page: Page, content: Self) -> Self {
        if page.variables.is_empty() {
            let times = page.at_least;
            let terms = content
                .terms
                .into_iter()
                .map(|(count, term)| (count.saturating_mul(times), term))
                .collect();
            Self {
                fixed: content.fixed.saturating_mul(times).saturating_add(1),
                terms,
            }
        } else {
            Self {
                fixed: 1,
                terms: vec![(1, Arc::new(Connection { page, content }))],
            }
        }
    }

    /// Adds a part.
    pub(crate) fn add(&mut self, part: Self) {
        self.fixed = self.fixed.saturating_add(part.fixed);
        for (count, term) in part.terms {
            match self
                .terms
                .iter_mut()
                .find(|(_, known)| Arc::ptr_eq(known, &term))
            {
                Some((known, _)) => *known = known.saturating_add(count),
                None => self.terms.push((count, term)),
            }
        }
    }

    /// The cost with an operation's variables filled in.
    pub(crate) fn total(&self, operation: &OperationDefinition, given: &Variables) -> u64 {
        self.terms.iter().fold(self.fixed, |sum, (count, term)| {
            let content = term.content.total(operation, given);
            let pages = term.page.size(operation, given).saturating_mul(*count);
            sum.saturating_add(content.saturating_mul(pages))
        })
    }
}
