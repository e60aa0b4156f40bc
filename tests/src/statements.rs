//! Counts the statements that a server sends to PostgreSQL: a proxy in between reads along.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::TestDatabase;

/// A way to a PostgreSQL database on which statements are counted.
#[derive(Debug)]
pub struct Statements {
    /// The database's address by this way.
    pub url: String,
    count: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Statements {
    /// Puts itself before a PostgreSQL database.
    pub async fn before(database: &TestDatabase) -> Self {
        let (user, rest) = database.url().rsplit_once('@').unwrap();
        let (host, name) = rest.split_once('/').unwrap();
        let host = if host.contains(':') {
            host.to_owned()
        } else {
            format!("{host}:5432")
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        Self {
            url: format!("{user}@{own}/{name}?sslmode=disable"),
            accepting: tokio::spawn(accept(listener, host, Arc::clone(&count))),
            count,
        }
    }

    /// How many statements were executed so far.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

impl Drop for Statements {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, host: String, count: Arc<AtomicUsize>) {
    while let Ok((client, _)) = listener.accept().await {
        let (host, count) = (host.clone(), Arc::clone(&count));
        tokio::spawn(async move {
            // Either side may go away at any time: the connection ends with it.
            let _ = forward(client, &host, &count).await;
        });
    }
}

/// Forwards one connection. What the client sends is a start-up message (a length, which counts
/// itself, and a body) and then messages of a type and the same. `Q` is a simple query, `E`
/// executes a prepared one.
async fn forward(client: TcpStream, host: &str, count: &AtomicUsize) -> std::io::Result<()> {
    let server = TcpStream::connect(host).await?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let (mut from_server, mut to_server) = server.into_split();
    let (mut from_client, mut to_client) = client.into_split();
    let requests = async {
        let mut is_first = true;
        loop {
            let kind = if is_first {
                None
            } else {
                Some(from_client.read_u8().await?)
            };
            is_first = false;
            if matches!(kind, Some(b'Q' | b'E')) {
                count.fetch_add(1, Ordering::SeqCst);
            }
            let length = from_client.read_u32().await?;
            let body = usize::try_from(length)
                .unwrap_or_default()
                .saturating_sub(4);
            let mut message: Vec<u8> = kind.into_iter().collect();
            message.extend(length.to_be_bytes());
            let start = message.len();
            message.resize(start + body, 0);
            from_client.read_exact(&mut message[start..]).await?;
            to_server.write_all(&message).await?;
        }
    };
    let answers = async {
        tokio::io::copy(&mut from_server, &mut to_client).await?;
        Ok::<(), std::io::Error>(())
    };
    tokio::select! {
        ended = requests => ended,
        ended = answers => ended,
    }
}
