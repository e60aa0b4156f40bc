//! Who may do what: keys, roles, and the agents that keys speak for.

use std::time::Duration;

use openintent_client::{
    AcquireLeaseInput, AddDependencyInput, AddIntentToPortfolioInput, AssignAgentInput, Client,
    CreateChildIntentInput, CreateIntentInput, CreatePortfolioInput, Error, ErrorCode, EventFilter,
    EventsArgs, IntentStatus, IntentsArgs, KeyRole, LeasesArgs, LogEventInput, PatchStateInput,
    PortfolioStatus, PortfoliosArgs, ReleaseLeaseInput, RemoveDependencyInput,
    RemoveIntentFromPortfolioInput, RenewLeaseInput, RevokeLeaseInput, SetPortfolioStatusInput,
    SetStatusInput, UnassignAgentInput, UpdateIntentInput, UpdatePortfolioInput, Value,
};
use openintent_entities::Timestamp;
use openintent_server::auth::{self, Actor, NewKey, Role};
use openintent_tests::{START, Server, client, eventually, on_both};

use crate::act::{acquire, create, create_after, create_below, now, refusal, set};

/// A client that names no agent.
fn nameless(server: &Server, key: &str) -> Client {
    Client::builder(&server.url).api_key(key).build().unwrap()
}

async fn new_key(server: &Server, new: NewKey) -> (openintent_entities::id::KeyId, String) {
    let (row, secret) = auth::create_key(&server.app, &Actor::system(), &new)
        .await
        .unwrap();
    (row.id, secret.0)
}

fn agent_key(name: &str) -> NewKey {
    NewKey {
        name: name.to_owned(),
        role: Role::Agent,
        agent_id: None,
        expires_at: None,
    }
}

/// Things to do something to.
struct World {
    intent: String,
    other: String,
    waiting: String,
    lease: String,
    portfolio: String,
}

async fn world(client: &Client) -> World {
    let intent = create(client, "a").await;
    let other = create(client, "b").await;
    let waiting = create_after(client, "c", &[&intent]).await;
    let lease = acquire(client, &intent, "x").await.unwrap();
    client
        .assign_agent(AssignAgentInput::new(&intent.id, "bob"))
        .await
        .unwrap();
    let portfolio = client
        .create_portfolio(CreatePortfolioInput::new("p"))
        .await
        .unwrap()
        .portfolio;
    client
        .add_intent_to_portfolio(AddIntentToPortfolioInput::new(&portfolio.id, &intent.id))
        .await
        .unwrap();
    World {
        intent: intent.id.into(),
        other: other.id.into(),
        waiting: waiting.id.into(),
        lease: lease.id.into(),
        portfolio: portfolio.id.into(),
    }
}

