//! Stands between the server and PostgreSQL and counts statements, by the messages of PostgreSQL's
//! protocol that execute one.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinHandle,
};

use crate::{
    Result,
    database::{Database, Kind},
};

#[derive(Debug)]
pub(crate) struct Proxy {
    url: String,
    count: Arc<AtomicUsize>,
    accepting: JoinHandle<io::Result<()>>,
}

impl Proxy {
    /// Before this database; none before SQLite, which is no server.
    pub(crate) async fn before(database: &Database) -> Result<Option<Self>> {
        if database.kind == Kind::Sqlite {
            return Ok(None);
        }
        let (login, rest) = database.url.rsplit_once('@').ok_or("no user")?;
        let (target, name) = rest.split_once('/').ok_or("no database")?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let count = Arc::new(AtomicUsize::new(0));
        Ok(Some(Self {
            // Encrypted, there would be nothing to count.
            url: format!("{login}@{address}/{name}?sslmode=disable"),
            count: Arc::clone(&count),
            accepting: tokio::spawn(accept(listener, target.to_owned(), count)),
        }))
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Statements so far.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: String, count: Arc<AtomicUsize>) -> io::Result<()> {
    loop {
        let (client, _) = listener.accept().await?;
        let server = TcpStream::connect(&target).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (from_client, mut to_client) = client.into_split();
        let (mut from_server, to_server) = server.into_split();
        tokio::spawn(forward(from_client, to_server, Arc::clone(&count)));
        tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    }
}

/// Passes on what the client sends, message by message: a type, a length that counts itself, and
/// content. The first message has no type.
async fn forward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    count: Arc<AtomicUsize>,
) -> Result<()> {
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut at = 0;
    let mut is_first = true;
    while from.read_buf(&mut buffer).await? > 0 {
        loop {
            let head = usize::from(!is_first);
            let Some(&[a, b, c, d]) = buffer.get(at + head..at + head + 4) else {
                break;
            };
            let end = at + head + usize::try_from(u32::from_be_bytes([a, b, c, d]))?;
            if buffer.len() < end {
                break;
            }
            if !is_first && matches!(buffer[at], b'E' | b'Q') {
                count.fetch_add(1, Ordering::Relaxed);
            }
            is_first = false;
            at = end;
        }
        to.write_all(&buffer[..at]).await?;
        buffer.drain(..at);
        at = 0;
    }
    Ok(())
}
