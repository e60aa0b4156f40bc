//! Pages of long lists: Relay connections over keyset cursors. A cursor names the sort key of a row,
//! not its offset, so pages stay right while rows come and go.
//!
//! One statement reads one page for one owner or for many at once (the children of each of fifty
//! intents, say), so a query's number of statements does not grow with its rows.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{
    ConnectionTrait, FromQueryResult,
    sea_query::{Expr, ExprTrait, Order, OverStatement, Query, SelectStatement, WindowStatement},
};

use crate::error::{Error, Result};

/// Rows in a page when the client does not say.
pub const DEFAULT_SIZE: i32 = 50;
/// Rows in a page at the most.
pub const MAX_SIZE: i32 = 100;

/// Where a row stands in its list: its rank (0 where only the id counts), then its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// What the list is sorted by.
    pub rank: i64,
    /// What tells rows of equal rank apart.
    pub id: String,
}

impl Key {
    /// The key as an opaque cursor.
    #[must_use]
    pub fn to_cursor(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{}", self.rank, self.id))
    }

    fn from_cursor(argument: &str, cursor: &str) -> Result<Self> {
        let read = || {
            let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
            let (rank, id) = text.split_once(':')?;
            Some(Self {
                rank: rank.parse().ok()?,
                id: id.to_owned(),
            })
        };
        read().ok_or_else(|| {
            Error::input(
                &[argument],
                "is not a cursor: use one from this connection's edges",
            )
        })
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Window {
    size: u64,
    backward: bool,
    after: Option<Key>,
    before: Option<Key>,
}

impl Window {
    /// From the four arguments of a Relay connection.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` when a size is out of range, a cursor is none, or both sizes are given.
    pub fn new(
        first: Option<i32>,
        after: Option<&str>,
        last: Option<i32>,
        before: Option<&str>,
    ) -> Result<Self> {
        let (argument, size, backward) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(Error::input(&["last"], "give `first` or `last`, not both"));
            }
            (None, Some(last)) => ("last", last, true),
            (first, None) => ("first", first.unwrap_or(DEFAULT_SIZE), false),
        };
        crate::input::within(&[argument], size.into(), 0, MAX_SIZE.into())?;
        Ok(Self {
            size: u64::try_from(size).unwrap_or_default(),
            backward,
            after: after
                .map(|cursor| Key::from_cursor("after", cursor))
                .transpose()?,
            before: before
                .map(|cursor| Key::from_cursor("before", cursor))
                .transpose()?,
        })
    }
}

/// A list to read pages of.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The rows and the columns that make up the model; unordered, unlimited.
    pub select: SelectStatement,
    /// Whose list it is, when one statement reads the lists of many owners.
    pub owner: Option<Expr>,
    /// What it is sorted by first, as an integer.
    pub rank: Option<Expr>,
    /// What it is sorted by then; unique within one list.
    pub id: Expr,
    /// Whether the highest comes first.
    pub descending: bool,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page<M> {
    /// The rows with their keys, in the list's order.
    pub rows: Vec<(Key, M)>,
    /// Whether there are rows behind the last.
    pub has_next: bool,
    /// Whether there are rows before the first.
    pub has_previous: bool,
}

impl<M> Default for Page<M> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            has_next: false,
            has_previous: false,
        }
    }
}

impl Listing {
    /// Says that these are all the owners there are. A single owner's list needs no window over the
    /// lists of all: it then goes by the owner `""`, and the owner is given back.
    pub fn of_one<O: Clone>(&mut self, owners: &[O]) -> Option<O> {
        let [only] = owners else {
            return None;
        };
        self.owner = None;
        Some(only.clone())
    }

    /// Reads the window of each owner's list; of the only list under the owner `""` when there are
    /// no owners. Owners without rows are missing.
    ///
    /// # Errors
    /// The database fails.
    pub async fn pages<M: FromQueryResult>(
        &self,
        db: &impl ConnectionTrait,
        window: &Window,
    ) -> Result<HashMap<String, Page<M>>> {
        let statement = self.statement(window);
        let rows = db.query_all(&statement).await?;
        let mut pages: HashMap<String, Page<M>> = HashMap::new();
        for row in rows {
            let owner = match &self.owner {
                Some(_) => row.try_get("", "page_owner")?,
                None => String::new(),
            };
            let key = Key {
                rank: row.try_get("", "page_rank")?,
                id: row.try_get("", "page_id")?,
            };
            pages
                .entry(owner)
                .or_default()
                .rows
                .push((key, M::from_query_result(&row, "")?));
        }
        for page in pages.values_mut() {
            finish(page, window);
        }
        Ok(pages)
    }

