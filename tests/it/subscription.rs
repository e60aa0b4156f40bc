//! What subscribers get: every event that they asked for, once and in order, live or replayed.

use std::collections::HashMap;

use futures_util::TryStreamExt;
use openintent_client::{
    AcquireLeaseInput, AddIntentToPortfolioInput, AssignAgentInput, Client, CreateChildIntentInput,
    CreateIntentInput, CreatePortfolioInput, Error, ErrorCode, Event, EventFilter, EventsArgs, Id,
    Intent, LogEventInput, PatchStateInput, Portfolio, ReleaseLeaseInput,
    RemoveIntentFromPortfolioInput, SetPatch, Subscription, UnassignAgentInput,
    UpdatePortfolioInput, json,
};
use openintent_server::auth::Role;
use openintent_tests::{
    Process, Server, TestDatabase, invariants, on_both, on_both_databases,
    proxy::Proxy,
    raw::Raw,
    steps::{
        create_intent, ids_in_log, log_event, log_stubbornly, next, numbered, object,
        patient_client, take,
    },
};
use rand::{Rng, SeedableRng, rngs::StdRng};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// What a filter means, in other words.
type Predicate = Box<dyn Fn(&Event) -> bool>;

/// A few intents and a portfolio that events happen to.
struct Scene {
    alice: Client,
    bob: Client,
    root: Intent,
    child: Intent,
    other: Intent,
    portfolio: Portfolio,
}

impl Scene {
    async fn create(server: &Server) -> Self {
        let alice = server.client("alice");
        let root = CreateIntentInput::new("root").namespace("north");
        let root = alice.create_intent(root).await.unwrap().intent;
        let child = CreateChildIntentInput::new(&root.id, "child").namespace("south");
        let child = alice.create_child_intent(child).await.unwrap().intent;
        let other = CreateIntentInput::new("other").namespace("south");
        let other = alice.create_intent(other).await.unwrap().intent;
        let portfolio = CreatePortfolioInput::new("portfolio").namespace("north");
        let portfolio = alice.create_portfolio(portfolio).await.unwrap().portfolio;
        for member in [&child, &other] {
            let add = AddIntentToPortfolioInput::new(&portfolio.id, &member.id);
            alice.add_intent_to_portfolio(add).await.unwrap();
        }
        Self {
            alice,
            bob: server.client("bob"),
            root,
            child,
            other,
            portfolio,
        }
    }

    /// Something happens.
    async fn act(&self, random: &mut StdRng) {
        let intents = [&self.root, &self.child, &self.other];
        let id = &intents[random.random_range(0..3)].id;
        let client = if random.random() {
            &self.alice
        } else {
            &self.bob
        };
        let client = if random.random() {
            client.with_traceparent(TRACEPARENT)
        } else {
            client.clone()
        };
        match random.random_range(0..5) {
            0 => {
                let log = LogEventInput::new(id, "x-note");
                client.log_event(log).await.map(drop)
            }
            1 => {
                let version = client.intent(id).await.unwrap().unwrap().version;
                let set = SetPatch::new("/n").value(random.random::<u32>());
                let patch = PatchStateInput::new(id, version, [set]);
                client.patch_state(patch).await.map(drop)
            }
            2 => {
                let acquire = AcquireLeaseInput::new(id, "scope");
                let lease = client.acquire_lease(acquire).await.unwrap().lease;
                let release = ReleaseLeaseInput::new(&lease.id);
                client.release_lease(release).await.map(drop)
            }
            3 => {
                let assign = AssignAgentInput::new(id, "carol");
                client.assign_agent(assign).await.unwrap();
                let unassign = UnassignAgentInput::new(id, "carol");
                client.unassign_agent(unassign).await.map(drop)
            }
            _ => {
                let found = client.portfolio(&self.portfolio.id).await.unwrap().unwrap();
                let update = UpdatePortfolioInput::new(&found.id, found.version);
                let update = update.description(random.random::<u32>().to_string());
                client.update_portfolio(update).await.map(drop)
            }
        }
        .unwrap();
    }

