//! Who is asking: API keys and the actors behind them.
//!
//! A key is 32 random bytes; the database has only their SHA-256. Known keys are cached for a short
//! while and forgotten at once when their revocation passes through the log, in every process.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dashmap::DashMap;
use futures_util::{Stream, StreamExt};
use openintent_entities::{Timestamp, api_key, id::KeyId};
use rand::RngCore;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, prelude::Expr};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    app::App,
    change::{Change, NewEvent, Once, Work, hex},
    error::{Error, Result},
    log::{self, Entry, Feed, Filter},
    policy,
};

pub use openintent_entities::api_key::Role;

/// A secret that stays out of logs.
#[derive(Clone)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// What a request brings along to say who it is from.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// From `X-API-Key`, `Authorization: Bearer` or `connection_init`.
    pub api_key: Option<Secret>,
    /// From `X-Agent-ID` or `connection_init`: whom an unbound key speaks for.
    pub agent_id: Option<String>,
    /// The W3C `traceparent` header.
    pub traceparent: Option<String>,
}

/// Who acts in one request.
#[derive(Debug, Clone)]
pub struct Actor {
    key: Arc<Known>,
    agent_id: String,
    trace_id: Option<String>,
}

#[derive(Debug)]
struct Known {
    id: KeyId,
    name: String,
    role: Role,
    /// The only agent that it may act as.
    agent_id: Option<String>,
    expires_at: Option<Timestamp>,
}

impl Actor {
    /// The server itself, for scheduled work.
    #[must_use]
    pub fn system() -> Self {
        let name = "system".to_owned();
        let key = Known {
            id: KeyId::from_uuid(Uuid::nil()),
            name: name.clone(),
            role: Role::Admin,
            agent_id: Some(name.clone()),
            expires_at: None,
        };
        Self {
            key: Arc::new(key),
            agent_id: name,
            trace_id: None,
        }
    }

    /// The API key's id.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.key.id
    }

    /// The API key's name.
    #[must_use]
    pub fn key_name(&self) -> &str {
        &self.key.name
    }

    /// What the key may do.
    #[must_use]
    pub fn role(&self) -> Role {
        self.key.role
    }

    /// The agent or person who acts: what stands in `created_by`, `actor` and the like.
    #[must_use]
    pub fn agent_id(&self) -> &str {
        &self.agent_id
    }

    /// Whether the key may act only as that agent.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.key.agent_id.is_some()
    }

    /// When the key ends.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.key.expires_at
    }

    /// The trace that the request belongs to, 32 hex digits.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }
}

/// The keys of development mode: text, name, role, bound agent.
pub const DEVELOPMENT_KEYS: [(&str, &str, Role, Option<&str>); 3] = [
    ("dev-user-key", "dev-user", Role::Admin, None),
    (
        "agent-research-key",
        "agent-research",
        Role::Agent,
        Some("agent-research"),
    ),
    (
        "agent-synth-key",
        "agent-synth",
        Role::Agent,
        Some("agent-synth"),
    ),
];

/// The keys that this process knows. Clones share it.
#[derive(Debug, Clone)]
pub struct Keys {
    known: moka::sync::Cache<[u8; 32], Arc<Known>>,
    development: Arc<DashMap<[u8; 32], Arc<Known>>>,
    /// A token for each key that has open sockets or was revoked; cancelled ones stay.
    revocations: Arc<DashMap<KeyId, CancellationToken>>,
    used: Arc<DashMap<KeyId, ()>>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            known: moka::sync::Cache::builder()
                .max_capacity(100_000)
                .time_to_live(Duration::from_secs(10))
                .build(),
            development: Arc::default(),
            revocations: Arc::default(),
            used: Arc::default(),
        }
    }
}

impl Keys {
    /// Lets the quickstart's well-known keys in, for as long as this process lives.
    pub fn allow_development_keys(&self) {
        for (number, (text, name, role, agent)) in (1u128..).zip(DEVELOPMENT_KEYS) {
            let known = Known {
                id: KeyId::from_uuid(Uuid::from_u128(number)),
                name: name.to_owned(),
                role,
                agent_id: agent.map(str::to_owned),
                expires_at: None,
            };
            self.development.insert(digest(text), Arc::new(known));
        }
    }

    /// The key that a web page of this server may use: only in development mode.
    #[must_use]
    pub fn page_key(&self) -> Option<&'static str> {
        (!self.development.is_empty()).then_some(DEVELOPMENT_KEYS[0].0)
    }

    fn is_revoked(&self, key: &KeyId) -> bool {
        self.revocations
            .get(key)
            .is_some_and(|token| token.is_cancelled())
    }

    fn token(&self, key: &KeyId) -> CancellationToken {
        self.revocations.entry(key.clone()).or_default().clone()
    }
}

fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// Finds out who is asking.
///
/// # Errors
/// `UNAUTHENTICATED` when no key came along or it is unknown, expired or revoked; `BAD_USER_INPUT`
/// for an agent id that cannot be one; `FORBIDDEN` when a bound key speaks for another agent.
pub async fn authenticate(app: &App, credentials: &Credentials) -> Result<Actor> {
    let Some(Secret(secret)) = &credentials.api_key else {
        return Err(Error::Unauthenticated(
            "send an API key in the header `X-API-Key`, or as `apiKey` in `connection_init`"
                .to_owned(),
        ));
    };
    let key = known(app, secret).await?;
    // The row may have been read, and the key kept, just before its revocation passed by.
    if app.keys().is_revoked(&key.id) {
        return Err(Error::Unauthenticated(
            "this API key was revoked".to_owned(),
        ));
    }
    if key.expires_at.is_some_and(|end| end <= app.clock().now()) {
        return Err(Error::Unauthenticated(
            "this API key has expired".to_owned(),
        ));
    }
    let agent_id = match &credentials.agent_id {
        None => key.agent_id.as_ref().unwrap_or(&key.name).clone(),
        Some(agent) if key.agent_id.as_ref().is_some_and(|bound| bound != agent) => {
            return Err(Error::Forbidden(format!(
                "this API key acts only as `{}`, not as `{agent}`",
                key.agent_id.as_deref().unwrap_or_default()
            )));
        }
        Some(agent) => {
            crate::input::name(&["X-Agent-ID"], agent)?;
            agent.clone()
        }
    };
    if !app.keys().used.contains_key(&key.id) {
        app.keys().used.insert(key.id.clone(), ());
    }
    let trace_id = credentials.traceparent.as_deref().and_then(trace_id);
    Ok(Actor {
        key,
        agent_id,
        trace_id,
    })
}

async fn known(app: &App, secret: &str) -> Result<Arc<Known>> {
    let digest = digest(secret);
    let keys = app.keys();
    if let Some(known) = keys.known.get(&digest) {
        return Ok(known);
    }
    if let Some(known) = keys.development.get(&digest) {
        return Ok(Arc::clone(&known));
    }
    let row = api_key::Entity::find()
        .filter(api_key::Column::SecretHash.eq(hex(&digest)))
        .one(app.database().reads())
        .await?
        .ok_or_else(|| Error::Unauthenticated("this API key is not known".to_owned()))?;
    if row.revoked_at.is_some() {
        return Err(Error::Unauthenticated(
            "this API key was revoked".to_owned(),
        ));
    }
    let known = Arc::new(Known {
        id: row.id,
        name: row.name,
        role: row.role,
        agent_id: row.agent_id,
        expires_at: row.expires_at,
    });
    keys.known.insert(digest, Arc::clone(&known));
    Ok(known)
}

/// The trace id of a W3C `traceparent`; `None` when it is malformed, which the standard says to ignore.
fn trace_id(traceparent: &str) -> Option<String> {
    let mut parts = traceparent.trim().split('-');
    let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, len: usize| {
        text.len() == len
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_zero = |text: &str| text.bytes().all(|byte| byte == b'0');
    (is_hex(version, 2)
        && version != "ff"
        && is_hex(trace, 32)
        && !is_zero(trace)
        && is_hex(span, 16)
        && !is_zero(span))
    .then(|| trace.to_owned())
}

/// Resolves when the key is revoked.
pub fn revoked(app: &App, key: &KeyId) -> impl Future<Output = ()> + Send + 'static {
    app.keys().token(key).cancelled_owned()
}

/// Follows the log for revoked keys, and writes down now and then which keys were used. Ends with
/// the server.
pub(crate) async fn keep_up(app: App) {
    const EVERY: Duration = Duration::from_secs(60);
    let mut revocations = Box::pin(revocations(&app));
    let mut notes = tokio::time::interval(EVERY);
    let shutdown = app.shutdown();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            _ = notes.tick() => note_used(&app).await,
            revocation = revocations.next() => match revocation {
                Some(Ok(entry)) => {
                    let key = entry.event.payload.0.get("key_id").and_then(|id| id.as_str());
                    if let Some(Ok(key)) = key.map(str::parse::<KeyId>) {
                        app.keys().known.invalidate_all();
                        app.keys().token(&key).cancel();
                    }
                }
                Some(Err(error)) => {
                    tracing::warn!(cause = error.cause(), %error, "following key revocations failed; starting again");
                    app.keys().known.invalidate_all();
                    revocations = Box::pin(self::revocations(&app));
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                None => break,
            },
        }
    }
    note_used(&app).await;
}

