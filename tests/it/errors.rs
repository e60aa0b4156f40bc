//! Errors: whatever a client sends, it is told what was wrong; never is it the server's fault.

use openintent_client::{
    AcquireLeaseInput, AddDependencyInput, AddIntentToPortfolioInput, AssignAgentInput, Client,
    CreateIntentInput, CreatePortfolioInput, DateTime, Error, ErrorCode, EventFilter, EventsArgs,
    Id, Intent, IntentFilter, IntentStatus, IntentsArgs, Lease, LeaseFilter, LeasesArgs,
    LogEventInput, PatchStateInput, Portfolio, PortfolioFilter, PortfolioGovernanceInput,
    PortfolioStatus, PortfoliosArgs, ReleaseLeaseInput, RemoveDependencyInput,
    RemoveIntentFromPortfolioInput, RenewLeaseInput, SetPortfolioStatusInput, SetStatusInput,
    UnassignAgentInput, UpdateIntentInput, Value, json,
};
use openintent_tests::{on_both, on_clusters};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use crate::act::{at_once, create, create_with, set};

/// Texts that databases and parsers stumble over.
const ODD: [&str; 9] = [
    "",
    "\0",
    "a\0b",
    "'",
    "\\",
    "%",
    "\u{1f980}",
    "\u{feff}",
    "\u{10ffff}",
];

/// An error that is about the request.
fn assert_about_the_request(what: &str, error: &Error) {
    let code = error.code();
    let own_fault = matches!(
        code,
        None | Some(ErrorCode::Internal | ErrorCode::Unavailable | ErrorCode::Timeout)
    );
    assert!(!own_fault, "{what}: {error:?}");
}

fn fine<T>(what: &str, result: Result<T, Error>) {
    if let Err(error) = result {
        assert_about_the_request(what, &error);
    }
}