    /// An event that passes every filter of [`Scene::filters`].
    async fn mark(&self, event_type: &str) {
        let client = self.alice.with_traceparent(TRACEPARENT);
        let mark = LogEventInput::new(&self.child.id, event_type);
        client.log_event(mark).await.unwrap();
    }

    /// Every filter, and which events it stands for.
    fn filters(&self) -> Vec<(EventFilter, Predicate)> {
        let all = EventFilter::new;
        let child = self.child.id.clone();
        let is_on = |ids: Vec<Id>| {
            move |event: &Event| event.intent_id.as_ref().is_some_and(|id| ids.contains(id))
        };
        let in_subtree = is_on(vec![self.root.id.clone(), child.clone()]);
        let on_member = is_on(vec![child.clone(), self.other.id.clone()]);
        let portfolio = self.portfolio.id.clone();
        let namespaces: HashMap<Id, &str> = HashMap::from([
            (self.root.id.clone(), "north"),
            (child.clone(), "south"),
            (self.other.id.clone(), "south"),
        ]);
        let is_mark = |event: &Event| event.r#type.starts_with("x-mark");
        vec![
            (all(), Box::new(|_| true)),
            (
                all().intent_id(&child),
                Box::new(is_on(vec![child.clone()])),
            ),
            (
                all().subtree_of(&self.root.id),
                Box::new(in_subtree.clone()),
            ),
            (
                all().portfolio_id(&self.portfolio.id),
                Box::new(move |event| {
                    event.portfolio_id.as_ref() == Some(&portfolio) || on_member(event)
                }),
            ),
            (
                all().agent_id("alice"),
                Box::new(|event| event.actor == "alice"),
            ),
            (
                all().types(["lease_*", "state_patched", "x-mark*"]),
                Box::new(move |event| {
                    event.r#type.starts_with("lease_")
                        || event.r#type == "state_patched"
                        || is_mark(event)
                }),
            ),
            (
                all().trace_id(TRACE),
                Box::new(|event| event.trace_id.as_deref() == Some(TRACE)),
            ),
            (
                all().namespace("south"),
                Box::new(move |event| {
                    let namespace = event.intent_id.as_ref().and_then(|id| namespaces.get(id));
                    namespace == Some(&"south")
                }),
            ),
            (
                all()
                    .subtree_of(&self.root.id)
                    .agent_id("alice")
                    .trace_id(TRACE)
                    .types(["*_*", "x-*"]),
                Box::new(move |event| {
                    in_subtree(event)
                        && event.actor == "alice"
                        && event.trace_id.as_deref() == Some(TRACE)
                        && (event.r#type.contains('_') || event.r#type.starts_with("x-"))
                }),
            ),
        ]
    }
}

/// Takes items up to and with the event of this type.
async fn until(events: &mut Subscription<Event>, event_type: &str) -> Vec<Event> {
    let mut seen = Vec::new();
    loop {
        let event = next(events).await;
        let is_last = event.r#type == event_type;
        seen.push(event);
        if is_last {
            return seen;
        }
    }
}

fn ids(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.id.as_str()).collect()
}

/// An id of an intent that is not there.
const NOBODY: &str = "intent_01k00000000000000000000000";

fn ends_with_not_found<T>(ended: Option<Result<T, Error>>) -> bool {
    matches!(ended, Some(Err(error)) if error.code() == Some(ErrorCode::NotFound))
}

