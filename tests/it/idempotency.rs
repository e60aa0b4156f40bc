//! Idempotency keys: a repeated mutation has one effect and one answer.

use std::time::Duration;

use openintent_client::{
    AcquireLeaseInput, CreateIntentInput, CreatePortfolioInput, IntentStatus, IntentsArgs,
    LogEventInput, PatchStateInput, ReleaseLeaseInput, SetStatusInput, UpdateIntentInput, json,
};
use openintent_server::auth::Role;
use openintent_tests::{eventually, on_both, on_clusters};

use crate::act::{at_once, create, events, now, object, refusal, set};

const REPEATS: usize = 16;

on_both! {
    async fn repeated_mutation_gives_the_first_answer_again(server: &Server) {
        let client = server.client("ana");
        let input = CreateIntentInput::new("a")
            .idempotency_key("k1")
            .state(object(json!({ "b": 1, "a": 2 })));
        let first = client.create_intent(input.clone()).await.unwrap();
        server.advance(Duration::from_secs(60));
        let again = client.create_intent(input).await.unwrap();
        assert_eq!(first.intent, again.intent);
        assert_eq!(first.cursor, again.cursor);
        // The same input written another way is the same input.
        let reordered = CreateIntentInput::new("a")
            .idempotency_key("k1")
            .state(object(json!({ "a": 2, "b": 1 })));
        assert_eq!(
            client.create_intent(reordered).await.unwrap().intent.id,
            first.intent.id
        );
        assert_eq!(
            client
                .intents(IntentsArgs::new())
                .await
                .unwrap()
                .nodes
                .len(),
            1
        );

        let intent = first.intent;
        let patch = PatchStateInput::new(&intent.id, 1, [set("/x", 1)]).idempotency_key("k2");
        let patched = client.patch_state(patch.clone()).await.unwrap().intent;
        client
            .patch_state(PatchStateInput::new(&intent.id, 2, [set("/x", 2)]))
            .await
            .unwrap();
        let again = client.patch_state(patch).await.unwrap().intent;
        assert_eq!(
            (again.version, &again.state["x"]),
            (patched.version, &json!(1)),
            "the first answer, not today's"
        );
        assert_eq!(now(&client, &intent).await.state["x"], 2);

        let log = LogEventInput::new(&intent.id, "comment").idempotency_key("k3");
        let event = client.log_event(log.clone()).await.unwrap().event;
        assert_eq!(client.log_event(log).await.unwrap().event, event);

        let lease = AcquireLeaseInput::new(&intent.id, "x").idempotency_key("k4");
        let first = client.acquire_lease(lease.clone()).await.unwrap().lease;
        assert_eq!(client.acquire_lease(lease).await.unwrap().lease, first);
        let release = ReleaseLeaseInput::new(&first.id).idempotency_key("k5");
        client.release_lease(release.clone()).await.unwrap();
        client.release_lease(release).await.unwrap();

        let portfolio = CreatePortfolioInput::new("p").idempotency_key("k6");
        let first = client
            .create_portfolio(portfolio.clone())
            .await
            .unwrap()
            .portfolio;
        assert_eq!(
            client.create_portfolio(portfolio).await.unwrap().portfolio,
            first
        );
    }

    async fn key_means_one_operation_with_one_input(server: &Server) {
        let client = server.client("ana");
        let input = CreateIntentInput::new("a").idempotency_key("k");
        let intent = client.create_intent(input.clone()).await.unwrap().intent;
        let mismatches = [
            refusal(
                client
                    .create_intent(CreateIntentInput::new("b").idempotency_key("k"))
                    .await,
            ),
            refusal(client.create_intent(input.clone().draft(true)).await),
            refusal(
                client
                    .create_portfolio(CreatePortfolioInput::new("a").idempotency_key("k"))
                    .await,
            ),
            refusal(
                client
                    .update_intent(
                        UpdateIntentInput::new(&intent.id, 1)
                            .title("b")
                            .idempotency_key("k"),
                    )
                    .await,
            ),
        ];
        for refused in mismatches {
            assert!(refused.as_idempotency_mismatch().is_some(), "{refused:?}");
        }
        assert_eq!(now(&client, &intent).await, intent);
        assert_eq!(client.create_intent(input).await.unwrap().intent, intent);
    }

    async fn refused_mutation_leaves_its_key_free(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        let patch = |version: i64| {
            PatchStateInput::new(&intent.id, version, [set("/x", 1)]).idempotency_key("k")
        };
        assert!(
            refusal(client.patch_state(patch(7)).await)
                .as_version_conflict()
                .is_some()
        );
        client.patch_state(patch(1)).await.unwrap();
    }

    async fn keys_belong_to_an_api_key(server: &Server) {
        let input = CreateIntentInput::new("a").idempotency_key("k");
        let mut made = Vec::new();
        for name in ["ana", "bob"] {
            let client = server.client_with_role(Role::Agent, name).await;
            made.push(client.create_intent(input.clone()).await.unwrap().intent);
        }
        assert_ne!(made[0].id, made[1].id);
        assert_eq!(made[1].created_by, "bob");
    }

    async fn malformed_keys_are_refused(server: &Server) {
        let client = server.client("ana");
        for key in ["", "a\0b", &"k".repeat(256)] {
            let result = client
                .create_intent(CreateIntentInput::new("a").idempotency_key(key))
                .await;
            assert_eq!(crate::act::invalid_path(result), "idempotencyKey");
        }
        let longest = CreateIntentInput::new("a").idempotency_key("k".repeat(255));
        client.create_intent(longest).await.unwrap();
    }

    async fn keys_are_forgotten_after_a_day_and_not_before(server: &Server) {
        let client = server.client("ana");
        let input = |title: &str| CreateIntentInput::new(title).idempotency_key("k");
        let first = client.create_intent(input("a")).await.unwrap().intent;
        server.advance(Duration::from_secs(24 * 3_600 - 1));
        assert_eq!(
            client.create_intent(input("a")).await.unwrap().intent.id,
            first.id
        );
        eventually("the key is forgotten", || async {
            server.advance(Duration::from_secs(3_600));
            client.create_intent(input("b")).await.is_ok()
        })
        .await;
        assert_eq!(
            client
                .intents(IntentsArgs::new())
                .await
                .unwrap()
                .nodes
                .len(),
            2
        );
    }
}

