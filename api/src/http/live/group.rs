//! One execution for all who ask for the same, without gaps and without duplicates.
//!
//! A *group* follows the log once and puts what it finds into a bounded ring that all its members
//! read, in bursts of what was ready at once. A member that starts at an older cursor, or that the
//! ring has overtaken, *replays* privately up to the group's watermark and goes on with the ring.
//!
//! Why nothing is lost and nothing doubled. The group stores the position of a burst's last item as
//! its watermark, then sends the burst. A member subscribes to the ring (or learns that it was
//! overtaken), then loads the watermark `w`. Items come in rising positions, one per position. Of
//! an item at position `p`:
//!
//! - Sent before the member subscribed, or overwritten before the member read it: sending and
//!   subscribing take the ring's lock, so the store for its burst is seen by the load, and `p <=
//!   w`. It is in the replay of `(last, w]`, unless `p <= last`, when the member has it already or
//!   asked for later ones only.
//! - Sent after: the member finds it in the ring, unless it is overtaken again, which is the case
//!   above. If also `p <= w`, because the store was early, the replay has brought it, `last` is now
//!   `w`, and the ring's copy is skipped.
//!
//! So every position after the cursor is taken exactly once, in order, for any interleaving.

use std::{
    collections::{HashMap, hash_map::Entry as MapEntry},
    hash::Hash,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::extract::ws::Utf8Bytes;
use futures_util::{Stream, StreamExt as _, stream::BoxStream};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    task::AbortHandle,
};

use crate::log::Position;

/// What a subscription yields, in rising positions; a failure ends it.
pub(crate) type Items = BoxStream<'static, Result<Item, Failure>>;

/// Something to deliver.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Where it stands in the log.
    pub(crate) position: Position,
    /// A GraphQL response as JSON.
    pub(crate) payload: Utf8Bytes,
}

/// So many items at most go into the ring together.
const BURST: usize = if cfg!(test) { 4 } else { 128 };

/// GraphQL errors as JSON.
#[derive(Clone, Debug)]
pub(crate) struct Failure(pub(crate) Utf8Bytes);

/// Executes a subscription over a part of the log.
pub(crate) trait Source: Send + Sync + 'static {
    /// The items after `from`; up to and with `until`, or for ever.
    fn open(&self, from: Position, until: Option<Position>) -> Items;
}

/// What a subscriber gets.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// A GraphQL response as JSON.
    Next(Utf8Bytes),
    /// Items shared with other subscribers, from that index on.
    Burst(Arc<[Item]>, usize),
    /// GraphQL errors as JSON; the last that comes.
    Error(Utf8Bytes),
    /// The last that comes.
    Complete,
}

/// What a group tells its members.
#[derive(Clone)]
enum Signal {
    Next(Arc<[Item]>),
    /// Boxed, since every place in every ring is as large as this.
    End(Option<Box<Failure>>),
}

/// Groups by what they execute.
pub(crate) struct Groups<K>(Arc<Shared<K>>);

struct Shared<K> {
    ring_capacity: usize,
    by_key: Mutex<HashMap<K, Entry>>,
}

impl<K> Shared<K> {
    fn by_key(&self) -> MutexGuard<'_, HashMap<K, Entry>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Entry {
    group: Arc<Group>,
    members: usize,
    task: AbortHandle,
}

struct Group {
    ring: broadcast::Sender<Signal>,
    watermark: AtomicI64,
}

impl Group {
    fn new(ring_capacity: usize, from: Position) -> Self {
        metrics::gauge!("openintent_graphql_subscription_groups").increment(1.0);
        Self {
            ring: broadcast::Sender::new(ring_capacity.max(2)),
            watermark: AtomicI64::new(from.0),
        }
    }

    fn watermark(&self) -> Position {
        Position(self.watermark.load(Ordering::Acquire))
    }

    fn send(&self, burst: Arc<[Item]>) {
        let Some(last) = burst.last() else { return };
        self.watermark.store(last.position.0, Ordering::Release);
        // It fails when no member is left; then the group is about to be stopped.
        let _ = self.ring.send(Signal::Next(burst));
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        metrics::gauge!("openintent_graphql_subscription_groups").decrement(1.0);
    }
}

/// A place in a group, kept until it is dropped. The last that leaves stops the group.
pub(crate) struct Member<K: Hash + Eq> {
    groups: Arc<Shared<K>>,
    key: K,
    group: Arc<Group>,
    ring: broadcast::Receiver<Signal>,
}

