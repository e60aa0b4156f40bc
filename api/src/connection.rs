//! Relay connections. Each kind of list has its own types, so that all of them are described.

use async_graphql::SimpleObject;

use crate::page::Page;

/// Where a page lies in its list.
#[derive(Debug, Clone, Default, SimpleObject)]
#[graphql(shareable)]
pub struct PageInfo {
    /// Whether more items follow this page.
    pub has_next_page: bool,
    /// Whether items precede this page.
    pub has_previous_page: bool,
    /// The cursor of the page's first item.
    pub start_cursor: Option<String>,
    /// The cursor of the page's last item: give it as `after` to get the next page.
    pub end_cursor: Option<String>,
}

impl PageInfo {
    /// Of a page.
    #[must_use]
    pub fn of<M>(page: &Page<M>) -> Self {
        Self {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: page.rows.first().map(|(key, _)| key.to_cursor()),
            end_cursor: page.rows.last().map(|(key, _)| key.to_cursor()),
        }
    }
}

/// Declares the connection and edge types of a kind of list.
///
/// The edge may carry fields about the membership of the item in the list. The count is a field of
/// its own, read only when it is asked for.
macro_rules! connection {
    (
        $(#[$doc:meta])+ $connection:ident,
        $(#[$edge_doc:meta])+ $edge:ident { $($(#[$field_doc:meta])+ $field:ident: $field_type:ty = $read:expr),* $(,)? },
        $node:ident from $model:ty, counted by $count:ty
    ) => {
        $(#[$doc])+
        pub struct $connection {
            page: $crate::page::Page<$model>,
            count: $count,
        }

        impl $connection {
            /// A page, and how to count the whole list.
            #[must_use]
            pub fn new(page: $crate::page::Page<$model>, count: $count) -> Self {
                Self { page, count }
            }
        }

        $(#[$doc])+
        #[async_graphql::Object]
        impl $connection {
            /// The items of this page, with their cursors.
            async fn edges(&self) -> Vec<$edge> {
                self.page
                    .rows
                    .iter()
                    .map(|(key, model)| $edge { key: key.clone(), model: model.clone() })
                    .collect()
            }

            /// The items of this page.
            async fn nodes(&self) -> Vec<$node> {
                self.page.rows.iter().map(|(_, model)| $node::from(model.clone())).collect()
            }

            /// Where this page lies in the list.
            async fn page_info(&self) -> $crate::connection::PageInfo {
                $crate::connection::PageInfo::of(&self.page)
            }

            /// How many items the whole list has. Counted only when asked for.
            async fn total_count(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<i32> {
                Ok($crate::scalar::int(self.count.count(ctx).await?))
            }
        }

        $(#[$edge_doc])+
        pub struct $edge {
            key: $crate::page::Key,
            model: $model,
        }

        $(#[$edge_doc])+
        #[async_graphql::Object]
        impl $edge {
            /// Where the item stands in the list: give it as `after` or `before`.
            async fn cursor(&self) -> String {
                self.key.to_cursor()
            }

            /// The item.
            async fn node(&self) -> $node {
                $node::from(self.model.clone())
            }

            $(
                $(#[$field_doc])+
                async fn $field(&self) -> $field_type {
                    let read: fn(&$model) -> $field_type = $read;
                    read(&self.model)
                }
            )*
        }
    };
}

pub(crate) use connection;