on_both! {
    async fn odd_text_is_never_the_servers_fault(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        let id = || intent.id.clone();
        for odd in ODD {
            let f = IntentFilter::new;
            for filter in [
                f().r#type(odd),
                f().tag(odd),
                f().agent_id(odd),
                f().created_by(odd),
                f().namespace(odd),
                f().text(odd),
                f().parent_id(odd),
                f().portfolio_id(odd),
            ] {
                let what = format!("{filter:?}");
                fine(
                    &what,
                    client
                        .intents(IntentsArgs::new().filter(filter))
                        .with_total_count()
                        .await,
                );
            }
            let f = LeaseFilter::new;
            for filter in [f().agent_id(odd), f().scope(odd), f().intent_id(odd)] {
                let what = format!("{filter:?}");
                fine(
                    &what,
                    client
                        .leases(LeasesArgs::new().filter(filter))
                        .with_total_count()
                        .await,
                );
            }
            let f = PortfolioFilter::new;
            for filter in [f().created_by(odd), f().namespace(odd), f().text(odd)] {
                let what = format!("{filter:?}");
                fine(
                    &what,
                    client
                        .portfolios(PortfoliosArgs::new().filter(filter))
                        .with_total_count()
                        .await,
                );
            }
            let f = EventFilter::new;
            for filter in [
                f().agent_id(odd),
                f().types([odd]),
                f().trace_id(odd),
                f().namespace(odd),
                f().intent_id(odd),
                f().subtree_of(odd),
                f().portfolio_id(odd),
            ] {
                let what = format!("{filter:?}");
                fine(
                    &what,
                    client
                        .events(EventsArgs::new().filter(filter))
                        .with_total_count()
                        .await,
                );
            }
            let what = format!("{odd:?}");
            fine(&what, client.verify_log(Id::from(odd)).await);
            fine(&what, client.nodes([odd]).await);
            fine(
                &what,
                client
                    .create_intent(
                        CreateIntentInput::new(odd)
                            .description(odd)
                            .r#type(odd)
                            .namespace(odd)
                            .tags([odd]),
                    )
                    .await,
            );
            fine(
                &what,
                client
                    .update_intent(UpdateIntentInput::new(id(), 1).title(odd))
                    .await,
            );
            fine(
                &what,
                client
                    .assign_agent(AssignAgentInput::new(id(), odd).role(odd))
                    .await,
            );
            fine(
                &what,
                client
                    .unassign_agent(UnassignAgentInput::new(id(), odd))
                    .await,
            );
            fine(&what, client.log_event(LogEventInput::new(id(), odd)).await);
            fine(
                &what,
                client
                    .log_event(LogEventInput::new(id(), "comment").parent_event_id(odd))
                    .await,
            );
            fine(
                &what,
                client
                    .acquire_lease(AcquireLeaseInput::new(id(), odd))
                    .await,
            );
            fine(
                &what,
                client
                    .create_portfolio(CreatePortfolioInput::new(odd).description(odd))
                    .await,
            );
            fine(
                &what,
                client
                    .set_status(SetStatusInput::new(id(), 1, IntentStatus::Blocked).reason(odd))
                    .await,
            );
            fine(
                &what,
                client
                    .create_intent(CreateIntentInput::new("a").idempotency_key(odd))
                    .await,
            );
            fine(&what, client.execute::<Value>("query ($id: ID!) { intent(id: $id) { events(filter: { types: [$id] }) { totalCount } } }".replace("[$id]", "[\"a\\u0000\"]"), json!({ "id": intent.id })).await);
        }
    }

    async fn long_text_is_never_the_servers_fault(server: &Server) {
        let client = server.client("ana");
        let long = "Ä*".repeat(50_000);
        let text = IntentFilter::new().text(&long);
        fine(
            "intents",
            client.intents(IntentsArgs::new().filter(text)).await,
        );
        let text = PortfolioFilter::new().text(&long);
        fine(
            "portfolios",
            client.portfolios(PortfoliosArgs::new().filter(text)).await,
        );
        let types = EventFilter::new().types([&long]);
        fine(
            "events",
            client.events(EventsArgs::new().filter(types)).await,
        );
        let types = EventFilter::new().types(vec!["*a".repeat(60); 32]);
        fine(
            "events",
            client.events(EventsArgs::new().filter(types)).await,
        );
    }

    async fn malformed_requests_are_clear_errors(server: &Server) {
        let client = server.client("ana");
        for (document, variables) in [
            ("{", json!({})),
            ("{ nonsense }", json!({})),
            ("{ intent { id } }", json!({})),
            ("query ($id: ID!) { intent(id: $id) { id } }", json!({})),
            (
                "query ($id: ID!) { intent(id: $id) { id } }",
                json!({ "id": null }),
            ),
            (
                "query ($id: ID!) { intent(id: $id) { id } }",
                json!({ "id": [1] }),
            ),
            (
                "query ($n: Int) { intents(first: $n) { totalCount } }",
                json!({ "n": "1" }),
            ),
            (
                "query ($n: Int) { intents(first: $n) { totalCount } }",
                json!({ "n": -1 }),
            ),
            (
                "mutation ($n: Int) { createIntent(input: { title: \"a\", confidence: $n }) { cursor } }",
                json!({ "n": 4_294_967_296_i64 }),
            ),
            (
                "query ($n: Int) { intents(first: $n) { totalCount } }",
                json!({ "n": 1.5 }),
            ),
            (
                "{ intents(filter: { status: [NONE] }) { totalCount } }",
                json!({}),
            ),
            (
                "query ($n: Int) { intents(first: $n) { totalCount } }",
                json!({ "n": true }),
            ),
            (
                "{ intents(filter: { nothing: 1 }) { totalCount } }",
                json!({}),
            ),
            ("mutation { createIntent(input: {}) { cursor } }", json!({})),
            (
                "mutation { createIntent(input: { title: 1 }) { cursor } }",
                json!({}),
            ),
            (
                "mutation { createIntent(input: { title: \"a\", state: [1] }) { cursor } }",
                json!({}),
            ),
            (
                "mutation { createIntent(input: { title: \"a\", confidence: 99999999999 }) { cursor } }",
                json!({}),
            ),
            (
                "mutation { createIntent(input: { title: \"a\", deadline: \"tomorrow\" }) { cursor } }",
                json!({}),
            ),
            (
                "mutation { patchState(input: { intentId: \"a\", expectedVersion: 1, patches: [{}] }) { cursor } }",
                json!({}),
            ),
            (
                "mutation { patchState(input: { intentId: \"a\", expectedVersion: 1, patches: [{ remove: { path: \"/a\" }, set: { path: \"/a\" } }] }) { cursor } }",
                json!({}),
            ),
            (
                "mutation { patchState(input: { intentId: \"a\", expectedVersion: 1, patches: [{ merge: { path: \"\", value: [] } }] }) { cursor } }",
                json!({}),
            ),
        ] {
            let error = client
                .execute::<Value>(document, variables.clone())
                .await
                .unwrap_err();
            assert_eq!(
                error.code(),
                Some(ErrorCode::BadUserInput),
                "{document} {variables}: {error:?}"
            );
        }
        assert!(
            client
                .intents(IntentsArgs::new())
                .await
                .unwrap()
                .nodes
                .is_empty()
        );
    }

    async fn moments_at_the_edges_are_kept_or_refused(server: &Server) {
        let client = server.client("ana");
        for moment in [
            "1969-12-31T23:59:59.999999Z",
            "0001-01-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999Z",
            "9999-12-31T23:59:59-23:59",
            "2026-06-30T23:59:60Z",
            "2024-02-29T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-01-01T00:00:00.1234567Z",
            "2026-01-01",
            "2026-01-01T25:00:00Z",
            "",
            "now",
            "2026-01-01T00:00:00",
            "-2026-01-01T00:00:00Z",
        ] {
            let input = CreateIntentInput::new("a").deadline(DateTime::new(moment));
            match client.create_intent(input).await {
                Ok(made) => {
                    let kept = made.intent.deadline.unwrap();
                    assert_eq!(
                        kept.as_str().len(),
                        "2026-01-01T00:00:00.000000Z".len(),
                        "{moment} became {kept}"
                    );
                }
                Err(error) => assert_eq!(
                    error.code(),
                    Some(ErrorCode::BadUserInput),
                    "{moment}: {error:?}"
                ),
            }
        }
        client.intents(IntentsArgs::new()).await.unwrap();
    }

    async fn deadline_that_has_passed_already_is_met_at_once(server: &Server) {
        let client = server.client("ana");
        let rules = PortfolioGovernanceInput::new().deadline(DateTime::new("2020-01-01T00:00:00Z"));
        let portfolio = client
            .create_portfolio(CreatePortfolioInput::new("late").governance(rules))
            .await
            .unwrap()
            .portfolio;
        openintent_tests::eventually("the portfolio is abandoned", || async {
            client
                .portfolio(&portfolio.id)
                .await
                .unwrap()
                .unwrap()
                .status
                == PortfolioStatus::Abandoned
        })
        .await;
    }
}