/// The revocations of keys from now on.
fn revocations(app: &App) -> impl Stream<Item = Result<Arc<Entry>>> + use<> {
    let filter = Filter {
        types: vec!["api_key.revoked".to_owned()],
        ..Filter::default()
    };
    let view = policy::view(&Actor::system());
    log::feed::events(app.clone(), view, filter, Feed::from(app.log().head()))
}

async fn note_used(app: &App) {
    let used: Vec<KeyId> = app
        .keys()
        .used
        .iter()
        .map(|entry| entry.key().clone())
        .collect();
    app.keys().used.clear();
    if used.is_empty() {
        return;
    }
    let noted = app
        .change(&Actor::system(), &Once::NO, |change| {
            let used = used.clone();
            Box::pin(async move {
                change.without_event();
                api_key::Entity::update_many()
                    .col_expr(api_key::Column::LastUsedAt, Expr::value(change.now()))
                    .filter(api_key::Column::Id.is_in(used))
                    .exec(change.db())
                    .await?;
                Ok(())
            })
        })
        .await;
    if let Err(error) = noted {
        tracing::warn!(cause = error.cause(), %error, "could not note which keys were used");
    }
}

/// What a new key shall be.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Who holds it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The only agent that it may act as.
    pub agent_id: Option<String>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// Creates a key. The secret is returned this once and stored nowhere.
///
/// # Errors
/// `BAD_USER_INPUT`; `UNAVAILABLE`.
pub async fn create_key(
    app: &App,
    actor: &Actor,
    new: &NewKey,
) -> Result<(api_key::Model, Secret)> {
    crate::input::name(&["name"], &new.name)?;
    if let Some(agent) = &new.agent_id {
        crate::input::name(&["agentId"], agent)?;
    }
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    let secret = format!("oi_{}", URL_SAFE_NO_PAD.encode(bytes));
    let hash = hex(&digest(&secret));
    let created = app
        .change(actor, &Once::NO, |change| {
            let (new, hash) = (new.clone(), hash.clone());
            Box::pin(async move { insert_key(change, new, hash).await })
        })
        .await?;
    let row = api_key::Entity::find_by_id(created.value)
        .one(app.database().reads())
        .await?
        .ok_or_else(|| Error::broken("a new key is not there"))?;
    Ok((row, Secret(secret)))
}

async fn insert_key(change: &mut Change<'_>, new: NewKey, secret_hash: String) -> Result<KeyId> {
    let id = KeyId::from_uuid(Uuid::now_v7());
    change.record(NewEvent::on_system(
        "api_key.created",
        json!({ "key_id": id, "name": new.name, "role": new.role, "agent_id": new.agent_id }),
    ));
    let row = api_key::ActiveModel {
        id: Set(id.clone()),
        name: Set(new.name),
        role: Set(new.role),
        agent_id: Set(new.agent_id),
        secret_hash: Set(secret_hash),
        created_at: Set(change.now()),
        expires_at: Set(new.expires_at),
        revoked_at: Set(None),
        last_used_at: Set(None),
    };
    api_key::Entity::insert(row)
        .exec_without_returning(change.db())
        .await?;
    Ok(id)
}

/// Revokes a key: it is refused from now on, and its open sockets are closed.
///
/// # Errors
/// `NOT_FOUND`; `UNAVAILABLE`. Revoking twice is no error.
pub async fn revoke_key(app: &App, actor: &Actor, id: &KeyId) -> Result<()> {
    app.change(actor, &Once::NO, |change| -> Work<'_, ()> {
        Box::pin(async move {
            let key = api_key::Entity::find_by_id(id.clone())
                .one(change.db())
                .await?
                .ok_or_else(|| Error::not_found("API key", id.as_str()))?;
            if key.revoked_at.is_some() {
                change.without_event();
                return Ok(());
            }
            api_key::Entity::update_many()
                .col_expr(api_key::Column::RevokedAt, Expr::value(change.now()))
                .filter(api_key::Column::Id.eq(id.clone()))
                .exec(change.db())
                .await?;
            change.record(NewEvent::on_system(
                "api_key.revoked",
                json!({ "key_id": id }),
            ));
            Ok(())
        })
    })
    .await?;
    app.keys().known.invalidate_all();
    Ok(())
}

/// All keys, oldest first.
///
/// # Errors
/// `UNAVAILABLE`.
pub async fn list_keys(app: &App) -> Result<Vec<api_key::Model>> {
    Ok(api_key::Entity::find()
        .order_by_asc(api_key::Column::Id)
        .all(app.database().reads())
        .await?)
}

#[cfg(test)]
mod tests {
    use super::trace_id;

    #[test]
    fn only_a_well_formed_traceparent_names_a_trace() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(
            trace_id(good).as_deref(),
            Some("0af7651916cd43dd8448eb211c80319c")
        );
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        ] {
            assert_eq!(trace_id(bad), None, "{bad}");
        }
    }
}
