//! Events of one intent to many subscribers with the same query. The baseline sends the same bytes
//! from a bare axum websocket server. First as many as there is room for, then a hundred a second,
//! timed from before the event is sent to the server until a subscriber has it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use openintent_entities::id::IntentId;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Notify,
    task::JoinSet,
};

use crate::{
    Result, Settings,
    database::{Database, Kind},
    http::{self, Http},
    report::{Report, Rounds, each, verdict},
    rows,
    server::Server,
    socket::{self, Found, Frames},
};

pub(crate) const EVENTS: &str = "subscription Events($id: ID!) { \
     events(filter: { intentId: $id }) { id type cursor payload } }";
const LOG: &str = "mutation Log($id: ID!, $payload: Object) { \
     logEvent(input: { intentId: $id, type: \"comment\", payload: $payload }) { errors { code } } }";

/// So many events may be on their way.
const WINDOW: usize = 64;
/// So many clients publish at the same time.
const PUBLISHERS: usize = 16;
/// Events a second when latency is measured.
const PACE: u32 = 100;
/// The bar for the slowest of a hundred deliveries at that pace.
const P99: Duration = Duration::from_millis(20);

pub(crate) async fn measure(settings: &Settings, subscribers: u32) -> Result<Report> {
    let database = Database::create(Kind::Sqlite).await?;
    let connection = database.connect(1).await?;
    let intent = rows::insert_open(&connection, 1).await?.remove(0).id;
    connection.close().await?;
    let server = Server::start(settings, &database.url).await?;
    let bare = Server::baseline().await?;

    let message = sample(&server, &intent).await?;
    let served = Audience::new(server.address, Publication::Event(intent), subscribers).await?;
    let listening = Audience::new(bare.address, Publication::Bytes(message), subscribers).await?;

    let mut rounds = Rounds::default();
    listening.flood(settings.duration() / 4).await?;
    served.flood(settings.duration() / 4).await?;
    for _ in 0..settings.rounds {
        let baseline = listening.flood(settings.duration()).await?;
        let server = served.flood(settings.duration()).await?;
        rounds.push(baseline, server);
    }
    let what = format!("deliveries, {subscribers} subscribers");
    let mut report = Report::compared("fanout");
    report.row(rounds.cells(&what, "/s", 0.5));

    let (mut without, mut with) = (Vec::new(), Vec::new());
    let before = [bare.processor_time()?, server.processor_time()?];
    for _ in 0..settings.rounds.min(3) {
        without.extend(listening.pace(settings.duration()).await?);
        with.extend(served.pace(settings.duration()).await?);
    }
    report.note(format!(
        "At {PACE} events/s a delivery takes {} of the server's processor time; {} of the baseline's.",
        each(server.processor_time()? - before[1], u32::try_from(with.len())?),
        each(bare.processor_time()? - before[0], u32::try_from(without.len())?),
    ));
    without.sort_unstable();
    with.sort_unstable();
    for per_cent in [50, 99] {
        let (bare, ours) = (at(&without, per_cent), at(&with, per_cent));
        let (bar, reached) = match per_cent {
            99 => (format!("< {P99:?}"), verdict(ours < P99)),
            _ => Default::default(),
        };
        report.row([
            format!("p{per_cent} of delivery at {PACE} events/s"),
            format!("{bare:.1?}"),
            format!("{ours:.1?}"),
            format!("{:.2}", ours.as_secs_f64() / bare.as_secs_f64()),
            bar,
            reached,
        ]);
    }
    served.check()?;
    listening.check()?;
    report.note("Every subscriber got every event, or this would have failed.");
    server.stop().await?;
    bare.stop().await?;
    database.remove().await?;
    Ok(report)
}

fn at(sorted: &[Duration], per_cent: usize) -> Duration {
    let place = sorted.len() * per_cent / 100;
    sorted.get(place).copied().unwrap_or_default()
}

