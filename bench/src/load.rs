//! Clients that do one thing after another until time is up.

use std::{
    fmt,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;

use crate::Result;

/// A client.
pub(crate) trait Client: Send + 'static {
    /// Does it once.
    fn step(&mut self) -> impl Future<Output = Result<()>> + Send;
}

/// What clients got done.
#[derive(Debug)]
pub(crate) struct Rate {
    pub(crate) count: u32,
    pub(crate) per_second: f64,
    p50: Duration,
    p99: Duration,
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p50 {:.1?}, p99 {:.1?}", self.p50, self.p99)
    }
}

/// Lets clients work side by side for so long.
pub(crate) async fn run<C: Client>(clients: &mut Vec<C>, duration: Duration) -> Result<Rate> {
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for mut client in clients.drain(..) {
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            let mut now = started;
            while now.duration_since(started) < duration {
                client.step().await?;
                let done = Instant::now();
                latencies.push(done.duration_since(now));
                now = done;
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>((client, latencies))
        });
    }
    let mut all = Vec::new();
    while let Some(done) = tasks.join_next().await {
        let (client, latencies) = done??;
        clients.push(client);
        all.extend(latencies);
    }
    let elapsed = started.elapsed().as_secs_f64();
    all.sort_unstable();
    let at = |per_cent: usize| {
        all.get(all.len() * per_cent / 100)
            .copied()
            .unwrap_or_default()
    };
    let count = u32::try_from(all.len())?;
    Ok(Rate {
        count,
        per_second: f64::from(count) / elapsed,
        p50: at(50),
        p99: at(99),
    })
}