on_both! {
    async fn each_filter_gives_the_same_live_replayed_and_queried(server: &Server) {
        let seed: u64 = rand::random();
        let mut random = StdRng::seed_from_u64(seed);
        let scene = Scene::create(server).await;
        let before = scene.alice.server_info().await.unwrap().cursor;

        let mut live = Vec::new();
        for (filter, _) in scene.filters() {
            live.push(scene.alice.subscribe_events(filter).after(&before).await.unwrap());
        }
        scene.mark("x-mark.begin").await;
        for events in &mut live {
            until(events, "x-mark.begin").await;
        }
        for _ in 0..60 {
            scene.act(&mut random).await;
        }
        scene.mark("x-mark.end").await;

        let mut whole = scene.alice.subscribe_events(EventFilter::new()).after("c0").await.unwrap();
        let whole = until(&mut whole, "x-mark.end").await;
        let begin = whole.iter().position(|event| event.r#type == "x-mark.begin").unwrap();
        for ((filter, is_wanted), live) in scene.filters().into_iter().zip(&mut live) {
            let what = format!("seed {seed}: {filter:?}");
            let wanted: Vec<Event> = whole.iter().filter(|event| is_wanted(event)).cloned().collect();
            let later: Vec<Event> =
                whole[begin + 1..].iter().filter(|event| is_wanted(event)).cloned().collect();
            assert!(later.len() > 1, "{what}");

            let live = until(live, "x-mark.end").await;
            assert_eq!(ids(&live), ids(&later), "live, {what}");
            let mut replayed = scene.alice.subscribe_events(filter.clone()).after("c0").await.unwrap();
            let replayed = until(&mut replayed, "x-mark.end").await;
            assert_eq!(replayed, wanted, "replayed, {what}");
            let args = EventsArgs::new().filter(filter).first(17);
            let queried: Vec<Event> = scene.alice.events_stream(args).try_collect().await.unwrap();
            assert_eq!(queried, wanted, "queried, {what}");
        }
    }

    async fn a_subscription_after_a_mutation_sees_exactly_what_came_later(server: &Server) {
        const LATER: usize = 15;
        let shared = create_intent(&server.client("alice"), "shared").await;
        let writers = (0..8).map(|writer| {
            let (client, shared) = (server.client(&format!("writer-{writer}")), shared.clone());
            tokio::spawn(async move {
                let own = create_intent(&client, "own").await;
                let mut read = Vec::new();
                for number in 0..6 {
                    let intent = if number % 2 == 0 { &shared } else { &own };
                    let logged = client.log_event(numbered(intent, number)).await.unwrap();
                    let events = client.subscribe_events(EventFilter::new()).after(&logged.cursor);
                    read.push((logged.event.id, events.await.unwrap()));
                }
                read
            })
        });
        let mut readers = Vec::new();
        for writer in writers.collect::<Vec<_>>() {
            readers.extend(writer.await.unwrap());
        }
        for number in 0..LATER {
            log_event(&server.client("alice"), &shared, number).await;
        }
        let stored = ids_in_log(&server.database().connect().await).await;
        for (own, mut events) in readers {
            let place = stored.iter().position(|id| *id == own.as_str()).unwrap();
            let later = &stored[place + 1..];
            let seen = take(&mut events, later.len()).await;
            assert_eq!(ids(&seen), later);
        }
    }

    async fn an_intent_is_shown_with_each_of_its_events(server: &Server) {
        let scene = Scene::create(server).await;
        let mut updates = scene.alice.subscribe_intent_updated(&scene.child.id).await.unwrap();
        log_event(&scene.alice, &scene.other, 1).await;
        let patch = PatchStateInput::new(&scene.child.id, 1, [SetPatch::new("/colour").value("red")]);
        let patched = scene.bob.patch_state(patch).await.unwrap();
        let logged = log_event(&scene.alice, &scene.child, 2).await;

        let first = next(&mut updates).await;
        assert_eq!((first.event.r#type.as_str(), first.event.actor.as_str()), ("state_patched", "bob"));
        assert_eq!(first.cursor, patched.cursor);
        assert_eq!(first.intent.state, object(json!({"colour": "red"})));
        assert_eq!(first.intent.version, 2);
        let second = next(&mut updates).await;
        assert_eq!(second.event.id, logged.id);

        let replayed = scene.alice.subscribe_intent_updated(&scene.child.id).after("c0");
        let replayed = take(&mut replayed.await.unwrap(), 3).await;
        assert_eq!(replayed[0].event.r#type, "intent_created");
        assert_eq!(replayed[2].event.id, logged.id);
    }

    async fn a_portfolio_is_shown_with_its_own_and_its_members_events(server: &Server) {
        let scene = Scene::create(server).await;
        let mut updates =
            scene.alice.subscribe_portfolio_updated(&scene.portfolio.id).await.unwrap();
        log_event(&scene.alice, &scene.root, 1).await;
        let on_member = log_event(&scene.bob, &scene.child, 2).await;
        assert_eq!(next(&mut updates).await.event.id, on_member.id);

        let remove = RemoveIntentFromPortfolioInput::new(&scene.portfolio.id, &scene.child.id);
        scene.alice.remove_intent_from_portfolio(remove).await.unwrap();
        let removed = next(&mut updates).await;
        assert_eq!(removed.event.r#type, "portfolio.member_removed");
        log_event(&scene.bob, &scene.child, 3).await;
        let update = UpdatePortfolioInput::new(&scene.portfolio.id, removed.portfolio.version);
        scene.alice.update_portfolio(update.name("renamed")).await.unwrap();
        let renamed = next(&mut updates).await;
        assert_eq!(renamed.portfolio.name, "renamed");
        assert_eq!(renamed.event.portfolio_id, Some(scene.portfolio.id.clone()));
    }

    async fn an_agent_hears_of_its_own_assignments_only(server: &Server) {
        let alice = server.client("alice");
        let intent = create_intent(&alice, "work").await;
        let before = alice.server_info().await.unwrap().cursor;
        let mut live = server.client("bob").subscribe_assignments("bob").await.unwrap();
        for agent in ["carol", "bob"] {
            let assign = AssignAgentInput::new(&intent.id, agent).role("reviewer");
            alice.assign_agent(assign).await.unwrap();
        }
        for agent in ["carol", "bob"] {
            let unassign = UnassignAgentInput::new(&intent.id, agent);
            alice.unassign_agent(unassign).await.unwrap();
        }
        let replayed = alice.subscribe_assignments("bob").after(before).await.unwrap();
        let mut replayed = replayed;
        for updates in [&mut live, &mut replayed] {
            let assigned = next(updates).await;
            assert_eq!((assigned.agent_id.as_str(), assigned.is_assigned), ("bob", true));
            assert_eq!(assigned.role.as_deref(), Some("reviewer"));
            assert_eq!(assigned.intent.id, intent.id);
            let unassigned = next(updates).await;
            assert_eq!((unassigned.agent_id.as_str(), unassigned.is_assigned), ("bob", false));
            assert_eq!(unassigned.role, None);
        }
    }

    async fn what_is_not_there_cannot_be_followed(server: &Server) {
        let client = server.client("alice");
        for id in [NOBODY, "intent_x", "", "port_01k00000000000000000000000"] {
            let mut updates = client.subscribe_intent_updated(id).await.unwrap();
            assert!(ends_with_not_found(updates.next().await), "{id}");
            let mut updates = client.subscribe_portfolio_updated(id).await.unwrap();
            assert!(ends_with_not_found(updates.next().await), "{id}");
        }
    }

    async fn only_operators_see_events_about_keys(server: &Server) {
        let reader = server.client_with_role(Role::Reader, "reader").await;
        let operator = server.client_with_role(Role::Operator, "operator").await;
        let mut read = reader.subscribe_events(EventFilter::new()).await.unwrap();
        let mut operated = operator.subscribe_events(EventFilter::new()).await.unwrap();
        server.key(Role::Agent, "another").await;
        let intent = create_intent(&server.client("alice"), "seen").await;

        assert_eq!(next(&mut operated).await.r#type, "api_key.created");
        assert_eq!(next(&mut operated).await.r#type, "intent_created");
        assert_eq!(next(&mut read).await.intent_id, Some(intent.id.clone()));
        let mut replayed = reader.subscribe_events(EventFilter::new()).after("c0").await.unwrap();
        assert_eq!(next(&mut replayed).await.intent_id, Some(intent.id.clone()));
        let queried = reader.events(EventsArgs::new()).with_total_count().await.unwrap();
        assert_eq!(queried.total_count, Some(1));
        let queried = operator.events(EventsArgs::new()).await.unwrap();
        let about_keys: Vec<_> =
            queried.nodes.iter().filter(|event| event.r#type.starts_with("api_key.")).collect();
        assert_eq!(about_keys.len(), 3);
        for event in about_keys {
            assert!(reader.event(&event.id).await.unwrap().is_none());
            assert!(!serde_json::to_string(&event.payload).unwrap().contains("oi_"));
        }
    }

    async fn a_program_that_reads_late_gets_everything(server: &Server) {
        let client = server.client("alice");
        let intent = create_intent(&client, "noisy").await;
        let reader = server.client("late");
        let mut late = reader.subscribe_events(EventFilter::new()).buffer(2).await.unwrap();
        let mut logged = Vec::new();
        for number in 0..100 {
            logged.push(log_event(&client, &intent, number).await.id);
        }
        let seen = take(&mut late, logged.len()).await;
        assert_eq!(seen.into_iter().map(|event| event.id).collect::<Vec<_>>(), logged);
    }

    async fn what_was_answered_before_is_not_seen_from_now_on(server: &Server) {
        let client = server.client("alice");
        let intent = create_intent(&client, "watched").await;
        for number in 0..30 {
            let before = client.log_event(numbered(&intent, number)).await.unwrap();
            assert_eq!(client.server_info().await.unwrap().cursor, before.cursor);
            let mut events = client.subscribe_events(EventFilter::new()).await.unwrap();
            let later = log_event(&client, &intent, number).await;
            assert_eq!(next(&mut events).await.id, later.id);
        }
    }

    async fn a_bad_cursor_is_refused(server: &Server) {
        let client = server.client("alice");
        for cursor in ["5", "c-1", "", "cursor"] {
            let events = client.subscribe_events(EventFilter::new()).after(cursor);
            let ended = events.await.unwrap().next().await.unwrap().unwrap_err();
            assert_eq!(ended.code(), Some(ErrorCode::BadUserInput), "{cursor}");
        }
    }
}

on_both_databases! {
    async fn a_subscription_goes_on_over_restarts_of_the_server(backend: Backend) {
        let database = TestDatabase::create(backend).await;
        let mut server = Process::start(&database, &[]).await;
        let proxy = Proxy::to(&server.url).await;
        let client = patient_client(&proxy.url, "alice");
        let intent = create_intent(&client, "watched").await;
        let mut events = client.subscribe_events(EventFilter::new()).await.unwrap();
        let mut updates = client.subscribe_intent_updated(&intent.id).await.unwrap();
        for round in 0..3 {
            let number = round * 10;
            let live = log_event(&client, &intent, number).await;
            assert_eq!(next(&mut events).await.id, live.id);
            assert_eq!(next(&mut updates).await.event.id, live.id);

            assert!(server.terminate().await.success());
            server = Process::start(&database, &[]).await;
            // Written before the subscriber is back, or after: it cannot tell.
            let early = log_event(&server.client("bob"), &intent, number + 1).await;
            proxy.lead_to(&server.url);
            let late = log_stubbornly(&client, numbered(&intent, number + 2)).await;
            for event in [early, late] {
                assert_eq!(next(&mut events).await.id, event.id);
                assert_eq!(next(&mut updates).await.event.id, event.id);
            }
        }
        assert!(server.terminate().await.success());
        invariants::check(&database).await;
        database.remove().await;
    }

    async fn a_slow_reader_misses_nothing_and_holds_up_nobody(backend: Backend) {
        let server = Server::start_with(backend, |config| config.http.send_timeout_ms = 300_000).await;
        const EVENTS: usize = 200;
        // More than the system's buffers hold.
        let filling = "x".repeat(60_000);
        let client = server.client("alice");
        let intent = create_intent(&client, "noisy").await;
        let mut slow = Raw::new(&server.url).socket().await;
        let document = "subscription{events{id payload}}";
        slow.subscribe("1", document, json!(null)).await;
        slow.settle().await;
        let mut fast = server.client("fast").subscribe_events(EventFilter::new()).await.unwrap();
        let mut logged = Vec::new();
        for number in 0..EVENTS {
            let payload = object(json!({ "number": number, "filling": filling }));
            let event = LogEventInput::new(&intent.id, "x-big").payload(payload);
            logged.push(client.log_event(event).await.unwrap().event.id);
            assert_eq!(next(&mut fast).await.id, logged[number]);
        }
        for id in &logged {
            assert_eq!(slow.data().await["events"]["id"], id.as_str());
        }
        drop(slow);
        server.stop().await;
    }
}
