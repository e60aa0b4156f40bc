//! The only way to write. `App::change` opens the transaction, runs the closure, demands that
//! events were recorded, stores them with their hashes, commits, and wakes whoever reads the log.
//!
//! A closure may run more than once (contention with another transaction reruns it), so it must
//! have no effect outside the transaction. An answer is given only when the change is on disk.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::Pin,
    time::Duration,
};

use openintent_entities::{
    Object, Timestamp, event,
    id::{EventId, IntentId, JobId, KeyId, PortfolioId},
    idempotency_key, intent, job, portfolio, stream_head,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel,
    Iterable, ModelTrait, QueryFilter, QueryOrder, QuerySelect, TransactionTrait,
    sea_query::{LockType, OnConflict},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    app::App,
    auth::Actor,
    clock::Clock,
    db::{Turn, Writes},
    error::{Error, Result},
    log::{Position, SYSTEM_STREAM, hash},
};

/// A closure's future.
pub type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>>;

/// How often a change that met another transaction is run again.
const MAX_RERUNS: u32 = 12;

/// A change that is on disk.
#[derive(Debug, Clone)]
pub struct Committed<T> {
    /// What the closure returned, or returned the first time this idempotency key was used.
    pub value: T,
    /// The position after the change: whoever reads from here on misses nothing that came later,
    /// and sees nothing again that was visible at that moment.
    pub position: Position,
}

/// What makes a repeated request recognisable.
#[derive(Debug, Clone)]
pub struct Once {
    key: Option<Key>,
}

#[derive(Debug, Clone)]
struct Key {
    key: String,
    operation: &'static str,
    input_hash: String,
}

impl Key {
    /// What was asked for and by whom: agents that share an API key do not get each other's answers.
    fn hash_of(&self, actor: &Actor) -> String {
        let asked = format!("{}\0{}", self.input_hash, actor.agent_id());
        hex(&Sha256::digest(asked))
    }
}

impl Once {
    /// Not to be recognised.
    pub const NO: Self = Self { key: None };

    /// This operation with this input, under the client's key if it gave one.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` when the key is empty or longer than 255 bytes.
    pub fn new(key: Option<&str>, operation: &'static str, input: &impl Serialize) -> Result<Self> {
        let Some(key) = key else {
            return Ok(Self::NO);
        };
        if key.is_empty() || key.len() > 255 || key.contains('\0') {
            return Err(Error::input(
                &["idempotencyKey"],
                "an idempotency key has 1 to 255 bytes",
            ));
        }
        let canonical = serde_jcs::to_vec(input)
            .map_err(|error| Error::broken(format!("cannot canonicalise an input: {error}")))?;
        Ok(Self {
            key: Some(Key {
                key: key.to_owned(),
                operation,
                input_hash: hex(&Sha256::digest(canonical)),
            }),
        })
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An event about to be recorded.
#[derive(Debug, Clone)]
pub struct NewEvent {
    event_type: String,
    intent_id: Option<IntentId>,
    portfolio_id: Option<PortfolioId>,
    namespace: Option<String>,
    parent_event_id: Option<EventId>,
    payload: Map<String, Value>,
}

impl NewEvent {
    /// Something that happened to an intent; it goes into the intent's stream.
    pub fn on_intent(
        intent: &intent::Model,
        event_type: impl Into<String>,
        payload: Value,
    ) -> Self {
        Self {
            event_type: event_type.into(),
            intent_id: Some(intent.id.clone()),
            portfolio_id: None,
            namespace: intent.namespace.clone(),
            parent_event_id: None,
            payload: object(payload),
        }
    }

    /// Something that happened to a portfolio; it goes into the system stream.
    pub fn on_portfolio(
        portfolio: &portfolio::Model,
        event_type: impl Into<String>,
        payload: Value,
    ) -> Self {
        let mut payload = object(payload);
        payload.insert(
            "portfolio_id".to_owned(),
            Value::from(portfolio.id.as_str()),
        );
        Self {
            event_type: event_type.into(),
            intent_id: None,
            portfolio_id: Some(portfolio.id.clone()),
            namespace: portfolio.namespace.clone(),
            parent_event_id: None,
            payload,
        }
    }

    /// Something that happened to the server itself.
    pub fn on_system(event_type: impl Into<String>, payload: Value) -> Self {
        Self {
            event_type: event_type.into(),
            intent_id: None,
            portfolio_id: None,
            namespace: None,
            parent_event_id: None,
            payload: object(payload),
        }
    }

    /// The same, caused by another event.
    #[must_use]
    pub fn caused_by(mut self, parent: Option<EventId>) -> Self {
        self.parent_event_id = parent;
        self
    }
}

fn object(payload: Value) -> Map<String, Value> {
    match payload {
        Value::Object(map) => map,
        Value::Null => Map::new(),
        other => Map::from_iter([("value".to_owned(), other)]),
    }
}

/// A transaction in progress.
#[derive(Debug)]
pub struct Change<'env> {
    actor: &'env Actor,
    clock: Clock,
    now: Timestamp,
    connection: Connection,
    intents: BTreeMap<IntentId, Tracked>,
    events: Vec<(EventId, NewEvent)>,
    silent: bool,
    scheduled: bool,
}

#[derive(Debug)]
enum Connection {
    Sqlite(Turn),
    Postgres(DatabaseTransaction),
}

/// An intent that this change has locked.
#[derive(Debug)]
struct Tracked {
    /// As the database has it; `None` while it is still to be inserted.
    stored: Option<intent::Model>,
    current: intent::Model,
}

impl<'env> Change<'env> {
    /// Who changes.
    #[must_use]
    pub fn actor(&self) -> &'env Actor {
        self.actor
    }