/// Every mutation there is, by its name.
async fn try_all_mutations(
    client: &Client,
    world: &World,
) -> Vec<(&'static str, Result<(), Error>)> {
    let (intent, other) = (world.intent.as_str(), world.other.as_str());
    let (lease, portfolio) = (world.lease.as_str(), world.portfolio.as_str());
    vec![
        (
            "createIntent",
            client
                .create_intent(CreateIntentInput::new("x"))
                .await
                .map(drop),
        ),
        (
            "createChildIntent",
            client
                .create_child_intent(CreateChildIntentInput::new(intent, "x"))
                .await
                .map(drop),
        ),
        (
            "updateIntent",
            client
                .update_intent(UpdateIntentInput::new(intent, 1).title("x"))
                .await
                .map(drop),
        ),
        (
            "patchState",
            client
                .patch_state(PatchStateInput::new(intent, 1, [set("/y", 1)]))
                .await
                .map(drop),
        ),
        (
            "setStatus",
            client
                .set_status(SetStatusInput::new(intent, 1, IntentStatus::Failed))
                .await
                .map(drop),
        ),
        (
            "logEvent",
            client
                .log_event(LogEventInput::new(intent, "comment"))
                .await
                .map(drop),
        ),
        (
            "assignAgent",
            client
                .assign_agent(AssignAgentInput::new(intent, "eve"))
                .await
                .map(drop),
        ),
        (
            "unassignAgent",
            client
                .unassign_agent(UnassignAgentInput::new(intent, "bob"))
                .await
                .map(drop),
        ),
        (
            "addDependency",
            client
                .add_dependency(AddDependencyInput::new(intent, [other]))
                .await
                .map(drop),
        ),
        (
            "removeDependency",
            client
                .remove_dependency(RemoveDependencyInput::new(world.waiting.as_str(), intent))
                .await
                .map(drop),
        ),
        (
            "acquireLease",
            client
                .acquire_lease(AcquireLeaseInput::new(intent, "y"))
                .await
                .map(drop),
        ),
        (
            "renewLease",
            client
                .renew_lease(RenewLeaseInput::new(lease))
                .await
                .map(drop),
        ),
        (
            "releaseLease",
            client
                .release_lease(ReleaseLeaseInput::new(lease))
                .await
                .map(drop),
        ),
        (
            "revokeLease",
            client
                .revoke_lease(RevokeLeaseInput::new(lease))
                .await
                .map(drop),
        ),
        (
            "createPortfolio",
            client
                .create_portfolio(CreatePortfolioInput::new("x"))
                .await
                .map(drop),
        ),
        (
            "updatePortfolio",
            client
                .update_portfolio(UpdatePortfolioInput::new(portfolio, 2).name("x"))
                .await
                .map(drop),
        ),
        (
            "setPortfolioStatus",
            client
                .set_portfolio_status(SetPortfolioStatusInput::new(
                    portfolio,
                    2,
                    PortfolioStatus::Abandoned,
                ))
                .await
                .map(drop),
        ),
        (
            "addIntentToPortfolio",
            client
                .add_intent_to_portfolio(AddIntentToPortfolioInput::new(portfolio, other))
                .await
                .map(drop),
        ),
        (
            "removeIntentFromPortfolio",
            client
                .remove_intent_from_portfolio(RemoveIntentFromPortfolioInput::new(
                    portfolio, intent,
                ))
                .await
                .map(drop),
        ),
    ]
}

/// Every query there is, by its name.
async fn try_all_queries(client: &Client, world: &World) -> Vec<(&'static str, Result<(), Error>)> {
    let intent = world.intent.as_str();
    vec![
        ("intent", client.intent(intent).await.map(drop)),
        (
            "intents",
            client.intents(IntentsArgs::new()).await.map(drop),
        ),
        ("intentGraph", client.intent_graph(intent).await.map(drop)),
        ("lease", client.lease(world.lease.as_str()).await.map(drop)),
        ("leases", client.leases(LeasesArgs::new()).await.map(drop)),
        (
            "portfolio",
            client.portfolio(world.portfolio.as_str()).await.map(drop),
        ),
        (
            "portfolios",
            client.portfolios(PortfoliosArgs::new()).await.map(drop),
        ),
        (
            "event",
            client
                .event("evt_00000000000000000000000000")
                .await
                .map(drop),
        ),
        ("events", client.events(EventsArgs::new()).await.map(drop)),
        (
            "verifyLog",
            client
                .verify_log(openintent_client::Id::from(intent))
                .await
                .map(drop),
        ),
        ("node", client.node(intent).await.map(drop)),
        ("nodes", client.nodes([intent]).await.map(drop)),
        ("viewer", client.viewer().await.map(drop)),
        ("serverInfo", client.server_info().await.map(drop)),
    ]
}

/// The names of a root's fields, of which the tables must have all.
async fn fields(client: &Client, root: &str) -> Vec<String> {
    let document = format!("{{ __type(name: \"{root}\") {{ fields {{ name }} }} }}");
    let answer: Value = client.execute(document, ()).await.unwrap();
    let fields = answer["__type"]["fields"].as_array().unwrap();
    let mut names: Vec<_> = fields
        .iter()
        .map(|field| field["name"].as_str().unwrap().to_owned())
        .collect();
    names.retain(|name| !name.starts_with('_'));
    names.sort();
    names
}