on_clusters! {
    async fn parallel_repeats_have_one_effect_and_one_answer(cluster: &Cluster) {
        let admin = cluster.first().client("admin");
        for round in 0..4 {
            let results = at_once(REPEATS, |number| {
                let input = CreateIntentInput::new("a").idempotency_key(format!("create {round}"));
                cluster.client_as(number, "ana").create_intent(input)
            })
            .await;
            let made: Vec<_> = results
                .into_iter()
                .map(|result| result.unwrap().intent)
                .collect();
            assert!(made.iter().all(|intent| *intent == made[0]));
            let intent = &made[0];
            let results = at_once(REPEATS, |number| {
                let input = PatchStateInput::new(&intent.id, 1, [set("/x", 1)])
                    .idempotency_key(format!("patch {round}"));
                cluster.client_as(number, "ana").patch_state(input)
            })
            .await;
            for result in results {
                assert_eq!(result.unwrap().intent.version, 2);
            }
            assert_eq!(events(&admin, intent, &["state_patched"]).await.len(), 1);
            let results = at_once(REPEATS, |number| {
                let input = SetStatusInput::new(&intent.id, 2, IntentStatus::Completed)
                    .idempotency_key(format!("done {round}"));
                cluster.client_as(number, "ana").set_status(input)
            })
            .await;
            assert!(
                results
                    .iter()
                    .all(|result| result.as_ref().unwrap().intent.version == 3)
            );
        }
        assert_eq!(
            admin.intents(IntentsArgs::new()).await.unwrap().nodes.len(),
            4
        );
    }
}
