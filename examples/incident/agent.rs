//! An agent: takes assignments, waits until they can be worked on, takes leases, writes results.

use std::collections::BTreeMap;

use openintent_client::{
    AcquireLeaseInput, AppendPatch, Client, Cursor, Error, EventFilter, Id, Intent, IntentStatus,
    Lease, LogEventInput, Object, PatchStateInput, PortfolioStatus, ReleaseLeaseInput, SetPatch,
    SetStatusInput, StatePatch, Value, object,
};
use serde::Deserialize;
use tokio::task::JoinSet;

use crate::{Result, Server, work};

/// How long a lease lasts if its holder dies, in seconds.
const LEASE_SECONDS: i64 = 60;

/// Works on what is assigned to `name` in a portfolio until that is closed.
pub async fn run(server: &Server, name: &str, id: Id, after: Cursor) -> Result<()> {
    let client = server.client(name)?;
    // Both begin at the same place in the log, so it does not matter when this process starts: assignments made
    // before are delivered too. A real agent would store `assignments.cursor()` and go on from there next time.
    let mut assignments = client.subscribe_assignments(name).after(&after).await?;
    let mut portfolio = client
        .subscribe_portfolio_updated(&id)
        .after(&after)
        .await?;
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            Some(assignment) = assignments.next() => {
                let assignment = assignment?;
                let mut memberships = assignment.intent.portfolios.iter();
                let ours = memberships.any(|one| one.portfolio.id == id);
                if ours && assignment.is_assigned {
                    tasks.spawn(Task::perform(client.clone(), assignment.intent, after.clone()));
                }
            }
            Some(done) = tasks.join_next() => done??,
            Some(update) = portfolio.next() => {
                if update?.portfolio.status != PortfolioStatus::Active {
                    return Ok(());
                }
            }
            else => return Err("the subscriptions ended before the portfolio did".into()),
        }
    }
}

/// One intent that this agent works on.
pub struct Task {
    pub client: Client,
    /// The intent, as it was when it became ready.
    pub intent: Intent,
    /// The intent above it, whose state the agents share.
    pub parent: Id,
    /// Where the incident begins in the event log.
    pub start: Cursor,
}

impl Task {
    async fn perform(client: Client, intent: Intent, start: Cursor) -> Result<()> {
        let parent = intent
            .parent
            .clone()
            .ok_or("the intent belongs to no incident")?;
        let task = Self {
            intent: ready(&client, intent, &start).await?,
            client,
            parent: parent.id,
            start,
        };
        let id = &task.intent.id;
        // Should the intent be assigned to several agents, the one with the lease does the work.
        let lease = task.lease(id, "result").await?;
        match work::dispatch(&task).await {
            Ok(result) => {
                let set = move |_: &Object| {
                    StatePatch::Set(SetPatch::new("/result").value(result.clone()))
                };
                task.update_state(task.read(id).await?, &lease, set).await?;
                task.release(&lease).await?;
                task.set_status(IntentStatus::Completed, None).await
            }
            Err(error) => {
                // Others see the failure and its reason; the lease would expire by itself.
                task.set_status(IntentStatus::Failed, Some(error.to_string()))
                    .await?;
                Err(error)
            }
        }
    }

    /// An intent as it is now.
    pub async fn read(&self, id: &Id) -> Result<Intent> {
        let intent = self.client.intent(id).await?;
        Ok(intent.ok_or_else(|| format!("the intent {id} is gone"))?)
    }

    /// Changes an intent's state. When somebody else changed the intent since it was seen, nothing is stored; then it
    /// is read again and the patch is made anew, from what the others wrote.
    pub async fn update_state(
        &self,
        mut seen: Intent,
        lease: impl Into<Option<&Lease>>,
        patch: impl Fn(&Object) -> StatePatch,
    ) -> Result<()> {
        let token = lease.into().map(|lease| lease.fencing_token);
        loop {
            let input = PatchStateInput::new(&seen.id, seen.version, [patch(&seen.state)]);
            let refused = match self.client.patch_state(input.fencing_token(token)).await {
                Ok(_) => return Ok(()),
                Err(Error::Refused(refused)) => refused,
                Err(error) => return Err(error.into()),
            };
            let Some(conflict) = refused.version_conflict() else {
                return Err(Error::Refused(refused).into());
            };
            let (expected, current) = (conflict.expected_version, conflict.current_version);
            self.log(
                "x-conflict",
                object! { "expected": expected, "current": current },
            )
            .await?;
            seen = self.read(&seen.id).await?;
        }
    }