fn names(tried: &[(&'static str, Result<(), Error>)]) -> Vec<String> {
    let mut names: Vec<_> = tried.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.sort();
    names
}

on_both! {
    async fn nothing_is_answered_without_a_valid_key(server: &Server) {
        let admin = server.client("admin");
        let world = world(&admin).await;
        let before = admin
            .events(EventsArgs::new())
            .with_total_count()
            .await
            .unwrap()
            .total_count;
        let no_key = Client::builder(&server.url).build().unwrap();
        for client in [
            no_key,
            nameless(server, "wrong"),
            nameless(server, ""),
            nameless(server, "oi_"),
        ] {
            let mutations = try_all_mutations(&client, &world).await;
            let queries = try_all_queries(&client, &world).await;
            assert_eq!(
                names(&mutations),
                fields(&admin, "Mutation").await,
                "the table has every mutation"
            );
            assert_eq!(
                names(&queries),
                fields(&admin, "Query").await,
                "the table has every query"
            );
            for (name, result) in mutations.into_iter().chain(queries) {
                let error = result.unwrap_err();
                assert_eq!(
                    error.code(),
                    Some(ErrorCode::Unauthenticated),
                    "{name}: {error:?}"
                );
            }
        }
        let after = admin
            .events(EventsArgs::new())
            .with_total_count()
            .await
            .unwrap()
            .total_count;
        assert_eq!(before, after);
    }

    async fn reader_reads_everything_and_writes_nothing(server: &Server) {
        let admin = server.client("admin");
        let world = world(&admin).await;
        let reader = server.client_with_role(Role::Reader, "eyes").await;
        for (name, result) in try_all_queries(&reader, &world).await {
            result.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        }
        let events_before = admin
            .events(EventsArgs::new())
            .with_total_count()
            .await
            .unwrap()
            .total_count;
        for (name, result) in try_all_mutations(&reader, &world).await {
            let refused = refusal(result);
            assert_eq!(refused.code(), &ErrorCode::Forbidden, "{name}: {refused:?}");
        }
        let events_after = admin
            .events(EventsArgs::new())
            .with_total_count()
            .await
            .unwrap()
            .total_count;
        assert_eq!(events_before, events_after);
    }

    async fn agent_works_but_takes_no_leases_away(server: &Server) {
        let agent = server.client_with_role(Role::Agent, "worker").await;
        for name in [
            "createIntent",
            "logEvent",
            "acquireLease",
            "addDependency",
            "createPortfolio",
            "setPortfolioStatus",
            "renewLease",
        ] {
            let world = world(&agent).await;
            let tried = try_all_mutations(&agent, &world).await;
            let (_, result) = tried.into_iter().find(|(tried, _)| *tried == name).unwrap();
            let forbidden =
                result.as_ref().err().and_then(Error::code) == Some(ErrorCode::Forbidden);
            assert!(!forbidden, "{name}: {result:?}");
        }
        let world = world(&agent).await;
        let refused = refusal(
            agent
                .revoke_lease(RevokeLeaseInput::new(world.lease.as_str()))
                .await,
        );
        assert!(refused.as_forbidden().is_some());
    }

    async fn unbound_key_speaks_for_the_agent_that_it_names(server: &Server) {
        let (_, secret) = new_key(server, agent_key("gateway")).await;
        let own = nameless(server, &secret);
        let viewer = own.viewer().await.unwrap();
        assert_eq!(
            (
                viewer.agent_id.as_str(),
                viewer.name.as_str(),
                viewer.is_bound
            ),
            ("gateway", "gateway", false)
        );
        assert_eq!(viewer.role, KeyRole::Agent);
        let named = client(&server.url, &secret, "ana");
        assert_eq!(named.viewer().await.unwrap().agent_id, "ana");
        let intent = create(&named, "a").await;
        assert_eq!(intent.created_by, "ana");
        let lease = acquire(&named, &intent, "x").await.unwrap();
        let other = client(&server.url, &secret, "bob");
        assert!(
            refusal(other.release_lease(ReleaseLeaseInput::new(&lease.id)).await)
                .as_forbidden()
                .is_some()
        );
        assert_eq!(
            acquire(&own, &intent, "y").await.unwrap().agent_id,
            "gateway"
        );
    }

    async fn bound_key_speaks_for_its_agent_alone(server: &Server) {
        let bound = NewKey {
            agent_id: Some("ana".to_owned()),
            ..agent_key("key of ana")
        };
        let (_, secret) = new_key(server, bound).await;
        let ana = nameless(server, &secret);
        let viewer = ana.viewer().await.unwrap();
        assert_eq!((viewer.agent_id.as_str(), viewer.is_bound), ("ana", true));
        assert_eq!(create(&ana, "a").await.created_by, "ana");
        assert_eq!(
            create(&client(&server.url, &secret, "ana"), "a")
                .await
                .created_by,
            "ana"
        );
        let posing = client(&server.url, &secret, "bob");
        for error in [
            posing.viewer().await.map(drop).unwrap_err(),
            posing
                .create_intent(CreateIntentInput::new("a"))
                .await
                .map(drop)
                .unwrap_err(),
        ] {
            assert_eq!(error.code(), Some(ErrorCode::Forbidden), "{error:?}");
        }
        assert_eq!(
            ana.intents(IntentsArgs::new()).await.unwrap().nodes.len(),
            2
        );
    }

    async fn agent_ids_that_cannot_be_are_refused(server: &Server) {
        for agent in ["", " ", &"a".repeat(600)] {
            let error = server.client(agent).viewer().await.map(drop).unwrap_err();
            assert_eq!(
                error.code(),
                Some(ErrorCode::BadUserInput),
                "{agent:?}: {error:?}"
            );
        }
    }

    async fn key_ends_at_its_moment(server: &Server) {
        let expires_at = Some(Timestamp(START.0 + 60_000_000));
        let (_, secret) = new_key(
            server,
            NewKey {
                expires_at,
                ..agent_key("short")
            },
        )
        .await;
        let short = nameless(server, &secret);
        server.advance(Duration::from_micros(59_999_999));
        assert_eq!(
            short.viewer().await.unwrap().expires_at.unwrap().as_str(),
            "2026-01-01T00:01:00.000000Z"
        );
        server.advance(Duration::from_micros(1));
        let error = short.viewer().await.map(drop).unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::Unauthenticated));
    }

    async fn revoked_key_is_refused_at_once(server: &Server) {
        let (id, secret) = new_key(server, agent_key("leaked")).await;
        let leaked = nameless(server, &secret);
        let intent = create(&leaked, "a").await;
        auth::revoke_key(&server.app, &Actor::system(), &id)
            .await
            .unwrap();
        let refused = leaked
            .create_intent(CreateIntentInput::new("b"))
            .await
            .map(drop)
            .unwrap_err();
        assert_eq!(refused.code(), Some(ErrorCode::Unauthenticated));
        auth::revoke_key(&server.app, &Actor::system(), &id)
            .await
            .unwrap();
        assert_eq!(
            now(&server.client("admin"), &intent).await.created_by,
            "leaked"
        );
    }

    async fn what_concerns_the_server_is_for_operators(server: &Server) {
        let agent = server.client_with_role(Role::Agent, "worker").await;
        let operator = server.client_with_role(Role::Operator, "boss").await;
        let parent = create(&agent, "a").await;
        create_below(&agent, &parent, "b").await;
        let keys = EventsArgs::new().filter(EventFilter::new().types(["api_key.*"]));
        let seen = agent.events(keys.clone()).with_total_count().await.unwrap();
        assert_eq!((seen.nodes.len(), seen.total_count), (0, Some(0)));
        let shown = operator.events(keys).await.unwrap().nodes;
        assert_eq!(shown.len(), 2);
        assert!(agent.event(&shown[0].id).await.unwrap().is_none());
        assert!(agent.node(&shown[0].id).await.unwrap().is_none());
        assert_eq!(
            operator.event(&shown[0].id).await.unwrap().unwrap(),
            shown[0]
        );
        assert!(operator.verify_log(None).await.unwrap().valid);
        let error = agent.verify_log(None).await.map(drop).unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::Forbidden));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn key_revoked_on_one_server_is_refused_by_the_other() {
    let first = Server::start(openintent_tests::Backend::Postgres).await;
    let second = first.beside().await;
    let (id, secret) = new_key(&first, agent_key("leaked")).await;
    let there = nameless(&second, &secret);
    there.viewer().await.unwrap();
    auth::revoke_key(&first.app, &Actor::system(), &id)
        .await
        .unwrap();
    eventually("the other server refuses the key", || async {
        there
            .viewer()
            .await
            .is_err_and(|error| error.code() == Some(ErrorCode::Unauthenticated))
    })
    .await;
    second.halt().await;
    first.stop().await;
}