/// What a subscriber of the server gets for one event.
async fn sample(server: &Server, intent: &IntentId) -> Result<String> {
    let mut socket = socket::subscribe(server.address, EVENTS, &json!({ "id": intent })).await?;
    let mut http = Http::connect(server.address).await?;
    http.exchange(&Publication::Event(intent.clone()).request(0))
        .await?;
    socket::receive(&mut socket).await
}

/// How something is published.
enum Publication {
    /// As an event of an intent.
    Event(IntentId),
    /// As these bytes.
    Bytes(String),
}

impl Publication {
    fn request(&self, number: usize) -> Vec<u8> {
        match self {
            Self::Event(intent) => {
                let text = "compared two sources; they agree on the date, not on the place";
                let payload = json!({ "number": number, "text": text });
                http::graphql(LOG, &json!({ "id": intent, "payload": payload }))
            }
            Self::Bytes(message) => http::post("/publish", message),
        }
    }
}

/// Subscribers, and whoever publishes to them.
struct Audience {
    address: SocketAddr,
    publication: Publication,
    size: usize,
    published: AtomicUsize,
    shared: Arc<Shared>,
    subscribers: JoinSet<Result<()>>,
}

/// What all subscribers write down.
struct Shared {
    start: Instant,
    delivered: AtomicUsize,
    /// Rung when many more were delivered.
    progress: Notify,
    is_timed: AtomicBool,
    /// When each event was sent, in nanoseconds from the start, by its number.
    sent: Vec<AtomicU64>,
    /// Deliveries by tenths of a millisecond that they took.
    took: Vec<AtomicUsize>,
}

impl Audience {
    async fn new(address: SocketAddr, publication: Publication, size: u32) -> Result<Self> {
        let size = usize::try_from(size)?;
        let shared = Arc::new(Shared {
            start: Instant::now(),
            delivered: AtomicUsize::new(0),
            progress: Notify::new(),
            is_timed: AtomicBool::new(false),
            sent: (0..1_000_000).map(|_| AtomicU64::new(0)).collect(),
            took: (0..100_000).map(|_| AtomicUsize::new(0)).collect(),
        });
        let mut subscribers = JoinSet::new();
        for _ in 0..size {
            let socket = match &publication {
                Publication::Event(intent) => {
                    socket::subscribe(address, EVENTS, &json!({ "id": intent })).await?
                }
                Publication::Bytes(_) => socket::listen(address).await?,
            };
            subscribers.spawn(Arc::clone(&shared).read(socket, size));
        }
        Ok(Self {
            address,
            publication,
            size,
            published: AtomicUsize::new(0),
            shared,
            subscribers,
        })
    }

