use std::{sync::atomic::AtomicUsize, time::Duration};

use futures_util::stream;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use tokio::sync::watch;

use super::*;

/// A log of which every third position matches.
#[derive(Clone)]
struct Log {
    head: watch::Sender<i64>,
    opened: Arc<AtomicUsize>,
    fails_at: Option<i64>,
}

impl Log {
    fn new() -> Self {
        Self {
            head: watch::Sender::new(0),
            opened: Arc::default(),
            fails_at: None,
        }
    }

    fn head(&self) -> Position {
        Position(*self.head.borrow())
    }
}

fn matching(after: i64, until: i64) -> Vec<i64> {
    (after + 1..=until)
        .filter(|position| position % 3 == 0)
        .collect()
}

impl Source for Log {
    fn open(&self, from: Position, until: Option<Position>) -> Items {
        self.opened.fetch_add(1, Ordering::SeqCst);
        let (mut head, fails_at) = (self.head.subscribe(), self.fails_at);
        async_stream::stream! {
            let mut at = from.0;
            loop {
                let readable = *head.borrow_and_update();
                while at < until.map_or(readable, |until| until.0) {
                    at += 1;
                    if fails_at == Some(at) {
                        yield Err(Failure("broken".into()));
                        return;
                    }
                    if at % 3 == 0 {
                        yield Ok(Item { position: Position(at), payload: at.to_string().into() });
                    }
                }
                if until.is_some() || head.changed().await.is_err() {
                    return;
                }
            }
        }
        .boxed()
    }
}

type Deliveries = std::pin::Pin<Box<dyn Stream<Item = Delivery> + Send>>;

fn subscribe(groups: &Groups<u8>, log: &Log, cursor: Option<i64>) -> Deliveries {
    let member = groups.join(0, || Box::new(log.clone()), || log.head());
    let now = log.clone();
    let deliveries = deliver(member, log.clone(), cursor.map(Position), move || {
        now.head()
    });
    let one_by_one = |delivery| match delivery {
        Delivery::Burst(items, first) => {
            let items = items.iter().skip(first);
            items
                .map(|item| Delivery::Next(item.payload.clone()))
                .collect()
        }
        other => vec![other],
    };
    Box::pin(deliveries.map(one_by_one).flat_map(stream::iter))
}

async fn next(deliveries: &mut Deliveries) -> Result<i64, String> {
    match tokio::time::timeout(Duration::from_secs(20), deliveries.next()).await {
        Ok(Some(Delivery::Next(payload))) => Ok(payload.parse().unwrap()),
        other => Err(format!("{other:?}")),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_and_nothing_doubled_in_any_interleaving() {
    const LAST: i64 = 600;
    for seed in 0..60 {
        let mut random = StdRng::seed_from_u64(seed);
        let log = Log::new();
        let groups = Groups::new(random.random_range(2..8));
        let mut subscribers = Vec::new();
        while log.head().0 < LAST {
            let head = log.head().0;
            log.head
                .send_replace((head + random.random_range(1..20)).min(LAST));
            if random.random_bool(0.3) {
                let cursor = random.random_range(0..=head);
                let mut deliveries = subscribe(&groups, &log, Some(cursor));
                let mut random = StdRng::seed_from_u64(random.random());
                subscribers.push(tokio::spawn(async move {
                    for expected in matching(cursor, LAST) {
                        assert_eq!(
                            next(&mut deliveries).await,
                            Ok(expected),
                            "seed {seed}, cursor {cursor}"
                        );
                        for _ in 0..random.random_range(0..4) {
                            tokio::task::yield_now().await;
                        }
                    }
                }));
            }
            if random.random_bool(0.5) {
                tokio::task::yield_now().await;
            }
        }
        for subscriber in subscribers {
            subscriber.await.unwrap();
        }
    }
}

#[tokio::test]
async fn equal_subscriptions_share_one_execution() {
    let log = Log::new();
    let groups = Groups::new(16);
    let mut subscribers: Vec<_> = (0..10).map(|_| subscribe(&groups, &log, None)).collect();
    // The cursor is taken when the stream is made, not when it is polled first.
    log.head.send_replace(3);
    for subscriber in &mut subscribers {
        assert_eq!(next(subscriber).await, Ok(3));
    }
    assert_eq!(log.opened.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_overtaken_subscriber_replays_and_goes_on_with_the_group() {
    let log = Log::new();
    let groups = Groups::new(2);
    let mut slow = subscribe(&groups, &log, None);
    let mut fast = subscribe(&groups, &log, None);
    log.head.send_replace(300);
    for expected in matching(0, 300) {
        assert_eq!(next(&mut fast).await, Ok(expected));
    }
    for expected in matching(0, 300) {
        assert_eq!(next(&mut slow).await, Ok(expected));
    }
    let opened = log.opened.load(Ordering::SeqCst);
    log.head.send_replace(303);
    assert_eq!(next(&mut slow).await, Ok(303));
    assert_eq!(log.opened.load(Ordering::SeqCst), opened);
}

#[tokio::test]
async fn a_group_ends_when_its_last_member_leaves() {
    let log = Log::new();
    let groups = Groups::new(16);
    let first = subscribe(&groups, &log, None);
    let second = subscribe(&groups, &log, None);
    drop(first);
    assert_eq!(groups.0.by_key().len(), 1);
    drop(second);
    assert!(groups.0.by_key().is_empty());
    while log.head.receiver_count() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_failure_reaches_every_member_and_the_next_subscriber_tries_anew() {
    let mut log = Log::new();
    log.fails_at = Some(4);
    let groups = Groups::new(16);
    let mut subscribers: Vec<_> = (0..3).map(|_| subscribe(&groups, &log, None)).collect();
    log.head.send_replace(6);
    for subscriber in &mut subscribers {
        assert_eq!(next(subscriber).await, Ok(3));
        match subscriber.next().await {
            Some(Delivery::Error(errors)) => assert_eq!(errors.as_str(), "broken"),
            other => panic!("{other:?}"),
        }
        assert!(subscriber.next().await.is_none());
    }
    assert!(groups.0.by_key().is_empty());
    log.fails_at = None;
    let mut later = subscribe(&groups, &log, Some(3));
    assert_eq!(next(&mut later).await, Ok(6));
}

#[tokio::test]
async fn a_panic_in_the_execution_reaches_its_members() {
    struct Panics;
    impl Source for Panics {
        fn open(&self, _: Position, _: Option<Position>) -> Items {
            stream::once(async { panic!("a test panics") }).boxed()
        }
    }
    let groups = Groups::new(4);
    let member = groups.join(0, || Box::new(Panics), || Position(0));
    let mut deliveries = Box::pin(deliver(member, Panics, None, || Position(0)));
    match deliveries.next().await {
        Some(Delivery::Error(errors)) => assert!(errors.contains("INTERNAL")),
        other => panic!("{other:?}"),
    }
    assert!(groups.0.by_key().is_empty());
}
