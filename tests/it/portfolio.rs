//! Portfolios: members, governance, ends, deadlines.

use std::time::Duration;

use openintent_client::{
    AddIntentToPortfolioInput, AggregateState, Client, CreateIntentInput, CreatePortfolioInput,
    DateTime, Error, ErrorCode, Event, EventFilter, EventsArgs, Id, Intent, IntentStatus, Maybe,
    Portfolio, PortfolioGovernanceInput, PortfolioRole, PortfolioStatus,
    RemoveIntentFromPortfolioInput, SetPortfolioStatusInput, SetStatusInput, UpdatePortfolioInput,
    Value, json,
};
use openintent_tests::{eventually, on_both, on_clusters};

use crate::act::{
    CROWD, assert_not_found, at_once, bring, complete, create, create_after, create_with, ids,
    invalid_path, now, object, refusal, step,
};

const DEADLINE: &str = "2026-01-01T01:00:00.000000Z";
const HOUR: Duration = Duration::from_secs(3_600);

fn rules() -> PortfolioGovernanceInput {
    PortfolioGovernanceInput::new()
}

async fn create_portfolio(client: &Client, rules: PortfolioGovernanceInput) -> Portfolio {
    let input = CreatePortfolioInput::new("p").governance(rules);
    client.create_portfolio(input).await.unwrap().portfolio
}

async fn add(
    client: &Client,
    portfolio: &Portfolio,
    intent: &Intent,
    role: PortfolioRole,
) -> Result<Portfolio, Error> {
    let input = AddIntentToPortfolioInput::new(&portfolio.id, &intent.id).role(role);
    client
        .add_intent_to_portfolio(input)
        .await
        .map(|payload| payload.portfolio)
}

/// A portfolio with so many members.
async fn with_members(
    client: &Client,
    rules: PortfolioGovernanceInput,
    count: usize,
) -> (Portfolio, Vec<Intent>) {
    let portfolio = create_portfolio(client, rules).await;
    let mut members = Vec::new();
    for number in 0..count {
        let member = create(client, &number.to_string()).await;
        add(client, &portfolio, &member, PortfolioRole::Member)
            .await
            .unwrap();
        members.push(member);
    }
    (portfolio, members)
}

async fn read(client: &Client, portfolio: &Portfolio) -> Portfolio {
    client.portfolio(&portfolio.id).await.unwrap().unwrap()
}

async fn end(
    client: &Client,
    portfolio: &Portfolio,
    to: PortfolioStatus,
) -> Result<Portfolio, Error> {
    let version = read(client, portfolio).await.version;
    let input = SetPortfolioStatusInput::new(&portfolio.id, version, to);
    client
        .set_portfolio_status(input)
        .await
        .map(|payload| payload.portfolio)
}

async fn portfolio_events(client: &Client, portfolio: &Portfolio, kind: &str) -> Vec<Event> {
    let filter = EventFilter::new().portfolio_id(&portfolio.id).types([kind]);
    client
        .events_stream(EventsArgs::new().filter(filter))
        .all()
        .await
        .unwrap()
}

fn blocking<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<Id> {
    let refused = refusal(result);
    refused
        .as_unmet_dependencies()
        .unwrap_or_else(|| panic!("{refused:?}"))
        .blocking_intents
        .clone()
}

async fn until_closed(client: &Client, portfolio: &Portfolio) -> Portfolio {
    eventually("the portfolio is closed", || async {
        read(client, portfolio).await.status != PortfolioStatus::Active
    })
    .await;
    read(client, portfolio).await
}