    /// How many rows each owner's list has.
    ///
    /// # Errors
    /// The database fails.
    pub async fn counts(&self, db: &impl ConnectionTrait) -> Result<HashMap<String, i64>> {
        let mut counted = self.select.clone();
        counted
            .clear_selects()
            .expr_as(Expr::cust("COUNT(*)"), "page_count");
        if let Some(owner) = &self.owner {
            counted
                .expr_as(owner.clone(), "page_owner")
                .add_group_by([owner.clone()]);
        }
        let rows = db.query_all(&counted).await?;
        let mut counts = HashMap::new();
        for row in rows {
            let owner = match &self.owner {
                Some(_) => row.try_get("", "page_owner")?,
                None => String::new(),
            };
            counts.insert(owner, row.try_get("", "page_count")?);
        }
        Ok(counts)
    }

    /// How many rows all its lists have together.
    ///
    /// # Errors
    /// The database fails.
    pub async fn total(&self, db: &impl ConnectionTrait) -> Result<i64> {
        Ok(self.counts(db).await?.values().sum())
    }

    fn statement(&self, window: &Window) -> SelectStatement {
        let rank = self
            .rank
            .clone()
            .unwrap_or_else(|| Expr::cust("CAST(0 AS BIGINT)"));
        let order = if self.descending == window.backward {
            Order::Asc
        } else {
            Order::Desc
        };
        let mut select = self.select.clone();
        select
            .expr_as(rank.clone(), "page_rank")
            .expr_as(self.id.clone(), "page_id");
        if let Some(after) = &window.after {
            select.and_where(self.beyond(&rank, after, !self.descending));
        }
        if let Some(before) = &window.before {
            select.and_where(self.beyond(&rank, before, self.descending));
        }
        // One row more than wanted tells whether there are more.
        let limit = window.size + 1;
        let Some(owner) = &self.owner else {
            if self.rank.is_some() {
                select.order_by_expr(rank, order.clone());
            }
            return select
                .order_by_expr(self.id.clone(), order)
                .limit(limit)
                .to_owned();
        };
        let mut place = WindowStatement::new();
        place.add_partition_by(owner.clone());
        if self.rank.is_some() {
            place.order_by_expr(rank, order.clone());
        }
        place.order_by_expr(self.id.clone(), order);
        select.expr_as(owner.clone(), "page_owner").expr_window_as(
            Expr::cust("ROW_NUMBER()"),
            place,
            "page_place",
        );
        Query::select()
            .expr(Expr::cust("*"))
            .from_subquery(select, "page")
            .and_where(Expr::col("page_place").lte(limit))
            .order_by("page_owner", Order::Asc)
            .order_by("page_place", Order::Asc)
            .to_owned()
    }

    /// Rows whose key is greater (or less) than this one.
    fn beyond(&self, rank: &Expr, key: &Key, greater: bool) -> Expr {
        let by_id = if greater {
            self.id.clone().gt(key.id.as_str())
        } else {
            self.id.clone().lt(key.id.as_str())
        };
        if self.rank.is_none() {
            return by_id;
        }
        let by_rank = if greater {
            rank.clone().gt(key.rank)
        } else {
            rank.clone().lt(key.rank)
        };
        by_rank.or(rank.clone().eq(key.rank).and(by_id))
    }
}

fn finish<M>(page: &mut Page<M>, window: &Window) {
    let size = usize::try_from(window.size).unwrap_or(usize::MAX);
    let more = page.rows.len() > size;
    page.rows.truncate(size);
    if window.backward {
        page.rows.reverse();
        page.has_previous = more;
        page.has_next = window.before.is_some();
    } else {
        page.has_next = more;
        page.has_previous = window.after.is_some();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_nothing_else_does() {
        let key = Key {
            rank: -3,
            id: "intent_01".to_owned(),
        };
        let window = Window::new(None, Some(&key.to_cursor()), None, None).unwrap();
        assert_eq!(window.after, Some(key));
        for bad in ["", "?", "YWJj"] {
            assert!(Window::new(None, Some(bad), None, None).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_out_of_range_are_refused() {
        assert!(Window::new(Some(-1), None, None, None).is_err());
        assert!(Window::new(Some(MAX_SIZE + 1), None, None, None).is_err());
        assert!(Window::new(Some(1), None, Some(1), None).is_err());
        assert!(Window::new(Some(0), None, None, None).is_ok());
    }
}
