//! Opens the websocket.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, handshake::client::Request};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::{Config, wire};

pub(super) trait Transport: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Transport for T {}

pub(super) type Socket = WebSocketStream<Box<dyn Transport>>;

/// Why there is no socket.
pub(super) enum Failure {
    /// The server answered the handshake with this HTTP status, and would again.
    Refused(u16),
    /// It may work later.
    Transient(String),
}

/// TCP, TLS and the websocket handshake, within the time for connecting.
pub(super) async fn open(config: &Config) -> Result<Socket, Failure> {
    match tokio::time::timeout(config.connect_timeout, handshake(config)).await {
        Ok(Ok(socket)) => Ok(socket),
        Ok(Err(WsError::Http(response))) => {
            let status = response.status();
            let passes = matches!(status.as_u16(), 408 | 425 | 429) || status.is_server_error();
            Err(if passes {
                Failure::Transient(format!("HTTP status {status}"))
            } else {
                Failure::Refused(status.as_u16())
            })
        }
        Ok(Err(error)) => Err(Failure::Transient(error.to_string())),
        Err(_elapsed) => Err(Failure::Transient("connecting took too long".to_owned())),
    }
}

async fn handshake(config: &Config) -> Result<Socket, WsError> {
    let host = config
        .url
        .host_str()
        .unwrap_or_default()
        .trim_matches(['[', ']']);
    let port = config.url.port_or_known_default().unwrap_or(80);
    let tcp = TcpStream::connect((host, port)).await?;
    tcp.set_nodelay(true)?;
    let transport: Box<dyn Transport> = match &config.tls {
        None => Box::new(tcp),
        Some(tls) => {
            let name = rustls::pki_types::ServerName::try_from(host.to_owned())
                .map_err(std::io::Error::other)?;
            Box::new(TlsConnector::from(tls.clone()).connect(name, tcp).await?)
        }
    };
    // Messages are small; the library's 128 KiB buffers would be most of a client's memory.
    let limits = WebSocketConfig::default()
        .read_buffer_size(16 * 1024)
        .write_buffer_size(4 * 1024);
    let (socket, _response) =
        client_async_with_config(request(config)?, transport, Some(limits)).await?;
    Ok(socket)
}

fn request(config: &Config) -> Result<Request, WsError> {
    let mut request = config.url.as_str().into_client_request()?;
    let headers = request.headers_mut();
    for (name, value) in &config.headers {
        headers.insert(name.clone(), value.clone());
    }
    headers.insert(
        HeaderName::from_static("sec-websocket-protocol"),
        HeaderValue::from_static(wire::SUBPROTOCOL),
    );
    Ok(request)
}