const WORKERS: usize = 16;
const TURNS: usize = 30;

/// One of sixteen that do whatever comes to their minds, all to the same few things.
struct Worker {
    client: Client,
    random: StdRng,
    intents: Vec<Id>,
    portfolios: Vec<Id>,
    leases: Vec<Id>,
}

impl Worker {
    fn new(client: Client, number: usize, intents: &[Intent], portfolios: &[Portfolio]) -> Self {
        Self {
            client,
            random: StdRng::seed_from_u64(u64::try_from(number).unwrap()),
            intents: intents.iter().map(|intent| intent.id.clone()).collect(),
            portfolios: portfolios
                .iter()
                .map(|portfolio| portfolio.id.clone())
                .collect(),
            leases: Vec::new(),
        }
    }

    fn intent(&mut self) -> Id {
        self.intents.choose(&mut self.random).unwrap().clone()
    }

    fn portfolio(&mut self) -> Id {
        self.portfolios.choose(&mut self.random).unwrap().clone()
    }

    async fn version(&mut self, id: &Id) -> Result<i64, Error> {
        let intent = self.client.intent(id).await?;
        Ok(intent.map_or(1, |intent| intent.version))
    }

    fn keep(&mut self, lease: &Lease) {
        self.leases.push(lease.id.clone());
    }