    /// Leases a scope of an intent. Waits while another agent holds it.
    pub async fn lease(&self, intent: &Id, scope: &str) -> Result<Lease> {
        let mut ends = None;
        loop {
            let input = AcquireLeaseInput::new(intent, scope).duration_seconds(LEASE_SECONDS);
            let refused = match self.client.acquire_lease(input).await {
                Ok(payload) => return Ok(payload.lease),
                Err(Error::Refused(refused)) => refused,
                Err(error) => return Err(error.into()),
            };
            let Some(held) = refused.lease_held() else {
                return Err(Error::Refused(refused).into());
            };
            match &mut ends {
                // Follow the ends of leases first, then try once more: so no end is missed between the two.
                None => {
                    let filter = EventFilter::new().intent_id(intent).types([
                        "lease_released",
                        "lease_expired",
                        "lease_revoked",
                    ]);
                    ends = Some(self.client.subscribe_events(filter).await?);
                    let wanted = object! { "scope": scope, "holder": held.holder };
                    self.log("x-lease-wanted", wanted).await?;
                }
                Some(ends) => {
                    ends.next().await.transpose()?;
                }
            }
        }
    }

    /// Gives a lease back.
    pub async fn release(&self, lease: &Lease) -> Result<()> {
        self.client
            .release_lease(ReleaseLeaseInput::new(&lease.id))
            .await?;
        Ok(())
    }

    /// Puts a note on the shared status page, under the lease of its scope.
    pub async fn post_note(&self, page: &Lease, text: &str) -> Result<()> {
        let append = |_: &Object| StatePatch::Append(AppendPatch::new("/status_page").value(text));
        self.update_state(self.read(&self.parent).await?, page, append)
            .await
    }

    /// Appends an event of our own to the intent's log.
    pub async fn log(&self, event_type: &str, payload: Object) -> Result<()> {
        let input = LogEventInput::new(&self.intent.id, event_type).payload(payload);
        self.client.log_event(input).await?;
        Ok(())
    }

    /// Tells the others something.
    pub async fn say(&self, event_type: &str, text: impl Into<String>) -> Result<()> {
        self.log(event_type, object! { "text": text.into() }).await
    }

    /// The results of the intents that this one depends on, by their type.
    pub async fn inputs(&self) -> Result<BTreeMap<String, Value>> {
        #[derive(Deserialize)]
        struct Found {
            dependencies: Dependencies,
        }
        #[derive(Deserialize)]
        struct Dependencies {
            nodes: Vec<Dependency>,
        }
        #[derive(Deserialize)]
        struct Dependency {
            r#type: String,
            state: Object,
        }
        // The default fields of an intent leave out its lists; this asks for one of them.
        let call = self.client.intent(&self.intent.id);
        let found: Option<Found> = call.select("dependencies { nodes { type state } }").await?;
        let nodes = found
            .map(|found| found.dependencies.nodes)
            .unwrap_or_default();
        let result = |mut node: Dependency| Some((node.r#type, node.state.remove("result")?));
        Ok(nodes.into_iter().filter_map(result).collect())
    }

    async fn set_status(&self, status: IntentStatus, reason: Option<String>) -> Result<()> {
        let version = self.read(&self.intent.id).await?.version;
        let input = SetStatusInput::new(&self.intent.id, version, status).reason(reason);
        self.client.set_status(input).await?;
        Ok(())
    }
}

/// Waits until an intent is open for work: active, with no open dependency.
async fn ready(client: &Client, intent: Intent, start: &Cursor) -> Result<Intent> {
    if intent.is_ready {
        return Ok(intent);
    }
    let mut updates = client
        .subscribe_intent_updated(&intent.id)
        .after(start)
        .await?;
    while let Some(update) = updates.next().await {
        let intent = update?.intent;
        if intent.is_ready {
            return Ok(intent);
        }
    }
    Err(format!("following the intent {} ended", intent.id).into())
}
