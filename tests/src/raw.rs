//! The server as any program sees it, without the generated client: plain HTTP and websocket
//! messages, for tests of the transport itself.

use std::{
    sync::Once,
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use reqwest::{RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::CloseFrame},
};

/// Nobody waits longer for an answer.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// An HTTP client that needs no set-up by the test.
pub fn http() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Somebody else was quicker: theirs serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A way to one server, with one key.
#[derive(Debug)]
pub struct Raw {
    /// The server's address, `http://127.0.0.1:…`.
    pub url: String,
    /// To make requests of one's own with.
    pub client: reqwest::Client,
    key: String,
}

/// An answer with its body read.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// Status, and code of the first error.
    pub fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), code(&self.json()["errors"][0]))
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// The code of a GraphQL error.
pub fn code(error: &Value) -> String {
    error["extensions"]["code"]
        .as_str()
        .unwrap_or("no code")
        .to_owned()
}

impl Raw {
    /// With the development key of an admin.
    pub fn new(url: &str) -> Self {
        Self::with_key(url, "dev-user-key")
    }

    /// With this key.
    pub fn with_key(url: &str, key: &str) -> Self {
        Self {
            url: url.to_owned(),
            client: http(),
            key: key.to_owned(),
        }
    }

    /// Where something is.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// A GraphQL request without its body.
    pub fn post(&self) -> RequestBuilder {
        self.client
            .post(self.at("/graphql"))
            .header("x-api-key", &self.key)
            .header("accept", "application/graphql-response+json")
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = timeout(DEADLINE, request.send()).await.unwrap().unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer {
            status,
            headers,
            text: response.text().await.unwrap(),
        }
    }

    /// Gets a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.client.get(self.at(path))).await
    }

    /// Posts a body to `/graphql`.
    pub async fn request(&self, body: Value) -> Answer {
        self.send(self.post().json(&body)).await
    }

    /// Posts a document and its variables.
    pub async fn query(&self, query: &str, variables: Value) -> Answer {
        self.request(json!({ "query": query, "variables": variables }))
            .await
    }

    /// A websocket on which nothing was said yet.
    pub async fn connect(&self) -> Socket {
        self.connect_with(&[("sec-websocket-protocol", "graphql-transport-ws")])
            .await
            .unwrap()
    }

    /// The same, with headers of one's own and no others.
    ///
    /// # Errors
    /// The server refused.
    pub async fn connect_with(&self, headers: &[(&'static str, &str)]) -> Result<Socket, Error> {
        let address = self.url.replacen("http", "ws", 1);
        let mut request = format!("{address}/graphql").into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let connecting = tokio_tungstenite::connect_async(request);
        let (stream, _) = timeout(DEADLINE, connecting).await.unwrap()?;
        Ok(Socket(stream))
    }

    /// A websocket whose first message has this payload.
    pub async fn init(&self, payload: Value) -> Socket {
        let mut socket = self.connect().await;
        socket
            .say(json!({"type": "connection_init", "payload": payload}))
            .await;
        socket
    }

    /// A websocket that has been let in.
    pub async fn socket(&self) -> Socket {
        let mut socket = self.init(json!({ "apiKey": self.key })).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }
}

/// A websocket.
#[derive(Debug)]
pub struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Sends a message.
    pub async fn say(&mut self, message: Value) {
        self.say_text(&message.to_string()).await;
    }

    /// Sends a text.
    pub async fn say_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// The next frame of any kind; `None` when the connection is over.
    pub async fn frame(&mut self) -> Option<Message> {
        timeout(DEADLINE, self.0.next())
            .await
            .unwrap()
            .and_then(Result::ok)
    }

    /// The next message; `None` when the connection is over.
    pub async fn message(&mut self) -> Option<Value> {
        loop {
            match self.frame().await? {
                Message::Text(text) => return Some(serde_json::from_str(&text).unwrap()),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("expected a message, got {other:?}"),
            }
        }
    }

    /// The next message.
    pub async fn hear(&mut self) -> Value {
        self.message().await.unwrap()
    }

    /// The `data` of the next message, which must be a `next`.
    pub async fn data(&mut self) -> Value {
        let mut message = self.hear().await;
        assert_eq!(message["type"], "next", "{message}");
        message["payload"]["data"].take()
    }

    /// Code and reason of the server's close frame; whatever else comes before is passed over.
    pub async fn closed(&mut self) -> (u16, String) {
        let deadline = Instant::now() + DEADLINE;
        while Instant::now() < deadline {
            match self.frame().await {
                Some(Message::Close(Some(CloseFrame { code, reason }))) => {
                    return (code.into(), reason.to_string());
                }
                Some(_) => {}
                None => panic!("the connection ended without a close frame"),
            }
        }
        panic!("the server did not close the socket")
    }

    /// Starts an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload }))
            .await;
    }

    /// Waits until the server has handled all that was said before.
    pub async fn settle(&mut self) {
        self.say(json!({"type": "ping", "payload": {"settle": true}}))
            .await;
        assert_eq!(
            self.hear().await,
            json!({"type": "pong", "payload": {"settle": true}})
        );
    }
}
