//! The client and how to set it up.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::call::{Call, Document};
use crate::page::NodeStream;
use crate::socket::{self, ConnectionState, Subscribe};
use crate::{Connection, Error, Operation, RetryPolicy, tls};

/// A connection to one server. Cheap to clone; clones share connections.
///
/// There is a function for every query and mutation of the schema, one named `subscribe_…` for every subscription, and
/// one named `…_stream` for every query that answers page by page.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
    pub(crate) traceparent: Option<HeaderValue>,
}

pub(crate) struct Shared {
    pub(crate) http: reqwest::Client,
    pub(crate) url: Url,
    pub(crate) timeout: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) automatic_idempotency_keys: bool,
    pub(crate) subscription_buffer: usize,
    pub(crate) socket: socket::Handle,
}

impl Client {
    /// Starts to set up a client. `url` is the server's address, such as `http://127.0.0.1:8000`; the path `/graphql`
    /// is added when it has none.
    pub fn builder(url: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            url: url.into(),
            api_key: None,
            agent_id: None,
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            retry: RetryPolicy::requests(),
            reconnect: RetryPolicy::reconnect(),
            keepalive: Duration::from_secs(20),
            automatic_idempotency_keys: true,
            subscription_buffer: 256,
            headers: Vec::new(),
            tls: None,
        }
    }

    /// The same client, whose requests carry this W3C `traceparent`. A value that cannot be a header is not sent.
    #[must_use]
    pub fn with_traceparent(&self, traceparent: &str) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            traceparent: HeaderValue::from_str(traceparent).ok(),
        }
    }

    /// Runs a document of your own and reads `data` as `T`.
    ///
    /// Documents with queries only are tried again after transient errors. Mutations are, when
    /// `variables.input.idempotencyKey` is given or after [`Call::idempotent`]. The `errors` of mutation payloads are
    /// left to `T`.
    pub fn execute<T: DeserializeOwned>(
        &self,
        document: impl Into<String>,
        variables: impl Serialize,
    ) -> Call<T> {
        Call::new(self.clone(), Document::own(document.into()), &variables)
    }

    /// Subscribes with a document of your own and reads the `data` of each item as `T`.
    ///
    /// It resumes by itself when the document declares a variable `$after`, hands it to its one root field, and selects
    /// `cursor` right below that. Without these the stream ends with [`Error::ConnectionLost`] when the socket breaks.
    pub fn subscribe_raw<T: DeserializeOwned>(
        &self,
        document: impl Into<String>,
        variables: impl Serialize,
    ) -> Subscribe<T> {
        Subscribe::new(self.clone(), Document::own(document.into()), &variables)
    }

    /// What the socket of this client's subscriptions is doing. It is opened by the first subscription and closed after
    /// the last.
    pub fn connection_state(&self) -> watch::Receiver<ConnectionState> {
        self.shared.socket.state()
    }

    /// The address that requests go to.
    pub fn url(&self) -> &str {
        self.shared.url.as_str()
    }

    pub(crate) fn call<T: DeserializeOwned>(
        &self,
        operation: Operation,
        variables: impl Serialize,
    ) -> Call<T> {
        Call::new(self.clone(), Document::of(operation), &variables)
    }

    pub(crate) fn subscription<T: DeserializeOwned>(
        &self,
        operation: Operation,
        variables: impl Serialize,
    ) -> Subscribe<T> {
        Subscribe::new(self.clone(), Document::of(operation), &variables)
    }

    pub(crate) fn pages<C: Connection>(
        &self,
        operation: Operation,
        variables: impl Serialize,
    ) -> NodeStream<C> {
        NodeStream::new(self.clone(), operation, &variables)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("url", &self.shared.url.as_str())
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Client`].
#[derive(Clone)]
#[must_use]
pub struct ClientBuilder {
    url: String,
    api_key: Option<String>,
    agent_id: Option<String>,
    connect_timeout: Duration,
    timeout: Duration,
    retry: RetryPolicy,
    reconnect: RetryPolicy,
    keepalive: Duration,
    automatic_idempotency_keys: bool,
    subscription_buffer: usize,
    headers: Vec<(String, String)>,
    tls: Option<rustls::ClientConfig>,
}

impl ClientBuilder {
    /// The API key, sent as `X-API-Key` and in the socket's first message.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// The agent to act as, sent as `X-Agent-ID`. Keys that are bound to an agent do not need it.
    pub fn agent_id(mut self, id: impl Into<String>) -> Self {
        self.agent_id = Some(id.into());
        self
    }

    /// How long connecting may take, TLS and the websocket handshake included. Default 5 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long one attempt of a request may take. Default 30 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How requests are tried again. Default [`RetryPolicy::requests`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How a broken socket is opened again. Default [`RetryPolicy::reconnect`].
    pub fn reconnect(mut self, policy: RetryPolicy) -> Self {
        self.reconnect = policy;
        self
    }

    /// A socket that was silent for so long is asked for a sign of life; without one for as long again it counts as
    /// broken. Default 20 s.
    pub fn keepalive(mut self, interval: Duration) -> Self {
        self.keepalive = interval;
        self
    }

    /// Whether mutations without an idempotency key get a fresh one, which makes trying them again safe. Default yes.
    pub fn automatic_idempotency_keys(mut self, yes: bool) -> Self {
        self.automatic_idempotency_keys = yes;
        self
    }

    /// How many items of one subscription wait for a slow reader, at least 1. When there are more, the subscription is
    /// stopped, and resumed from its position once half of them are read. Default 256.
    pub fn subscription_buffer(mut self, items: usize) -> Self {
        self.subscription_buffer = items.max(1);
        self
    }

    /// A further header for every request and for the websocket handshake.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// TLS settings to use instead of the system's trusted certificates, such as a private certificate authority.
    pub fn tls(mut self, config: rustls::ClientConfig) -> Self {
        self.tls = Some(config);
        self
    }

    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Config`] when the URL, a header value or the TLS settings cannot be used.
    pub fn build(self) -> Result<Client, Error> {
        let url = endpoint(&self.url)?;
        let secure = url.scheme() == "https";

        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name.as_str())
                .map_err(|error| Error::Config(format!("header `{name}`: {error}")))?;
            headers.insert(name, header_value("header", value)?);
        }
        if let Some(key) = &self.api_key {
            let mut value = header_value("API key", key)?;
            value.set_sensitive(true);
            headers.insert("x-api-key", value);
        }
        if let Some(agent) = &self.agent_id {
            headers.insert("x-agent-id", header_value("agent id", agent)?);
        }

        let tls = match self.tls {
            Some(config) => config,
            None if secure => tls::platform()?,
            None => tls::unused()?,
        };
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .default_headers(headers.clone())
            .connect_timeout(self.connect_timeout)
            // A redirect would carry the API key to another place.
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(&url) {
            http = http.no_proxy();
        }
        let http = http
            .build()
            .map_err(|error| Error::Config(error.to_string()))?;

        let socket = socket::Handle::new(socket::Config {
            url: socket_url(&url)?,
            headers,
            api_key: self.api_key,
            agent_id: self.agent_id,
            connect_timeout: self.connect_timeout,
            keepalive: self.keepalive,
            reconnect: self.reconnect,
            tls: secure.then(|| Arc::new(tls)),
        });
        Ok(Client {
            shared: Arc::new(Shared {
                http,
                url,
                timeout: self.timeout,
                retry: self.retry,
                automatic_idempotency_keys: self.automatic_idempotency_keys,
                subscription_buffer: self.subscription_buffer,
                socket,
            }),
            traceparent: None,
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("url", &self.url)
            .field("agent_id", &self.agent_id)
            .finish_non_exhaustive()
    }
}