    /// Publishes as fast as the subscribers take it; says how much was delivered in a second.
    async fn flood(&self, duration: Duration) -> Result<f64> {
        let started = Instant::now();
        let before = self.shared.delivered.load(Ordering::Relaxed);
        let publishers = (0..PUBLISHERS).map(|_| async {
            let mut http = Http::connect(self.address).await?;
            while started.elapsed() < duration {
                let progress = self.shared.progress.notified();
                let delivered = self.shared.delivered.load(Ordering::Relaxed) / self.size;
                if self.published.load(Ordering::Relaxed) >= delivered + WINDOW {
                    // A last event may come without a ring.
                    let _ = tokio::time::timeout(Duration::from_millis(10), progress).await;
                    continue;
                }
                let number = self.published.fetch_add(1, Ordering::Relaxed);
                http.exchange(&self.publication.request(number)).await?;
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        });
        futures_util::future::try_join_all(publishers).await?;
        self.drain().await?;
        let delivered = self.shared.delivered.load(Ordering::Relaxed) - before;
        Ok(f64::from(u32::try_from(delivered)?) / started.elapsed().as_secs_f64())
    }

    /// Publishes a hundred events a second, whether or not the ones before have been answered; says
    /// how long the deliveries took.
    async fn pace(&self, duration: Duration) -> Result<Vec<Duration>> {
        let mut idle = Vec::new();
        let mut under_way = FuturesUnordered::new();
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / PACE);
        let started = Instant::now();
        self.shared.is_timed.store(true, Ordering::Relaxed);
        while started.elapsed() < duration {
            // When it should be sent: being late is part of what is measured.
            let due = tokio::select! {
                due = ticks.tick() => due.into_std(),
                Some(http) = under_way.next() => {
                    idle.push(http?);
                    continue;
                }
            };
            let number = self.published.fetch_add(1, Ordering::Relaxed);
            let due = u64::try_from(due.duration_since(self.shared.start).as_nanos())?;
            let sent = self.shared.sent.get(number).ok_or("too many events")?;
            sent.store(due, Ordering::Relaxed);
            let idle = idle.pop();
            under_way.push(async move {
                let mut http = match idle {
                    Some(http) => http,
                    None => Http::connect(self.address).await?,
                };
                http.exchange(&self.publication.request(number)).await?;
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(http)
            });
        }
        while let Some(http) = under_way.next().await {
            http?;
        }
        self.drain().await?;
        self.shared.is_timed.store(false, Ordering::Relaxed);
        let mut all = Vec::new();
        for (tenths, count) in (0..).zip(&self.shared.took) {
            let count = count.swap(0, Ordering::Relaxed);
            all.extend(std::iter::repeat_n(
                Duration::from_micros(100 * tenths),
                count,
            ));
        }
        Ok(all)
    }

    /// Waits until all has been delivered.
    async fn drain(&self) -> Result<()> {
        let wanted = self.published.load(Ordering::Relaxed) * self.size;
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.shared.delivered.load(Ordering::Relaxed) < wanted {
            if Instant::now() > deadline {
                let delivered = self.shared.delivered.load(Ordering::Relaxed);
                return Err(format!("{delivered} of {wanted} events were delivered").into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Fails when a subscriber was lost, or got more than there was.
    fn check(mut self) -> Result<()> {
        if let Some(ended) = self.subscribers.try_join_next() {
            ended??;
        }
        let delivered = self.shared.delivered.load(Ordering::Relaxed);
        let wanted = self.published.load(Ordering::Relaxed) * self.size;
        match delivered == wanted {
            true => Ok(()),
            false => Err(format!("{delivered} instead of {wanted} events were delivered").into()),
        }
    }
}

impl Shared {
    /// A subscriber's life.
    async fn read(self: Arc<Self>, mut socket: TcpStream, audience: usize) -> Result<()> {
        let mut frames = Frames::default();
        let mut buffer = vec![0; 8 * 1024];
        let mut received = 0;
        loop {
            let length = socket.read(&mut buffer).await?;
            if length == 0 {
                return Err("the server closed a subscriber's connection".into());
            }
            let Found { texts, ping, close } = frames.take(&buffer[..length]);
            if close {
                return Err("the server closed a subscriber's websocket".into());
            }
            if ping {
                socket.write_all(&socket::PONG).await?;
            }
            if self.is_timed.load(Ordering::Relaxed) {
                self.time(received..received + texts)?;
            }
            received += texts;
            let before = self.delivered.fetch_add(texts, Ordering::Relaxed);
            // Now and then, for those who wait for room.
            if before / audience != (before + texts) / audience {
                self.progress.notify_waiters();
            }
        }
    }

    /// Events come to each subscriber about in the order in which they were sent: where two have
    /// changed places, one seems as much later as the other seems earlier.
    fn time(&self, numbers: std::ops::Range<usize>) -> Result<()> {
        let now = u64::try_from(self.start.elapsed().as_nanos())?;
        for number in numbers {
            let sent = self.sent.get(number).ok_or("too many events")?;
            let took = now.saturating_sub(sent.load(Ordering::Relaxed));
            let tenths = usize::try_from(took / 100_000)?.min(self.took.len() - 1);
            self.took[tenths].fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}
