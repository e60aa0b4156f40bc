//! An HTTP client that costs next to nothing: requests are bytes, connections are kept, answers are
//! read up to their length.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::Result;

/// The key that the server lets in on loopback while it has no other.
pub(crate) const KEY: &str = "dev-user-key";

/// A kept connection.
#[derive(Debug)]
pub(crate) struct Http {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Http {
    pub(crate) async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(4096),
        })
    }

    /// Sends a request and reads the answer's body.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (mut body, mut end) = (0, usize::MAX);
        while self.buffer.len() < end {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if body == 0
                && let Some(head) = find(&self.buffer, b"\r\n\r\n")
            {
                body = head + 4;
                end = body + content_length(&self.buffer[..head])?;
            }
        }
        if !self.buffer.starts_with(b"HTTP/1.1 2") {
            return Err(String::from_utf8_lossy(&self.buffer).into());
        }
        Ok(&self.buffer[body..])
    }

    /// Asks GraphQL and gives `data`.
    pub(crate) async fn ask(&mut self, query: &str, variables: &Value) -> Result<Value> {
        let body = self.exchange(&graphql(query, variables)).await?;
        let mut answer: Value = serde_json::from_slice(body)?;
        match answer.get("errors") {
            None => Ok(answer["data"].take()),
            Some(errors) => Err(errors.to_string().into()),
        }
    }
}

/// Where a few bytes stand among others.
pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

fn content_length(head: &[u8]) -> Result<usize> {
    let head = str::from_utf8(head)?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    });
    Ok(length
        .ok_or("an answer without content-length")?
        .trim()
        .parse()?)
}

/// A request with this body.
pub(crate) fn post(path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\nx-api-key: {KEY}\r\naccept: application/json\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A request to GraphQL.
pub(crate) fn graphql(query: &str, variables: &Value) -> Vec<u8> {
    post(
        "/graphql",
        &json!({ "query": query, "variables": variables }).to_string(),
    )
}