fn endpoint(text: &str) -> Result<Url, Error> {
    let mut url = Url::parse(text)
        .map_err(|error| Error::Config(format!("server address `{text}`: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(Error::Config(format!(
            "server address `{text}`: must begin with http:// or https://"
        )));
    }
    if url.path() == "/" {
        url.set_path("/graphql");
    }
    Ok(url)
}

fn socket_url(url: &Url) -> Result<Url, Error> {
    let text = url.as_str().replacen("http", "ws", 1);
    Url::parse(&text).map_err(|error| Error::Config(format!("server address `{text}`: {error}")))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn header_value(what: &str, text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text).map_err(|error| Error::Config(format!("{what}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphql_is_the_default_path() {
        assert_eq!(
            endpoint("http://127.0.0.1:8000").unwrap().as_str(),
            "http://127.0.0.1:8000/graphql"
        );
        assert_eq!(
            endpoint("https://example.org/api").unwrap().as_str(),
            "https://example.org/api"
        );
        assert!(endpoint("ftp://example.org").is_err());
        assert!(endpoint("127.0.0.1:8000").is_err());
    }

    #[test]
    fn sockets_use_the_same_address() {
        let url = endpoint("https://example.org").unwrap();
        assert_eq!(
            socket_url(&url).unwrap().as_str(),
            "wss://example.org/graphql"
        );
    }

    #[test]
    fn loopback_is_recognised() {
        for (text, loopback) in [
            ("http://localhost:1", true),
            ("http://[::1]:1", true),
            ("http://127.1.2.3", true),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(&endpoint(text).unwrap()), loopback, "{text}");
        }
    }

    #[test]
    fn secrets_stay_out_of_debug_output() {
        let builder = Client::builder("http://127.0.0.1:1").api_key("hush");
        assert!(!format!("{builder:?}").contains("hush"));
        assert!(!format!("{:?}", builder.build().unwrap()).contains("hush"));
    }

    #[test]
    fn unusable_settings_are_refused() {
        assert!(matches!(
            Client::builder("http://a").api_key("a\nb").build(),
            Err(Error::Config(_))
        ));
        assert!(matches!(
            Client::builder("http://a").header("a b", "c").build(),
            Err(Error::Config(_))
        ));
    }
}