    /// Does something; whether it is refused does not matter.
    async fn turn(&mut self) -> Result<(), Error> {
        let (a, b) = (self.intent(), self.intent());
        let scope = ["x", "y"].choose(&mut self.random).unwrap().to_owned();
        let client = self.client.clone();
        match self.random.random_range(0..18) {
            0 => {
                let input = CreateIntentInput::new("new").parent_id(&a).depends_on([&b]);
                let made = client.create_intent(input).await?;
                self.intents.push(made.intent.id);
            }
            1 | 2 => {
                let version = self.version(&a).await?;
                let patches = [set(&format!("/{scope}"), version)];
                client
                    .patch_state(PatchStateInput::new(&a, version, patches))
                    .await?;
            }
            3..=6 => {
                let version = self.version(&a).await?;
                let to = [
                    IntentStatus::Active,
                    IntentStatus::Active,
                    IntentStatus::Blocked,
                    IntentStatus::SuspendedAwaitingInput,
                    IntentStatus::Completed,
                    IntentStatus::Completed,
                    IntentStatus::Failed,
                ];
                let to = to.choose(&mut self.random).unwrap().clone();
                client
                    .set_status(SetStatusInput::new(&a, version, to))
                    .await?;
            }
            7 => {
                let version = self.version(&a).await?;
                let input = SetStatusInput::new(&a, version, IntentStatus::Abandoned);
                if self.random.random_bool(0.2) {
                    client.set_status(input.cascade(true)).await?;
                }
            }
            8 | 9 => drop(
                client
                    .add_dependency(AddDependencyInput::new(&a, [&b]))
                    .await?,
            ),
            10 => drop(
                client
                    .remove_dependency(RemoveDependencyInput::new(&a, &b))
                    .await?,
            ),
            11 | 12 => {
                let input = AcquireLeaseInput::new(&a, scope).duration_seconds(1);
                let acquired = client.acquire_lease(input).await?;
                self.keep(&acquired.lease);
            }
            13 => {
                if let Some(lease) = self.leases.pop() {
                    client.renew_lease(RenewLeaseInput::new(&lease)).await?;
                    client.release_lease(ReleaseLeaseInput::new(&lease)).await?;
                }
            }
            14 => {
                client
                    .assign_agent(AssignAgentInput::new(&a, "bob"))
                    .await?;
                client
                    .unassign_agent(UnassignAgentInput::new(&b, "bob"))
                    .await?;
            }
            15 => {
                let portfolio = self.portfolio();
                client
                    .add_intent_to_portfolio(AddIntentToPortfolioInput::new(&portfolio, &a))
                    .await?;
                client
                    .remove_intent_from_portfolio(RemoveIntentFromPortfolioInput::new(
                        &portfolio, &b,
                    ))
                    .await?;
            }
            16 => {
                let portfolio = self.portfolio();
                client.log_event(LogEventInput::new(&a, "comment")).await?;
                if self.random.random_bool(0.05) {
                    let version = client
                        .portfolio(&portfolio)
                        .await?
                        .map_or(1, |portfolio| portfolio.version);
                    let input = SetPortfolioStatusInput::new(
                        &portfolio,
                        version,
                        PortfolioStatus::Completed,
                    );
                    client.set_portfolio_status(input).await?;
                }
            }
            _ => {
                client.intent_graph(&a).await?;
                client.intents(IntentsArgs::new().first(20)).await?;
            }
        }
        Ok(())
    }
}

/// What must hold of every intent at any time, as far as it shows.
async fn check_graph(client: &Client) {
    let nodes = client
        .intents_stream(IntentsArgs::new().first(100))
        .all()
        .await
        .unwrap();
    for intent in nodes {
        let selection = "status dependencies(first: 100) { nodes { status } } children(first: 100) { nodes { status } }";
        let found: Value = client.intent(&intent.id).select(selection).await.unwrap();
        let statuses = |list: &str| -> Vec<String> {
            let nodes = found[list]["nodes"].as_array().unwrap();
            nodes
                .iter()
                .map(|node| node["status"].as_str().unwrap().to_owned())
                .collect()
        };
        if matches!(
            intent.status,
            IntentStatus::Active | IntentStatus::Completed
        ) {
            let open = statuses("dependencies")
                .into_iter()
                .find(|status| status != "COMPLETED");
            assert_eq!(open, None, "{} is {}", intent.id, intent.status);
        }
        if intent.status == IntentStatus::Completed {
            let open = statuses("children")
                .into_iter()
                .find(|status| status != "COMPLETED" && status != "ABANDONED");
            assert_eq!(open, None, "{} is completed", intent.id);
        }
        client.intent_graph(&intent.id).await.unwrap();
    }
}

on_clusters! {
    async fn crowd_that_does_everything_at_once_meets_no_fault(cluster: &Cluster) {
        let admin = cluster.first().client("admin");
        let (mut intents, mut portfolios) = (Vec::new(), Vec::new());
        for number in 0..8 {
            intents.push(create_with(&admin, CreateIntentInput::new(number.to_string())).await);
        }
        for threshold in [60, 100] {
            let rules = PortfolioGovernanceInput::new().auto_complete_threshold(threshold);
            let input = CreatePortfolioInput::new("p").governance(rules);
            portfolios.push(admin.create_portfolio(input).await.unwrap().portfolio);
        }
        let done = at_once(WORKERS, |number| {
            let mut worker = Worker::new(cluster.client(number), number, &intents, &portfolios);
            let server_clock = cluster.first().clock.clone();
            async move {
                let mut carried_out = 0;
                for turn in 0..TURNS {
                    match worker.turn().await {
                        Ok(()) => carried_out += 1,
                        Err(error) => assert_about_the_request(
                            &format!("turn {turn} of worker {number}"),
                            &error,
                        ),
                    }
                    if number == 0 {
                        // Leases end all the time.
                        server_clock.advance(std::time::Duration::from_millis(300));
                    }
                }
                carried_out
            }
        })
        .await;
        let carried_out: usize = done.iter().sum();
        assert!(
            carried_out > WORKERS * TURNS / 4,
            "only {carried_out} were carried out"
        );
        check_graph(&admin).await;
    }
}