impl<K: Hash + Eq + Clone + Send + 'static> Groups<K> {
    /// No groups. Their rings will hold that many items.
    pub(crate) fn new(ring_capacity: usize) -> Self {
        Self(Arc::new(Shared {
            ring_capacity,
            by_key: Mutex::default(),
        }))
    }

    /// Joins the group of that key; if there is none, founds it to execute `source` from `from` on.
    pub(crate) fn join(
        &self,
        key: K,
        source: impl FnOnce() -> Box<dyn Source>,
        from: impl FnOnce() -> Position,
    ) -> Member<K> {
        let groups = Arc::clone(&self.0);
        let mut by_key = self.0.by_key();
        let entry = match by_key.entry(key.clone()) {
            MapEntry::Occupied(entry) => {
                let entry = entry.into_mut();
                entry.members += 1;
                entry
            }
            MapEntry::Vacant(place) => {
                let from = from();
                let group = Arc::new(Group::new(groups.ring_capacity, from));
                let items = source().open(from, None);
                let run = run(Arc::clone(&groups), key.clone(), Arc::clone(&group), items);
                place.insert(Entry {
                    group,
                    members: 1,
                    task: tokio::spawn(run).abort_handle(),
                })
            }
        };
        let group = Arc::clone(&entry.group);
        // Under the lock that a group takes before it ends: whoever finds a group also gets its
        // end.
        let ring = group.ring.subscribe();
        drop(by_key);
        Member {
            groups,
            key,
            group,
            ring,
        }
    }
}

impl<K: Hash + Eq> Drop for Member<K> {
    fn drop(&mut self) {
        let mut by_key = self.groups.by_key();
        let Some(entry) = by_key
            .get_mut(&self.key)
            .filter(|entry| Arc::ptr_eq(&entry.group, &self.group))
        else {
            return; // the group ended before
        };
        entry.members -= 1;
        if entry.members == 0 {
            entry.task.abort();
            by_key.remove(&self.key);
        }
    }
}

/// A group's life: follows the log until its items end or its task is stopped.
async fn run<K: Hash + Eq>(groups: Arc<Shared<K>>, key: K, group: Arc<Group>, items: Items) {
    let panicked = Failure(Utf8Bytes::from_static(
        r#"[{"message":"internal error","extensions":{"code":"INTERNAL"}}]"#,
    ));
    let mut life = Life {
        groups,
        key,
        group,
        failure: Some(panicked),
    };
    let mut failure = None;
    let mut chunks = items.ready_chunks(BURST);
    while failure.is_none()
        && let Some(chunk) = chunks.next().await
    {
        let item_or_failure =
            |next: Result<_, _>| next.map_err(|failed| failure = Some(failed)).ok();
        let burst = chunk.into_iter().map_while(item_or_failure).collect();
        life.group.send(burst);
        pace(&life.group).await;
    }
    life.failure = failure;
}

/// Takes a group off the list when its task ends, and tells its members; also when a resolver panics.
struct Life<K: Hash + Eq> {
    groups: Arc<Shared<K>>,
    key: K,
    group: Arc<Group>,
    failure: Option<Failure>,
}

impl<K: Hash + Eq> Drop for Life<K> {
    fn drop(&mut self) {
        let mut by_key = self.groups.by_key();
        let listed = by_key.get(&self.key);
        if listed.is_some_and(|entry| Arc::ptr_eq(&entry.group, &self.group)) {
            by_key.remove(&self.key);
        }
        drop(by_key);
        let _ = self
            .group
            .ring
            .send(Signal::End(self.failure.take().map(Box::new)));
    }
}

/// Lets members that are ready to run read before the ring overtakes them, which is far cheaper
/// than their replays, and saves waking them for every burst. Those that wait for slow clients are
/// not waited for.
async fn pace(group: &Group) {
    const TURNS: usize = 4;
    for _ in 0..TURNS {
        if group.ring.len() <= 1 {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// What a member gets from its cursor on; without a cursor, from `now` on.
pub(crate) fn deliver<K: Hash + Eq + Send + Sync + 'static>(
    member: Member<K>,
    source: impl Source,
    cursor: Option<Position>,
    now: impl FnOnce() -> Position,
) -> impl Stream<Item = Delivery> + Send + 'static {
    let mut last = cursor.unwrap_or_else(now);
    // Here and not when the stream is polled first: all that is sent from now on is in the ring.
    let mut watermark = member.group.watermark();
    async_stream::stream! {
        let mut member = member;
        loop {
            if last < watermark {
                let mut replay = source.open(last, Some(watermark));
                while let Some(next) = replay.next().await {
                    match next {
                        Ok(item) => yield Delivery::Next(item.payload),
                        Err(Failure(errors)) => {
                            yield Delivery::Error(errors);
                            return;
                        }
                    }
                }
                last = watermark;
            }
            loop {
                match member.ring.recv().await {
                    Ok(Signal::Next(burst)) => {
                        let first = burst.partition_point(|item| item.position <= last);
                        if let Some(item) = burst.last().filter(|_| first < burst.len()) {
                            last = item.position;
                            yield Delivery::Burst(burst, first);
                        }
                    }
                    Ok(Signal::End(Some(failure))) => {
                        yield Delivery::Error(failure.0);
                        return;
                    }
                    Ok(Signal::End(None)) | Err(RecvError::Closed) => {
                        yield Delivery::Complete;
                        return;
                    }
                    Err(RecvError::Lagged(_)) => {
                        metrics::counter!("openintent_graphql_subscription_lags_total").increment(1);
                        watermark = member.group.watermark();
                        break;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
