//! A websocket as its task sees it: messages in and out, with the peer's life watched.

use std::{
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use axum::extract::ws::{CloseFrame, Message as Frame, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::message::Message;
use crate::config::Config;

/// A close frame's reason may have so many bytes.
const LONGEST_REASON: usize = 123;

/// How long the peer may take to answer a close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Why a socket ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The peer is to be told.
    Close(CloseFrame),
    /// The peer closed, or is out of reach.
    Gone,
}

impl End {
    /// With a close code and a reason, which is cut if it is too long.
    pub(crate) fn close(code: u16, reason: &str) -> Self {
        let reason = reason
            .get(..reason.floor_char_boundary(LONGEST_REASON))
            .unwrap_or_default();
        Self::Close(CloseFrame {
            code,
            reason: reason.into(),
        })
    }
}

/// A websocket.
pub(crate) struct Connection {
    websocket: WebSocket,
    send_timeout: Duration,
    ping_interval: Duration,
    pong_timeout: Duration,
    last_heard: Instant,
    last_pinged: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

impl Connection {
    pub(crate) fn new(websocket: WebSocket, config: &Config) -> Self {
        let http = &config.http;
        let ping_interval = Duration::from_millis(http.ping_interval_ms);
        let now = Instant::now();
        Self {
            websocket,
            send_timeout: Duration::from_millis(http.send_timeout_ms),
            ping_interval,
            pong_timeout: Duration::from_millis(http.pong_timeout_ms),
            last_heard: now,
            last_pinged: None,
            timer: Box::pin(sleep_until(now + ping_interval)),
        }
    }

    /// The client's next message. Cancel safe.
    pub(crate) async fn receive(&mut self) -> Result<Message, End> {
        loop {
            let frame = tokio::select! {
                frame = self.websocket.next() => frame,
                () = &mut self.timer => {
                    self.watch().await?;
                    continue;
                }
            };
            self.last_heard = Instant::now();
            match frame {
                Some(Ok(Frame::Text(text))) => {
                    return Message::parse(&text).map_err(|wrong| End::close(4400, &wrong));
                }
                Some(Ok(Frame::Binary(_))) => {
                    return Err(End::close(4400, "Invalid message: binary"));
                }
                // A ping is answered by the library.
                Some(Ok(Frame::Ping(_) | Frame::Pong(_))) => {}
                Some(Ok(Frame::Close(_))) | None => return Err(End::Gone),
                Some(Err(error)) => {
                    // The library does not let errors be told apart but by their text.
                    let error = error.to_string();
                    return Err(if error.starts_with("Space limit exceeded") {
                        End::close(1009, "The message is too large (limits.body_bytes)")
                    } else {
                        End::Gone
                    });
                }
            }
        }
    }

    /// Pings when it is time to, and finds out whether the peer is dead.
    async fn watch(&mut self) -> Result<(), End> {
        let now = Instant::now();
        let next = match self.last_pinged.take() {
            Some(pinged) if self.last_heard < pinged => {
                return Err(End::close(1008, "No answer to pings"));
            }
            Some(pinged) => now.max(pinged + self.ping_interval),
            None => {
                self.feed_frame(Frame::Ping(Bytes::new())).await?;
                self.flush().await?;
                self.last_pinged = Some(now);
                now + self.pong_timeout
            }
        };
        self.timer.as_mut().reset(next);
        Ok(())
    }

    /// Sends a message.
    pub(crate) async fn send(&mut self, message: Utf8Bytes) -> Result<(), End> {
        self.feed(message).await?;
        self.flush().await
    }

    /// Sends a message that need not go out before the next [`flush`](Self::flush).
    pub(crate) async fn feed(&mut self, message: Utf8Bytes) -> Result<(), End> {
        self.feed_frame(Frame::Text(message)).await
    }

    async fn feed_frame(&mut self, frame: Frame) -> Result<(), End> {
        in_time(self.send_timeout, self.websocket.feed(frame)).await
    }

    /// Sends what was fed.
    pub(crate) async fn flush(&mut self) -> Result<(), End> {
        in_time(self.send_timeout, self.websocket.flush()).await
    }

    /// Closes.
    pub(crate) async fn close(mut self, end: End) {
        let End::Close(frame) = end else { return };
        tracing::debug!(
            code = frame.code,
            reason = frame.reason.as_str(),
            "websocket closed by the server"
        );
        let closed = async {
            self.websocket.send(Frame::Close(Some(frame))).await?;
            // Until the peer has answered, or what it sent before could make its system drop the
            // close frame.
            while let Some(Ok(_)) = self.websocket.next().await {}
            Ok::<_, axum::Error>(())
        };
        let _ = timeout(CLOSE_TIMEOUT, closed).await;
    }
}

/// Gives up a send that does not get on. Nobody can be told why: what would tell is behind it.
async fn in_time(
    limit: Duration,
    send: impl Future<Output = Result<(), axum::Error>>,
) -> Result<(), End> {
    let mut send = pin!(send);
    // Most sends need no timer.
    let sent = match futures_util::poll!(&mut send) {
        Poll::Ready(sent) => Ok(sent),
        Poll::Pending => timeout(limit, send).await,
    };
    match sent {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_elapsed) => {
            tracing::debug!("websocket given up: its peer takes nothing");
            Err(End::Gone)
        }
    }
}
