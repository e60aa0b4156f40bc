//! Which events somebody wants. The same filter works on stored events (as SQL) and on passing ones
//! (in memory); a test holds the two together.

use std::sync::Arc;

use openintent_entities::{
    event,
    id::{IntentId, PortfolioId},
    portfolio_member,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter,
    QuerySelect, Statement,
    sea_query::{Expr, SimpleExpr},
};

use super::Entry;
use crate::{app::App, db::expression, error::Result};

/// All conditions that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Events of this intent.
    pub intent: Option<IntentId>,
    /// Events of this intent and of all below it.
    pub subtree_of: Option<IntentId>,
    /// Events of this portfolio, and of the intents that belong to it at that moment.
    pub portfolio: Option<PortfolioId>,
    /// Events that this actor caused.
    pub actor: Option<String>,
    /// Event types; `*` stands for any characters. Empty lets all through.
    pub types: Vec<String>,
    /// Events of this trace.
    pub trace_id: Option<String>,
    /// Events in this namespace.
    pub namespace: Option<String>,
    /// True lets nothing through.
    pub nothing: bool,
}

#[derive(Debug, FromQueryResult)]
struct Id {
    id: IntentId,
}

impl Filter {
    /// Lets nothing through.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            nothing: true,
            ..Self::default()
        }
    }

    /// The filter as a condition on stored events.
    #[must_use]
    pub fn condition(&self, db: &impl ConnectionTrait) -> Condition {
        let backend = db.get_database_backend();
        let mut all = Condition::all();
        if self.nothing {
            return all.add(Expr::cust("1 = 0"));
        }
        if let Some(intent) = &self.intent {
            // The stream is indexed together with the sequence.
            all = all.add(event::Column::Stream.eq(intent.as_str()));
        }
        if let Some(root) = &self.subtree_of {
            all = all.add(expression(
                backend,
                "stream IN (WITH RECURSIVE subtree(id) AS (SELECT CAST($1 AS TEXT) \
                 UNION SELECT intents.id FROM intents JOIN subtree ON intents.parent_id = subtree.id) \
                 SELECT id FROM subtree)",
                root.as_str(),
            ));
        }
        if let Some(portfolio) = &self.portfolio {
            let members = expression(
                backend,
                "intent_id IN (SELECT intent_id FROM portfolio_members WHERE portfolio_id = $1)",
                portfolio.as_str(),
            );
            all = all.add(
                Condition::any()
                    .add(event::Column::PortfolioId.eq(portfolio.clone()))
                    .add(members),
            );
        }
        if let Some(actor) = &self.actor {
            all = all.add(event::Column::Actor.eq(actor));
        }
        if !self.types.is_empty() {
            let any = self.types.iter().fold(Condition::any(), |any, pattern| {
                any.add(type_condition(backend, pattern))
            });
            all = all.add(any);
        }
        if let Some(trace_id) = &self.trace_id {
            all = all.add(event::Column::TraceId.eq(trace_id));
        }
        if let Some(namespace) = &self.namespace {
            all = all.add(event::Column::Namespace.eq(namespace));
        }
        all
    }

    /// Whether a passing event is wanted. Looks up the event's surroundings when it must.
    ///
    /// # Errors
    /// The database fails.
    pub async fn lets_through(&self, app: &App, entry: &Entry) -> Result<bool> {
        let event = &entry.event;
        let plain = !self.nothing
            && self
                .intent
                .as_ref()
                .is_none_or(|id| event.intent_id.as_ref() == Some(id))
            && self
                .actor
                .as_ref()
                .is_none_or(|actor| event.actor == *actor)
            && (self.types.is_empty()
                || self
                    .types
                    .iter()
                    .any(|pattern| matches(pattern, &event.event_type)))
            && self
                .trace_id
                .as_ref()
                .is_none_or(|id| event.trace_id.as_ref() == Some(id))
            && self
                .namespace
                .as_ref()
                .is_none_or(|name| event.namespace.as_ref() == Some(name));
        if !plain {
            return Ok(false);
        }
        if let Some(root) = &self.subtree_of
            && !entry.ancestors(app).await?.contains(root)
        {
            return Ok(false);
        }
        if let Some(portfolio) = &self.portfolio
            && event.portfolio_id.as_ref() != Some(portfolio)
            && !entry.portfolios(app).await?.contains(portfolio)
        {
            return Ok(false);
        }
        Ok(true)
    }
}

impl Entry {
    /// The event's intent and all above it. Parents never change, so this is true for ever.
    async fn ancestors(&self, app: &App) -> Result<Arc<[IntentId]>> {
        const ANCESTORS: &str = "WITH RECURSIVE line(id, parent_id) AS (\
             SELECT id, parent_id FROM intents WHERE id = $1 \
             UNION SELECT intents.id, intents.parent_id FROM intents JOIN line ON intents.id = line.parent_id) \
             SELECT id FROM line";
        let Some(intent) = &self.event.intent_id else {
            return Ok(Arc::new([]));
        };
        let look_up = async || {
            let db = app.database().reads();
            let statement = Statement::from_sql_and_values(
                db.get_database_backend(),
                ANCESTORS,
                [intent.as_str().into()],
            );
            let line = Id::find_by_statement(statement).all(db).await?;
            Ok(line.into_iter().map(|row| row.id).collect())
        };
        self.ancestors.get_or_try_init(look_up).await.cloned()
    }

    /// The portfolios that the event's intent belongs to.
    async fn portfolios(&self, app: &App) -> Result<Arc<[PortfolioId]>> {
        let Some(intent) = &self.event.intent_id else {
            return Ok(Arc::new([]));
        };
        let look_up = async || {
            let ids = portfolio_member::Entity::find()
                .select_only()
                .column(portfolio_member::Column::PortfolioId)
                .filter(portfolio_member::Column::IntentId.eq(intent.clone()))
                .into_tuple::<PortfolioId>()
                .all(app.database().reads())
                .await?;
            Ok(ids.into())
        };
        self.portfolios.get_or_try_init(look_up).await.cloned()
    }
}

/// SQLite's `LIKE` does not tell upper from lower case, its `GLOB` does.
fn type_condition(backend: DbBackend, pattern: &str) -> SimpleExpr {
    if !pattern.contains('*') {
        return event::Column::EventType.eq(pattern);
    }
    if backend == DbBackend::Sqlite {
        let glob: String = pattern
            .chars()
            .map(|char| match char {
                '?' | '[' => format!("[{char}]"),
                other => other.to_string(),
            })
            .collect();
        expression(backend, "\"type\" GLOB $1", glob)
    } else {
        let like: String = pattern
            .chars()
            .map(|char| match char {
                '*' => "%".to_owned(),
                '%' | '_' | '\\' => format!("\\{char}"),
                other => other.to_string(),
            })
            .collect();
        expression(backend, "\"type\" LIKE $1", like)
    }
}

/// Whether the text has the pattern's form; `*` stands for any characters, also none.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn star_stands_for_any_characters() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "anything"),
            ("task.*", "task.completed"),
            ("*_patched", "state_patched"),
            ("a*b*c", "abc"),
            ("a*b*c", "aXbYbZc"),
            ("exact", "exact"),
            ("*.*", "a.b"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("task.*", "tasks"),
            ("exact", "exactly"),
            ("", "x"),
            ("a*b*c", "acb"),
            ("ab*ba", "aba"),
            ("State*", "state_patched"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