on_both! {
    async fn portfolio_keeps_its_fields_and_defaults(server: &Server) {
        let client = server.client("ana");
        let bare = client
            .create_portfolio(CreatePortfolioInput::new("bare"))
            .await
            .unwrap()
            .portfolio;
        assert_eq!(
            (bare.status.clone(), bare.version, bare.created_by.as_str()),
            (PortfolioStatus::Active, 1, "ana")
        );
        assert!(bare.governance.require_all_completed && !bare.governance.allow_partial_completion);
        assert_eq!(
            (
                bare.governance.auto_complete_threshold,
                &bare.governance.deadline
            ),
            (None, &None)
        );
        assert_eq!(bare.aggregate_state, AggregateState::InProgress);
        assert!(bare.id.as_str().starts_with("port_"));
        let input = CreatePortfolioInput::new("Launch")
            .description("all of it")
            .namespace("q1")
            .metadata(object(json!({ "board": 7 })))
            .governance(
                rules()
                    .shared_constraints(object(json!({ "region": "eu" })))
                    .deadline(DateTime::new(DEADLINE))
                    .auto_complete_threshold(80),
            );
        let full = client.create_portfolio(input).await.unwrap().portfolio;
        assert_eq!(full, read(&client, &full).await);
        assert_eq!(
            (full.description.as_deref(), full.namespace.as_deref()),
            (Some("all of it"), Some("q1"))
        );
        assert_eq!(full.metadata, object(json!({ "board": 7 })));
        assert_eq!(
            full.governance.shared_constraints,
            object(json!({ "region": "eu" }))
        );
        assert_eq!(
            full.governance.deadline.as_ref().unwrap().as_str(),
            DEADLINE
        );
        assert!(
            !full.governance.require_all_completed,
            "it completes by itself below 100 per cent"
        );
        let change = UpdatePortfolioInput::new(&full.id, 1)
            .name("Start")
            .namespace(Maybe::<String>::Null)
            .governance(
                rules()
                    .auto_complete_threshold(Maybe::<i64>::Null)
                    .deadline(Maybe::<DateTime>::Null),
            );
        let changed = client.update_portfolio(change).await.unwrap().portfolio;
        assert_eq!(
            (changed.name.as_str(), &changed.namespace, changed.version),
            ("Start", &None, 2)
        );
        assert_eq!(
            (
                changed.governance.auto_complete_threshold,
                &changed.governance.deadline
            ),
            (None, &None)
        );
        assert_eq!(
            changed.governance.shared_constraints,
            object(json!({ "region": "eu" }))
        );
        let stale = client
            .update_portfolio(UpdatePortfolioInput::new(&full.id, 1).name("lost"))
            .await;
        assert_eq!(
            refusal(stale)
                .as_version_conflict()
                .unwrap()
                .current_version,
            2
        );
    }

    async fn malformed_portfolios_are_refused_and_located(server: &Server) {
        let client = server.client("ana");
        let governed = |rules| CreatePortfolioInput::new("a").governance(rules);
        for (input, path) in [
            (CreatePortfolioInput::new(""), "name"),
            (CreatePortfolioInput::new("a\0"), "name"),
            (
                CreatePortfolioInput::new("a").description("\0"),
                "description",
            ),
            (CreatePortfolioInput::new("a").namespace(""), "namespace"),
            (
                CreatePortfolioInput::new("a").metadata(object(json!({ "\0": 1 }))),
                "metadata",
            ),
            (
                governed(rules().auto_complete_threshold(0)),
                "governance.autoCompleteThreshold",
            ),
            (
                governed(rules().auto_complete_threshold(101)),
                "governance.autoCompleteThreshold",
            ),
            (
                governed(rules().shared_constraints(object(json!({ "a": "\0" })))),
                "governance.sharedConstraints",
            ),
            (
                governed(
                    rules()
                        .require_all_completed(true)
                        .auto_complete_threshold(50),
                ),
                "governance",
            ),
        ] {
            let shown = format!("{input:?}");
            assert_eq!(
                invalid_path(client.create_portfolio(input).await),
                path,
                "{shown}"
            );
        }
        let portfolio = create_portfolio(&client, rules()).await;
        let nothing = client
            .update_portfolio(UpdatePortfolioInput::new(&portfolio.id, 1))
            .await;
        assert!(refusal(nothing).as_invalid_input().is_some());
        let change = UpdatePortfolioInput::new(&portfolio.id, 1)
            .governance(rules().auto_complete_threshold(50));
        assert_eq!(
            invalid_path(client.update_portfolio(change).await),
            "governance"
        );
        let intent = create(&client, "a").await;
        let urgent = AddIntentToPortfolioInput::new(&portfolio.id, &intent.id).priority(1_001);
        assert_eq!(
            invalid_path(client.add_intent_to_portfolio(urgent).await),
            "priority"
        );
        assert_eq!(read(&client, &portfolio).await, portfolio);
    }

    async fn members_have_roles_and_come_most_urgent_first(server: &Server) {
        let client = server.client("ana");
        let portfolio = create_portfolio(&client, rules()).await;
        for (title, role, priority) in [
            ("low", PortfolioRole::Member, 1),
            ("first of high", PortfolioRole::Dependency, 9),
            ("second of high", PortfolioRole::Member, 9),
            ("main", PortfolioRole::Primary, 0),
        ] {
            let intent = create(&client, title).await;
            let input = AddIntentToPortfolioInput::new(&portfolio.id, &intent.id)
                .role(role)
                .priority(priority);
            client.add_intent_to_portfolio(input).await.unwrap();
        }
        let listed = async |arguments: &str| {
            let selection = format!(
                "intents{arguments} {{ totalCount edges {{ role priority addedBy node {{ title }} }} }}"
            );
            let found: Value = client
                .portfolio(&portfolio.id)
                .select(selection)
                .await
                .unwrap();
            found["intents"].clone()
        };
        let all = listed("").await;
        let titles: Vec<_> = all["edges"]
            .as_array()
            .unwrap()
            .iter()
            .map(|edge| edge["node"]["title"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(titles, ["first of high", "second of high", "low", "main"]);
        assert_eq!(all["totalCount"], 4);
        assert_eq!(all["edges"][0]["role"], "DEPENDENCY");
        assert_eq!(all["edges"][0]["addedBy"], "ana");
        let members = listed("(role: MEMBER)").await;
        assert_eq!(members["totalCount"], 2);
        assert_eq!(read(&client, &portfolio).await.version, 5);
        assert_eq!(
            portfolio_events(&client, &portfolio, "portfolio.member_added")
                .await
                .len(),
            4
        );
    }

    async fn there_is_one_primary_at_most(server: &Server) {
        let client = server.client("ana");
        let (portfolio, members) = with_members(&client, rules(), 2).await;
        add(&client, &portfolio, &members[0], PortfolioRole::Primary)
            .await
            .unwrap();
        add(&client, &portfolio, &members[0], PortfolioRole::Primary)
            .await
            .unwrap();
        let refused = refusal(add(&client, &portfolio, &members[1], PortfolioRole::Primary).await);
        assert_eq!(refused.code(), &ErrorCode::AlreadyExists);
        add(&client, &portfolio, &members[0], PortfolioRole::Dependency)
            .await
            .unwrap();
        add(&client, &portfolio, &members[1], PortfolioRole::Primary)
            .await
            .unwrap();
        let member = now(&client, &members[1]).await;
        assert_eq!(member.portfolios[0].role, PortfolioRole::Primary);
        assert_eq!(member.portfolios[0].portfolio.id, portfolio.id);
    }

    async fn members_come_and_go(server: &Server) {
        let client = server.client("ana");
        let (portfolio, members) = with_members(&client, rules(), 1).await;
        let remove = |intent: &str| {
            client.remove_intent_from_portfolio(RemoveIntentFromPortfolioInput::new(
                &portfolio.id,
                intent,
            ))
        };
        remove(members[0].id.as_str()).await.unwrap();
        assert_not_found(remove(members[0].id.as_str()).await, members[0].id.as_str());
        assert_not_found(remove("nonsense").await, "nonsense");
        assert!(now(&client, &members[0]).await.portfolios.is_empty());
        let missing = AddIntentToPortfolioInput::new(&portfolio.id, "nonsense");
        assert_not_found(client.add_intent_to_portfolio(missing).await, "nonsense");
        let missing = AddIntentToPortfolioInput::new("nonsense", &members[0].id);
        assert_not_found(client.add_intent_to_portfolio(missing).await, "nonsense");
        assert_eq!(
            portfolio_events(&client, &portfolio, "portfolio.member_removed")
                .await
                .len(),
            1
        );
    }

    async fn aggregate_shows_what_the_members_make_together(server: &Server) {
        let client = server.client("ana");
        let (portfolio, members) =
            with_members(&client, rules().require_all_completed(true), 3).await;
        let waiting = create_after(&client, "waiting", &[&members[0]]).await;
        add(&client, &portfolio, &waiting, PortfolioRole::Member)
            .await
            .unwrap();
        let before = read(&client, &portfolio).await;
        assert_eq!(
            (before.aggregate_state, before.aggregate_status.total),
            (AggregateState::InProgress, 4)
        );
        assert_eq!(before.aggregate_status.blocking_intents, ids([&members[0]]));
        assert_eq!(before.aggregate_status.ready_intents, ids(&members));
        bring(&client, &members[1], IntentStatus::SuspendedAwaitingInput).await;
        let suspended = read(&client, &portfolio).await;
        assert!(suspended.has_suspended_members);
        assert_eq!(suspended.suspended_member_count, 1);
        assert_eq!(suspended.aggregate_state, AggregateState::InProgress);
        bring(&client, &members[2], IntentStatus::Failed).await;
        assert_eq!(
            read(&client, &portfolio).await.aggregate_state,
            AggregateState::Failed
        );
        step(&client, &members[2], IntentStatus::Active)
            .await
            .unwrap();
        step(&client, &members[1], IntentStatus::Active)
            .await
            .unwrap();
        for intent in members.iter().chain([&waiting]) {
            complete(&client, intent).await;
        }
        let after = read(&client, &portfolio).await;
        assert_eq!(
            (
                after.aggregate_state,
                after.aggregate_status.completion_percentage
            ),
            (AggregateState::Completed, 100)
        );
        assert_eq!(
            after.status,
            PortfolioStatus::Active,
            "nobody said that it completes by itself"
        );
    }

    async fn suspended_and_resumed_members_are_told_of(server: &Server) {
        let client = server.client("ana");
        let (portfolio, members) = with_members(&client, rules(), 2).await;
        bring(&client, &members[0], IntentStatus::SuspendedAwaitingInput).await;
        step(&client, &members[0], IntentStatus::Active)
            .await
            .unwrap();
        bring(&client, &members[1], IntentStatus::SuspendedAwaitingInput).await;
        step(&client, &members[1], IntentStatus::Abandoned)
            .await
            .unwrap();
        let suspended = portfolio_events(&client, &portfolio, "portfolio.member_suspended").await;
        assert_eq!(suspended.len(), 2);
        assert_eq!(suspended[0].payload["intent_id"], members[0].id.as_str());
        assert_eq!(suspended[0].portfolio_id.as_ref(), Some(&portfolio.id));
        let resumed = portfolio_events(&client, &portfolio, "portfolio.member_resumed").await;
        assert_eq!(resumed[0].payload["intent_id"], members[0].id.as_str());
    }

    async fn completion_by_hand_follows_the_governance(server: &Server) {
        use IntentStatus::{Abandoned, Active, Completed, Failed};
        let client = server.client("ana");
        // require all, allow partial, the members' statuses, which of them block
        for (all, partial, statuses, blocks) in [
            (true, false, vec![Completed, Completed], vec![]),
            (true, false, vec![Completed, Active], vec![1]),
            (true, false, vec![Failed, Abandoned, Active], vec![0, 1, 2]),
            (true, true, vec![Completed, Failed, Abandoned], vec![]),
            (true, true, vec![Completed, Failed, Active], vec![2]),
            (false, false, vec![Completed, Active], vec![]),
            (false, false, vec![Completed, Failed, Active], vec![1]),
            (false, true, vec![Failed, Abandoned, Active], vec![]),
        ] {
            let governance = rules()
                .require_all_completed(all)
                .allow_partial_completion(partial);
            let (portfolio, members) = with_members(&client, governance, statuses.len()).await;
            for (member, status) in members.iter().zip(&statuses) {
                bring(&client, member, status.clone()).await;
            }
            let ended = end(&client, &portfolio, PortfolioStatus::Completed).await;
            if blocks.is_empty() {
                assert_eq!(
                    ended.unwrap().status,
                    PortfolioStatus::Completed,
                    "{all} {partial} {statuses:?}"
                );
            } else {
                let expected: Vec<Id> = blocks
                    .iter()
                    .map(|&member: &usize| members[member].id.clone())
                    .collect();
                assert_eq!(blocking(ended), expected, "{all} {partial} {statuses:?}");
            }
        }
    }

    async fn closed_portfolios_change_no_more(server: &Server) {
        let client = server.client("ana");
        for to in [PortfolioStatus::Completed, PortfolioStatus::Abandoned] {
            let (portfolio, members) =
                with_members(&client, rules().require_all_completed(false), 1).await;
            let closed = end(&client, &portfolio, to.clone()).await.unwrap();
            assert_eq!(
                now(&client, &members[0]).await.status,
                IntentStatus::Active,
                "members stay as they are"
            );
            let removal = RemoveIntentFromPortfolioInput::new(&portfolio.id, &members[0].id);
            for refused in [
                refusal(
                    client
                        .update_portfolio(
                            UpdatePortfolioInput::new(&portfolio.id, closed.version).name("b"),
                        )
                        .await,
                ),
                refusal(add(&client, &portfolio, &members[0], PortfolioRole::Primary).await),
                refusal(client.remove_intent_from_portfolio(removal).await),
            ] {
                let refused = refused.as_closed().unwrap();
                assert_eq!(
                    (&refused.id, &refused.code),
                    (&portfolio.id, &ErrorCode::PortfolioClosed)
                );
                assert_eq!(refused.status, to.as_str().to_lowercase());
            }
            for next in [
                PortfolioStatus::Active,
                PortfolioStatus::Completed,
                PortfolioStatus::Abandoned,
            ] {
                let refused = refusal(end(&client, &portfolio, next).await);
                assert!(refused.as_invalid_transition().unwrap().allowed.is_empty());
            }
            complete(&client, &members[0]).await;
            assert_eq!(read(&client, &portfolio).await.version, closed.version);
        }
        let portfolio = create_portfolio(&client, rules()).await;
        let refused = refusal(end(&client, &portfolio, PortfolioStatus::Active).await);
        assert_eq!(
            refused.as_invalid_transition().unwrap().allowed,
            ["completed", "abandoned"]
        );
        let stale = SetPortfolioStatusInput::new(&portfolio.id, 9, PortfolioStatus::Abandoned);
        assert_eq!(
            refusal(client.set_portfolio_status(stale).await)
                .as_version_conflict()
                .unwrap()
                .current_version,
            1
        );
    }

    async fn portfolio_completes_by_itself_at_its_threshold(server: &Server) {
        let client = server.client("ana");
        let (portfolio, members) =
            with_members(&client, rules().auto_complete_threshold(60), 5).await;
        complete(&client, &members[0]).await;
        complete(&client, &members[1]).await;
        assert_eq!(
            read(&client, &portfolio).await.status,
            PortfolioStatus::Active,
            "40 per cent"
        );
        complete(&client, &members[2]).await;
        assert_eq!(
            read(&client, &portfolio).await.status,
            PortfolioStatus::Completed,
            "60 per cent"
        );
        assert_eq!(now(&client, &members[3]).await.status, IntentStatus::Active);
        let moved = portfolio_events(&client, &portfolio, "portfolio.status_changed").await;
        assert_eq!(moved.len(), 1);
        assert_eq!(moved[0].payload["to"], "completed");
    }

    async fn failed_member_keeps_it_from_completing_by_itself_unless_partial(server: &Server) {
        let client = server.client("ana");
        for partial in [false, true] {
            let governance = rules()
                .auto_complete_threshold(50)
                .allow_partial_completion(partial);
            let (portfolio, members) = with_members(&client, governance, 2).await;
            bring(&client, &members[0], IntentStatus::Failed).await;
            complete(&client, &members[1]).await;
            let expected = if partial {
                PortfolioStatus::Completed
            } else {
                PortfolioStatus::Active
            };
            assert_eq!(read(&client, &portfolio).await.status, expected);
        }
    }

    async fn new_rules_and_leaving_members_take_effect_at_once(server: &Server) {
        let client = server.client("ana");
        let (portfolio, members) =
            with_members(&client, rules().require_all_completed(false), 2).await;
        complete(&client, &members[0]).await;
        let version = read(&client, &portfolio).await.version;
        let change = UpdatePortfolioInput::new(&portfolio.id, version)
            .governance(rules().auto_complete_threshold(50));
        assert_eq!(
            client
                .update_portfolio(change)
                .await
                .unwrap()
                .portfolio
                .status,
            PortfolioStatus::Completed
        );
        let (portfolio, members) =
            with_members(&client, rules().auto_complete_threshold(100), 2).await;
        complete(&client, &members[0]).await;
        let removal = RemoveIntentFromPortfolioInput::new(&portfolio.id, &members[1].id);
        let left = client
            .remove_intent_from_portfolio(removal)
            .await
            .unwrap()
            .portfolio;
        assert_eq!(left.status, PortfolioStatus::Completed);
    }

    async fn members_inherit_shared_constraints(server: &Server) {
        let client = server.client("ana");
        let own = object(json!({ "region": "us", "own": 1 }));
        let intent = create_with(
            &client,
            CreateIntentInput::new("a").constraints(own.clone()),
        )
        .await;
        let older = create_portfolio(
            &client,
            rules().shared_constraints(object(
                json!({ "region": "eu", "audit": true, "who": "older" }),
            )),
        )
        .await;
        let newer = create_portfolio(
            &client,
            rules().shared_constraints(object(json!({ "who": "newer", "more": 2 }))),
        )
        .await;
        add(&client, &newer, &intent, PortfolioRole::Member)
            .await
            .unwrap();
        add(&client, &older, &intent, PortfolioRole::Member)
            .await
            .unwrap();
        let seen = now(&client, &intent).await;
        assert_eq!(seen.constraints, own);
        assert_eq!(
            seen.effective_constraints,
            object(json!({ "region": "us", "own": 1, "audit": true, "who": "older", "more": 2 }))
        );
    }

    async fn deadline_abandons_suspended_members_and_the_portfolio(server: &Server) {
        let client = server.client("ana");
        let (portfolio, members) =
            with_members(&client, rules().deadline(DateTime::new(DEADLINE)), 3).await;
        let waiting = create_after(&client, "waiting", &[&members[0]]).await;
        bring(&client, &members[0], IntentStatus::SuspendedAwaitingInput).await;
        complete(&client, &members[1]).await;
        let outside = bring(
            &client,
            &create(&client, "outside").await,
            IntentStatus::SuspendedAwaitingInput,
        )
        .await;
        server.advance(HOUR - Duration::from_micros(1));
        assert_eq!(
            read(&client, &portfolio).await.status,
            PortfolioStatus::Active
        );
        server.advance(Duration::from_micros(1));
        let closed = until_closed(&client, &portfolio).await;
        assert_eq!(closed.status, PortfolioStatus::Abandoned);
        assert_eq!(
            closed.status_reason.as_deref(),
            Some("portfolio_deadline_exceeded")
        );
        let abandoned = now(&client, &members[0]).await;
        assert_eq!(abandoned.status, IntentStatus::Abandoned);
        assert_eq!(
            abandoned.status_reason.as_deref(),
            Some("portfolio_deadline_exceeded")
        );
        assert_eq!(
            now(&client, &members[1]).await.status,
            IntentStatus::Completed
        );
        assert_eq!(
            now(&client, &members[2]).await.status,
            IntentStatus::Active,
            "somebody works on it"
        );
        assert_eq!(now(&client, &outside).await, outside);
        assert_eq!(now(&client, &waiting).await.status, IntentStatus::Blocked);
        assert_eq!(
            portfolio_events(&client, &portfolio, "portfolio.deadline_exceeded")
                .await
                .len(),
            1
        );
    }

    async fn deadline_completes_a_portfolio_that_may(server: &Server) {
        let client = server.client("ana");
        let governance = rules()
            .deadline(DateTime::new(DEADLINE))
            .allow_partial_completion(true);
        let (portfolio, members) = with_members(&client, governance, 2).await;
        bring(&client, &members[0], IntentStatus::SuspendedAwaitingInput).await;
        complete(&client, &members[1]).await;
        server.advance(HOUR);
        assert_eq!(
            until_closed(&client, &portfolio).await.status,
            PortfolioStatus::Completed
        );
        assert_eq!(
            now(&client, &members[0]).await.status,
            IntentStatus::Abandoned
        );
    }

    async fn moved_deadline_counts_and_a_removed_one_does_not(server: &Server) {
        let client = server.client("ana");
        let moved = create_portfolio(&client, rules().deadline(DateTime::new(DEADLINE))).await;
        let removed = create_portfolio(&client, rules().deadline(DateTime::new(DEADLINE))).await;
        let later = rules().deadline(DateTime::new("2026-01-01T02:00:00Z"));
        client
            .update_portfolio(UpdatePortfolioInput::new(&moved.id, 1).governance(later))
            .await
            .unwrap();
        let never = rules().deadline(Maybe::<DateTime>::Null);
        client
            .update_portfolio(UpdatePortfolioInput::new(&removed.id, 1).governance(never))
            .await
            .unwrap();
        let witness = create_portfolio(&client, rules().deadline(DateTime::new(DEADLINE))).await;
        server.advance(HOUR);
        until_closed(&client, &witness).await;
        assert_eq!(read(&client, &moved).await.status, PortfolioStatus::Active);
        server.advance(HOUR);
        until_closed(&client, &moved).await;
        assert_eq!(
            read(&client, &removed).await.status,
            PortfolioStatus::Active
        );
    }
}

on_clusters! {
    async fn members_that_complete_in_parallel_complete_the_portfolio_exactly_once(
        cluster: &Cluster,
    ) {
        let admin = cluster.first().client("admin");
        for (count, threshold) in [(2, 100), (2, 100), (2, 100), (8, 50), (CROWD, 100)] {
            let (portfolio, members) =
                with_members(&admin, rules().auto_complete_threshold(threshold), count).await;
            let before = read(&admin, &portfolio).await;
            let results = at_once(count, |number| {
                cluster.client(number).set_status(SetStatusInput::new(
                    &members[number].id,
                    1,
                    IntentStatus::Completed,
                ))
            })
            .await;
            for result in results {
                result.unwrap();
            }
            let after = read(&admin, &portfolio).await;
            assert_eq!(
                (after.status, after.version),
                (PortfolioStatus::Completed, before.version + 1)
            );
            assert_eq!(
                portfolio_events(&admin, &portfolio, "portfolio.status_changed")
                    .await
                    .len(),
                1
            );
        }
    }

    async fn of_many_primaries_one_wins(cluster: &Cluster) {
        let admin = cluster.first().client("admin");
        let (portfolio, members) = with_members(&admin, rules(), 8).await;
        let results = at_once(8, |number| {
            let input = AddIntentToPortfolioInput::new(&portfolio.id, &members[number].id)
                .role(PortfolioRole::Primary);
            cluster.client(number).add_intent_to_portfolio(input)
        })
        .await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        for refused in results.into_iter().filter(Result::is_err) {
            assert!(refusal(refused).as_already_exists().is_some());
        }
        assert_eq!(read(&admin, &portfolio).await.version, 10);
    }
}
