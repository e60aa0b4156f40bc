//! A websocket client that costs next to nothing: it counts what comes and hardly looks into it.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{Result, http::KEY};

/// An answer to a ping: without content, masked with zeros.
pub(crate) const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];

/// Opens a websocket.
async fn open(address: SocketAddr) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET /graphql HTTP/1.1\r\nhost: bench\r\nx-api-key: {KEY}\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    if !head.starts_with(b"HTTP/1.1 101") {
        return Err(String::from_utf8_lossy(&head).into());
    }
    Ok(stream)
}

/// Sends a text, masked with zeros.
async fn send(stream: &mut TcpStream, text: &str) -> Result<()> {
    let mut frame = vec![0x81];
    match u8::try_from(text.len()) {
        Ok(length) if length < 126 => frame.push(0x80 | length),
        _ => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(text.len())?.to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    Ok(stream.write_all(&frame).await?)
}

/// Receives a text.
pub(crate) async fn receive(stream: &mut TcpStream) -> Result<String> {
    loop {
        let opcode = stream.read_u8().await? & 0x0f;
        let length = match stream.read_u8().await? {
            126 => usize::from(stream.read_u16().await?),
            127 => usize::try_from(stream.read_u64().await?)?,
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).await?;
        match opcode {
            1 => return Ok(String::from_utf8(payload)?),
            8 => return Err(format!("closed: {}", String::from_utf8_lossy(&payload)).into()),
            _ => {}
        }
    }
}

/// Opens a socket on the server that is subscribed when this returns.
pub(crate) async fn subscribe(
    address: SocketAddr,
    query: &str,
    variables: &Value,
) -> Result<TcpStream> {
    let mut stream = open(address).await?;
    let subscribe = json!({
        "id": "1", "type": "subscribe", "payload": { "query": query, "variables": variables }
    });
    send(&mut stream, r#"{"type":"connection_init"}"#).await?;
    expect(&mut stream, "connection_ack").await?;
    send(&mut stream, &subscribe.to_string()).await?;
    // Answered after what was sent before it has been taken.
    send(&mut stream, r#"{"type":"ping"}"#).await?;
    expect(&mut stream, "pong").await?;
    Ok(stream)
}

/// Opens a socket on the baseline's server that is served when this returns.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpStream> {
    let mut stream = open(address).await?;
    send(&mut stream, "pong").await?;
    expect(&mut stream, "pong").await?;
    Ok(stream)
}

async fn expect(stream: &mut TcpStream, word: &str) -> Result<()> {
    let message = receive(stream).await?;
    match message.contains(word) {
        true => Ok(()),
        false => Err(format!("{word} was expected, but this came: {message}").into()),
    }
}

/// Finds frames in what a socket brings, in whatever pieces it comes.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    head: Vec<u8>,
    left: usize,
}

/// What was found in a piece.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// So many texts began.
    pub(crate) texts: usize,
    /// The peer wants a sign of life.
    pub(crate) ping: bool,
    /// The peer closes.
    pub(crate) close: bool,
}

impl Frames {
    /// Takes the next piece.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) -> Found {
        let mut found = Found::default();
        loop {
            let skipped = self.left.min(bytes.len());
            self.left -= skipped;
            bytes = &bytes[skipped..];
            let Some((&next, rest)) = bytes.split_first() else {
                return found;
            };
            bytes = rest;
            self.head.push(next);
            let length = match *self.head.as_slice() {
                [_, 126, high, low] => u16::from_be_bytes([high, low]).into(),
                [_, 127, .., a, b, c, d] if self.head.len() == 10 => {
                    usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX)
                }
                [_, short] if short < 126 => short.into(),
                _ => continue,
            };
            match self.head[0] & 0x0f {
                1 => found.texts += 1,
                8 => found.close = true,
                9 => found.ping = true,
                _ => {}
            }
            self.head.clear();
            self.left = length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_in_pieces_of_any_size() {
        let mut bytes = vec![0x81, 2, b'h', b'i', 0x89, 0, 0x81, 126, 1, 0];
        bytes.extend([7; 256]);
        bytes.extend([0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        bytes.extend([7; 65_536]);
        for size in [1, 3, 1_000, bytes.len()] {
            let mut frames = Frames::default();
            let (mut texts, mut ping) = (0, false);
            for piece in bytes.chunks(size) {
                let found = frames.take(piece);
                texts += found.texts;
                ping |= found.ping;
            }
            assert_eq!((texts, ping, frames.left), (3, true, 0));
        }
    }
}
