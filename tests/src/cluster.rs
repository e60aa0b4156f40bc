//! One server, or several on one database, for races.

use openintent_client::{Client, RetryPolicy};

use crate::{Backend, Server};

/// Servers that share a database and a clock.
#[derive(Debug)]
pub struct Cluster {
    servers: Vec<Server>,
}

impl Cluster {
    /// Starts so many servers. SQLite serves one only.
    pub async fn start(backend: Backend, count: usize) -> Self {
        let first = Server::start(backend).await;
        let mut servers = Vec::with_capacity(count);
        for _ in 1..count {
            servers.push(first.beside().await);
        }
        servers.insert(0, first);
        Self { servers }
    }

    /// One of the servers.
    pub fn first(&self) -> &Server {
        &self.servers[0]
    }

    /// A client for the worker with this number, acting as `agent-<number>`. Workers are spread over
    /// the servers. It does not try again what fails: every failure shows.
    pub fn client(&self, number: usize) -> Client {
        self.client_as(number, &format!("agent-{number}"))
    }

    /// The same, acting as this agent.
    pub fn client_as(&self, number: usize, agent: &str) -> Client {
        let server = &self.servers[number % self.servers.len()];
        Client::builder(&server.url)
            .api_key("dev-user-key")
            .agent_id(agent)
            .retry(RetryPolicy::none())
            .build()
            .unwrap()
    }

    /// Stops the servers, checks what must always hold, and removes the database.
    pub async fn stop(mut self) {
        let first = self.servers.remove(0);
        for other in self.servers {
            other.halt().await;
        }
        first.stop().await;
    }
}

/// Runs each test on SQLite, on PostgreSQL, and with two servers on one PostgreSQL database:
/// `on_clusters! { async fn name(cluster: &Cluster) { … } }`.
#[macro_export]
macro_rules! on_clusters {
    ($($(#[$attribute:meta])* async fn $name:ident($cluster:ident: &Cluster $(,)?) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn claim($cluster: &$crate::cluster::Cluster) $body

            async fn run(backend: $crate::Backend, servers: usize) {
                let cluster = $crate::cluster::Cluster::start(backend, servers).await;
                claim(&cluster).await;
                cluster.stop().await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                run($crate::Backend::Sqlite, 1).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                run($crate::Backend::Postgres, 1).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres_with_two_servers() {
                run($crate::Backend::Postgres, 2).await;
            }
        }
    )+};
}