    /// The moment of the change: when its first intent was locked. Everything in it happens at once.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The transaction, for statements on tables other than intents and events.
    #[must_use]
    pub fn db(&self) -> &DatabaseTransaction {
        match &self.connection {
            Connection::Sqlite(turn) => turn.connection(),
            Connection::Postgres(transaction) => transaction,
        }
    }

    fn is_postgres(&self) -> bool {
        self.db().get_database_backend() == DbBackend::Postgres
    }

    /// Reads an intent and keeps everybody else from changing it until the end of this change.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn lock_intent(&mut self, id: &IntentId) -> Result<intent::Model> {
        self.lock_intents(std::slice::from_ref(id))
            .await?
            .pop()
            .ok_or_else(|| Error::not_found("intent", id.as_str()))
    }

    /// Locks those of the intents that exist, in the order of their ids, so that two changes that
    /// lock the same ones cannot wait for each other.
    ///
    /// # Errors
    /// The database fails.
    pub async fn lock_intents(&mut self, ids: &[IntentId]) -> Result<Vec<intent::Model>> {
        let unknown: BTreeSet<&IntentId> = ids
            .iter()
            .filter(|id| !self.intents.contains_key(*id))
            .collect();
        if !unknown.is_empty() {
            let query = intent::Entity::find()
                .filter(intent::Column::Id.is_in(unknown.into_iter().cloned()))
                .order_by_asc(intent::Column::Id)
                .lock(LockType::NoKeyUpdate);
            let locked = query.all(self.db()).await?;
            if self.intents.is_empty() {
                // Getting here may have meant waiting for others. What is decided from now on must
                // not be decided by a clock that stood still meanwhile.
                self.now = self.clock.now();
            }
            for model in locked {
                let tracked = Tracked {
                    stored: Some(model.clone()),
                    current: model,
                };
                self.intents.insert(tracked.current.id.clone(), tracked);
            }
        }
        let wanted: BTreeSet<&IntentId> = ids.iter().collect();
        Ok(wanted
            .into_iter()
            .filter_map(|id| self.intents.get(id))
            .map(|tracked| tracked.current.clone())
            .collect())
    }

    /// Reads intents and keeps their status from changing until the end of this change, without
    /// keeping others from doing the same.
    ///
    /// # Errors
    /// `NOT_FOUND` naming the first that does not exist.
    pub async fn share_intents(&mut self, ids: &[IntentId]) -> Result<Vec<intent::Model>> {
        self.flush().await?;
        let wanted: BTreeSet<&IntentId> = ids.iter().collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let found = intent::Entity::find()
            .filter(intent::Column::Id.is_in(wanted.iter().copied().cloned()))
            .order_by_asc(intent::Column::Id)
            .lock(LockType::Share)
            .all(self.db())
            .await?;
        match wanted
            .iter()
            .find(|id| !found.iter().any(|model| model.id == ***id))
        {
            Some(missing) => Err(Error::not_found("intent", missing.as_str())),
            None => Ok(found),
        }
    }

    /// Makes this change wait for all others that alter the shape of the graph, so that two edges
    /// that are harmless alone cannot close a cycle together.
    ///
    /// # Errors
    /// The database fails.
    pub async fn lock_graph(&mut self) -> Result<()> {
        const GRAPH: i64 = 0x6f69_6772_6170_6800;
        if self.is_postgres() {
            self.db()
                .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({GRAPH})"))
                .await?;
        }
        Ok(())
    }

    /// Stores a changed intent that this change has locked: one version more, changed now.
    ///
    /// # Errors
    /// `INTERNAL` when it was not locked, or is older than what this change already stored.
    pub fn save(&mut self, mut intent: intent::Model) -> Result<intent::Model> {
        let tracked = self
            .intents
            .get_mut(&intent.id)
            .ok_or_else(|| Error::broken("an intent was changed without being locked"))?;
        if tracked.current.version != intent.version {
            return Err(Error::broken("an intent was changed from an outdated copy"));
        }
        intent.version += 1;
        intent.updated_at = self.now;
        tracked.current = intent.clone();
        Ok(intent)
    }

    /// Changes bookkeeping columns of a locked intent that are not part of its version.
    ///
    /// # Errors
    /// `INTERNAL` when it was not locked.
    pub fn adjust(
        &mut self,
        id: &IntentId,
        adjust: impl FnOnce(&mut intent::Model),
    ) -> Result<intent::Model> {
        let tracked = self
            .intents
            .get_mut(id)
            .ok_or_else(|| Error::broken("an intent was adjusted without being locked"))?;
        adjust(&mut tracked.current);
        Ok(tracked.current.clone())
    }

    /// Adds a new intent.
    pub fn insert(&mut self, intent: intent::Model) {
        self.intents.insert(
            intent.id.clone(),
            Tracked {
                stored: None,
                current: intent,
            },
        );
    }

    /// Records an event. An intent's event needs the intent to be locked or inserted.
    pub fn record(&mut self, event: NewEvent) -> EventId {
        let id = EventId::from_uuid(uuid::Uuid::now_v7());
        self.events.push((id.clone(), event));
        id
    }

    /// Says that this change has no event, because nothing that the protocol knows of changes.
    pub fn without_event(&mut self) {
        self.silent = true;
    }

    /// Has a job done at `due_at` or soon after; it replaces the one of the same kind and subject.
    ///
    /// # Errors
    /// The database fails.
    pub async fn schedule(
        &mut self,
        kind: &'static str,
        subject: &str,
        due_at: Timestamp,
        payload: Value,
    ) -> Result<()> {
        self.scheduled = true;
        let row = job::ActiveModel {
            id: Set(JobId::from_uuid(uuid::Uuid::now_v7())),
            kind: Set(kind.to_owned()),
            subject: Set(subject.to_owned()),
            due_at: Set(due_at),
            attempts: Set(0),
            payload: Set(Object(object(payload))),
        };
        job::Entity::insert(row)
            .on_conflict(
                OnConflict::columns([job::Column::Kind, job::Column::Subject])
                    .update_columns([
                        job::Column::DueAt,
                        job::Column::Attempts,
                        job::Column::Payload,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(self.db())
            .await?;
        Ok(())
    }

    /// Takes a job back.
    ///
    /// # Errors
    /// The database fails.
    pub async fn unschedule(&mut self, kind: &'static str, subject: &str) -> Result<()> {
        job::Entity::delete_many()
            .filter(job::Column::Kind.eq(kind))
            .filter(job::Column::Subject.eq(subject))
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// Writes the intents changed so far, so that statements that follow see them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn flush(&mut self) -> Result<()> {
        let mut intents = std::mem::take(&mut self.intents);
        for tracked in intents.values_mut() {
            write_intent(self.db(), tracked).await?;
        }
        self.intents = intents;
        Ok(())
    }

    /// Gives the events their places and hashes, and writes everything that is still to be written.
    async fn finish(&mut self) -> Result<Vec<event::ActiveModel>> {
        let mut system = None;
        let mut rows = Vec::with_capacity(self.events.len());
        for (id, new) in std::mem::take(&mut self.events) {
            let (stream, sequence, previous) = match &new.intent_id {
                Some(intent_id) => {
                    let tracked = self.intents.get(intent_id).ok_or_else(|| {
                        Error::broken("an event was recorded for an intent that is not locked")
                    })?;
                    let head = &tracked.current;
                    (
                        intent_id.to_string(),
                        head.event_sequence,
                        head.event_hash.clone(),
                    )
                }
                None => {
                    if system.is_none() {
                        system = Some(self.system_head().await?);
                    }
                    let head = system
                        .as_ref()
                        .map(|head| (head.sequence, head.event_hash.clone()));
                    let (sequence, hash) = head.unwrap_or_default();
                    (SYSTEM_STREAM.to_owned(), sequence, hash)
                }
            };
            let row = self.event_row(id, new, stream, sequence + 1, previous)?;
            match &row.intent_id {
                Some(intent_id) => {
                    self.adjust(intent_id, |intent| {
                        intent.event_sequence = row.sequence;
                        intent.event_hash = Some(row.event_hash.clone());
                    })?;
                }
                None => {
                    if let Some(head) = &mut system {
                        head.sequence = row.sequence;
                        head.event_hash = Some(row.event_hash.clone());
                    }
                }
            }
            rows.push(row);
        }
        self.flush().await?;
        if let Some(head) = system {
            let head = stream_head::ActiveModel {
                stream: Set(head.stream),
                sequence: Set(head.sequence),
                event_hash: Set(head.event_hash),
            };
            stream_head::Entity::update(head).exec(self.db()).await?;
        }
        Ok(rows.into_iter().map(|row| self.placed(row)).collect())
    }

    /// The row to insert. On SQLite insertion is the order of the log; PostgreSQL's sequencer
    /// stamps the position after the commit.
    fn placed(&mut self, row: event::Model) -> event::ActiveModel {
        let mut row = row.into_active_model().reset_all();
        row.ordinal = sea_orm::ActiveValue::NotSet;
        row.position = Set(match &mut self.connection {
            Connection::Sqlite(turn) => turn.next_position(),
            Connection::Postgres(_) => None,
        });
        row
    }

    async fn system_head(&self) -> Result<stream_head::Model> {
        stream_head::Entity::find_by_id(SYSTEM_STREAM)
            .lock(LockType::NoKeyUpdate)
            .one(self.db())
            .await?
            .ok_or_else(|| Error::broken("the system stream has no head"))
    }

    fn event_row(
        &self,
        id: EventId,
        new: NewEvent,
        stream: String,
        sequence: i64,
        previous_event_hash: Option<String>,
    ) -> Result<event::Model> {
        let mut row = event::Model {
            ordinal: 0,
            position: None,
            id,
            stream,
            sequence,
            event_type: new.event_type,
            intent_id: new.intent_id,
            portfolio_id: new.portfolio_id,
            namespace: new.namespace,
            actor: self.actor.agent_id().to_owned(),
            payload: Object(new.payload),
            created_at: self.now,
            event_hash: String::new(),
            previous_event_hash,
            trace_id: self.actor.trace_id().map(str::to_owned),
            parent_event_id: new.parent_event_id,
            proof: None,
        };
        row.event_hash = hash::event_hash(&row)?;
        Ok(row)
    }
}

/// Writes what differs from the stored row. The condition is the row as this change read it: should
/// anybody have got in between in spite of the lock, the whole change is run again.
async fn write_intent(db: &DatabaseTransaction, tracked: &mut Tracked) -> Result<()> {
    match &tracked.stored {
        None => {
            intent::Entity::insert(tracked.current.clone().into_active_model().reset_all())
                .exec_without_returning(db)
                .await?;
        }
        Some(stored) if *stored == tracked.current => return Ok(()),
        Some(stored) => {
            let mut row = stored.clone().into_active_model();
            for column in intent::Column::iter() {
                row.set_if_not_equals(column, tracked.current.get(column));
            }
            let written = intent::Entity::update_many()
                .set(row)
                .filter(intent::Column::Id.eq(stored.id.clone()))
                .filter(intent::Column::Version.eq(stored.version))
                .filter(intent::Column::EventSequence.eq(stored.event_sequence))
                .exec(db)
                .await?;
            if written.rows_affected != 1 {
                return Err(Error::Internal(crate::error::Cause::Contention(
                    sea_orm::DbErr::RecordNotUpdated.into(),
                )));
            }
        }
    }
    tracked.stored = Some(tracked.current.clone());
    Ok(())
}

impl App {
    /// Changes something. See the module's documentation for what the closure may and must do.
    ///
    /// # Errors
    /// What the closure returns, unchanged and with nothing written; `IDEMPOTENCY_MISMATCH`;
    /// `UNAVAILABLE` when the database is; `INTERNAL`.
    pub async fn change<'env, T, F>(
        &self,
        actor: &'env Actor,
        once: &Once,
        work: F,
    ) -> Result<Committed<T>>
    where
        T: Serialize + DeserializeOwned + Send,
        F: for<'c> Fn(&'c mut Change<'env>) -> Work<'c, T> + Send + Sync,
    {
        let mut reruns = 0;
        loop {
            match self.attempt(actor, once, &work).await {
                Err(error) if error.is_contention() && reruns < MAX_RERUNS => {
                    reruns += 1;
                    metrics::counter!("openintent_change_reruns_total").increment(1);
                    tracing::debug!(
                        reruns,
                        cause = error.cause(),
                        "a change met another one and is run again"
                    );
                    let most = 1u64 << reruns.min(6);
                    let pause = rand::random_range(0..=most);
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                other => return other,
            }
        }
    }

    async fn attempt<'env, T, F>(
        &self,
        actor: &'env Actor,
        once: &Once,
        work: &F,
    ) -> Result<Committed<T>>
    where
        T: Serialize + DeserializeOwned + Send,
        F: for<'c> Fn(&'c mut Change<'env>) -> Work<'c, T> + Send + Sync,
    {
        let mut change = self.begin(actor).await?;
        if let Some(first) = self.first_answer(&change, once).await? {
            return self.repeat(change, first).await;
        }
        let value = match work(&mut change).await {
            Ok(value) => value,
            // The same request may have been carried out while this one waited for a lock: then what
            // stands in the way is its own effect.
            Err(refusal) if refusal.is_refusal() && change.is_postgres() => {
                return match self.first_answer(&change, once).await {
                    Ok(Some(first)) => self.repeat(change, first).await,
                    _ => Err(refusal),
                };
            }
            Err(error) => return Err(error),
        };
        let rows = change.finish().await?;
        if rows.is_empty() && !change.silent {
            return Err(Error::broken("a change recorded no event"));
        }
        let last = rows.last().and_then(|row| row.id.try_as_ref().cloned());
        let position = rows
            .last()
            .and_then(|row| row.position.try_as_ref().copied().flatten());
        if !rows.is_empty() {
            event::Entity::insert_many(rows)
                .exec_without_returning(change.db())
                .await?;
        }
        if let Some(key) = &once.key {
            remember(&change, key, &value, last.clone()).await?;
        }
        let scheduled = change.scheduled;
        match change.connection {
            Connection::Sqlite(turn) => turn.commit().await?,
            Connection::Postgres(transaction) => transaction.commit().await?,
        }
        let position = self.log().committed(last, position, scheduled).await?;
        if scheduled {
            self.scheduler().wake();
        }
        Ok(Committed { value, position })
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one way to write")]
    async fn begin<'env>(&self, actor: &'env Actor) -> Result<Change<'env>> {
        let connection = match self.database().writes() {
            Writes::Sqlite(writer) => Connection::Sqlite(writer.turn().await?),
            Writes::Postgres(pool) => Connection::Postgres(pool.begin().await?),
        };
        Ok(Change {
            actor,
            clock: self.clock().clone(),
            now: self.clock().now(),
            connection,
            intents: BTreeMap::new(),
            events: Vec::new(),
            silent: false,
            scheduled: false,
        })
    }

    /// What was answered the first time, if there was one.
    async fn first_answer(
        &self,
        change: &Change<'_>,
        once: &Once,
    ) -> Result<Option<idempotency_key::Model>> {
        let Some(key) = &once.key else {
            return Ok(None);
        };
        let id: (KeyId, String) = (change.actor.key_id().clone(), key.key.clone());
        let Some(first) = idempotency_key::Entity::find_by_id(id)
            .one(change.db())
            .await?
        else {
            return Ok(None);
        };
        if first.operation != key.operation || first.input_hash != key.hash_of(change.actor) {
            return Err(Error::IdempotencyMismatch);
        }
        Ok(Some(first))
    }

    /// Gives the first answer again. With SQLite the first change may be in the same group, and
    /// counts only when that is on disk.
    async fn repeat<T: DeserializeOwned>(
        &self,
        change: Change<'_>,
        first: idempotency_key::Model,
    ) -> Result<Committed<T>> {
        match change.connection {
            Connection::Sqlite(turn) => turn.commit().await?,
            Connection::Postgres(transaction) => drop(transaction),
        }
        let value = serde_json::from_str(&first.answer).map_err(|error| {
            Error::broken(format!("a remembered answer is unreadable: {error}"))
        })?;
        let position = self
            .log()
            .committed(first.last_event_id, None, false)
            .await?;
        Ok(Committed { value, position })
    }
}

async fn remember<T: Serialize>(
    change: &Change<'_>,
    key: &Key,
    value: &T,
    last_event_id: Option<EventId>,
) -> Result<()> {
    let answer = serde_json::to_string(value)
        .map_err(|error| Error::broken(format!("an answer cannot be remembered: {error}")))?;
    let row = idempotency_key::ActiveModel {
        api_key_id: Set(change.actor.key_id().clone()),
        key: Set(key.key.clone()),
        operation: Set(key.operation.to_owned()),
        input_hash: Set(key.hash_of(change.actor)),
        answer: Set(answer),
        last_event_id: Set(last_event_id),
        created_at: Set(change.now),
    };
    idempotency_key::Entity::insert(row)
        .exec_without_returning(change.db())
        .await?;
    Ok(())
}
