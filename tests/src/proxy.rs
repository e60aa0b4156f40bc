//! A way to a server that tests can cut, and lead to another server.

use std::sync::{Arc, Mutex};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// Forwards connections to a server.
#[derive(Debug)]
pub struct Proxy {
    /// Its own address, `http://127.0.0.1:…`.
    pub url: String,
    target: Arc<Mutex<String>>,
    cuts: watch::Sender<u64>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Forwards to the server at this address.
    pub async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = format!("http://{}", listener.local_addr().unwrap());
        let target = Arc::new(Mutex::new(authority(url)));
        let cuts = watch::Sender::new(0);
        let accepting = tokio::spawn(accept(listener, Arc::clone(&target), cuts.subscribe()));
        Self {
            url: own,
            target,
            cuts,
            accepting,
        }
    }

    /// From now on forwards to another server.
    pub fn lead_to(&self, url: &str) {
        *self.target.lock().unwrap() = authority(url);
    }

    /// Breaks all connections that there are.
    pub fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn authority(url: &str) -> String {
    url.trim_start_matches("http://").to_owned()
}

async fn accept(listener: TcpListener, target: Arc<Mutex<String>>, cuts: watch::Receiver<u64>) {
    while let Ok((mut from, _)) = listener.accept().await {
        let (target, mut cuts) = (target.lock().unwrap().clone(), cuts.clone());
        cuts.mark_unchanged();
        tokio::spawn(async move {
            let Ok(mut to) = TcpStream::connect(target).await else {
                return;
            };
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut from, &mut to) => {}
                _ = cuts.changed() => {}
            }
        });
    }
}
