//! Leases: one holder per scope, exact ends, growing fencing tokens.

use std::time::Duration;

use openintent_client::{
    AcquireLeaseInput, Client, Error, ErrorCode, Intent, IntentStatus, Lease, LeaseFilter,
    LeaseStatus, LeasesArgs, MergePatch, PatchStateInput, ReleaseLeaseInput, RenewLeaseInput,
    RevokeLeaseInput, SetPatch, StatePatch, json,
};
use openintent_server::auth::Role;
use openintent_tests::{Server, eventually, on_both, on_clusters};

use crate::act::{
    CROWD, acquire, assert_not_found, at_once, bring, create, events, invalid_path, now, object,
    patch, refusal, set,
};

const SECOND: Duration = Duration::from_secs(1);
const MICROSECOND: Duration = Duration::from_micros(1);

async fn acquire_for(client: &Client, intent: &Intent, scope: &str, seconds: i64) -> Lease {
    let input = AcquireLeaseInput::new(&intent.id, scope).duration_seconds(seconds);
    client.acquire_lease(input).await.unwrap().lease
}

async fn status(client: &Client, lease: &Lease) -> LeaseStatus {
    client.lease(&lease.id).await.unwrap().unwrap().status
}

async fn patch_with_token(
    client: &Client,
    intent: &Intent,
    path: &str,
    token: i64,
) -> Result<Intent, Error> {
    let version = now(client, intent).await.version;
    let patches = [set(path, 1)];
    let input = PatchStateInput::new(&intent.id, version, patches).fencing_token(token);
    client
        .patch_state(input)
        .await
        .map(|payload| payload.intent)
}

async fn until_recorded(client: &Client, intent: &Intent, count: usize) {
    eventually("the end of the lease is recorded", || async {
        events(client, intent, &["lease_expired"]).await.len() == count
    })
    .await;
}

on_both! {
    async fn lease_excludes_others_and_says_who_holds_it_until_when(server: &Server) {
        let (ana, bob) = (server.client("ana"), server.client("bob"));
        let intent = create(&ana, "a").await;
        let lease = acquire(&ana, &intent, "draft").await.unwrap();
        assert_eq!(
            (lease.agent_id.as_str(), lease.scope.as_str()),
            ("ana", "draft")
        );
        assert_eq!(
            (lease.status.clone(), lease.duration_seconds),
            (LeaseStatus::Active, 300)
        );
        assert_eq!(lease.expires_at.as_str(), "2026-01-01T00:05:00.000000Z");
        assert_eq!((lease.fencing_token, lease.version), (1, 1));
        assert_eq!(lease.intent.id, intent.id);
        for client in [&bob, &ana] {
            let refused = refusal(acquire(client, &intent, "draft").await);
            let held = refused.as_lease_held().unwrap();
            assert_eq!((&held.lease_id, held.scope.as_str()), (&lease.id, "draft"));
            assert_eq!(
                (held.holder.as_str(), &held.expires_at),
                ("ana", &lease.expires_at)
            );
        }
        acquire(&bob, &intent, "other scope").await.unwrap();
        let elsewhere = create(&ana, "b").await;
        acquire(&bob, &elsewhere, "draft").await.unwrap();
        let log = events(&ana, &intent, &["lease_acquired"]).await;
        assert_eq!(log.len(), 2);
        assert_eq!(log[0].payload["fencing_token"], 1);
        assert_eq!(log[0].payload["agent_id"], "ana");
    }

    async fn fencing_tokens_grow_per_scope(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        for turn in 1..=3 {
            let lease = acquire(&client, &intent, "x").await.unwrap();
            assert_eq!(lease.fencing_token, turn);
            client
                .release_lease(ReleaseLeaseInput::new(&lease.id))
                .await
                .unwrap();
        }
        acquire_for(&client, &intent, "x", 1).await;
        server.advance(SECOND);
        assert_eq!(
            acquire(&client, &intent, "x").await.unwrap().fencing_token,
            5
        );
        assert_eq!(
            acquire(&client, &intent, "y").await.unwrap().fencing_token,
            1
        );
    }

    async fn leased_scope_is_written_by_its_holder_alone(server: &Server) {
        let (ana, bob) = (server.client("ana"), server.client("bob"));
        let intent = create(&ana, "a").await;
        let lease = acquire(&ana, &intent, "draft").await.unwrap();
        let whole: StatePatch = SetPatch::new("").value(json!({ "free": 1 })).into();
        let merged: StatePatch =
            MergePatch::new("", object(json!({ "free": 1, "draft": 2 }))).into();
        for patches in [
            vec![set("/draft", 1)],
            vec![set("draft", 1)],
            vec![set("/draft/deep/1", 1)],
            vec![set("/free", 1), set("/draft", 1)],
            vec![merged],
            vec![whole.clone()],
        ] {
            let shown = format!("{patches:?}");
            let refused = refusal(patch(&bob, &intent, patches).await);
            let held = refused
                .as_lease_held()
                .unwrap_or_else(|| panic!("{shown}: {refused:?}"));
            assert_eq!(
                (held.holder.as_str(), &held.lease_id),
                ("ana", &lease.id),
                "{shown}"
            );
        }
        assert_eq!(now(&ana, &intent).await, now(&bob, &intent).await);
        patch(
            &bob,
            &intent,
            [set("/free", 1), set("/drafts", 1), set("/deep/draft", 1)],
        )
        .await
        .unwrap();
        let free: StatePatch = MergePatch::new("", object(json!({ "free": 2 }))).into();
        patch(&bob, &intent, [free]).await.unwrap();
        patch(&ana, &intent, [set("/draft/x", 1)]).await.unwrap();
        patch(&ana, &intent, [whole]).await.unwrap();
        acquire(&bob, &intent, "second").await.unwrap();
        let refused = refusal(patch(&ana, &intent, [set("", json!({}))]).await);
        assert_eq!(
            refused.as_lease_held().unwrap().holder,
            "bob",
            "the whole state touches all scopes"
        );
    }

    async fn stale_fencing_token_is_refused(server: &Server) {
        let (ana, bob) = (server.client("ana"), server.client("bob"));
        let intent = create(&ana, "a").await;
        let first = acquire_for(&ana, &intent, "x", 1).await;
        patch_with_token(&ana, &intent, "/x", first.fencing_token)
            .await
            .unwrap();
        server.advance(SECOND);
        let refused = refusal(patch_with_token(&ana, &intent, "/x", first.fencing_token).await);
        let stale = refused.as_stale_fencing_token().unwrap();
        assert_eq!((stale.given, stale.current), (1, None), "the lease is over");
        let second = acquire(&ana, &intent, "x").await.unwrap();
        let refused = refusal(patch_with_token(&ana, &intent, "/x", first.fencing_token).await);
        let stale = refused.as_stale_fencing_token().unwrap();
        assert_eq!((stale.given, stale.current), (1, Some(2)));
        patch_with_token(&ana, &intent, "/x", second.fencing_token)
            .await
            .unwrap();
        let refused = refusal(patch_with_token(&ana, &intent, "/y", second.fencing_token).await);
        assert!(
            refused.as_stale_fencing_token().is_some(),
            "the token is of another scope"
        );
        let refused = refusal(patch_with_token(&bob, &intent, "/x", second.fencing_token).await);
        assert!(
            refused.as_lease_held().is_some(),
            "a token does not make a holder"
        );
    }

    async fn lease_ends_at_the_very_moment_and_not_before(server: &Server) {
        let (ana, bob) = (server.client("ana"), server.client("bob"));
        let intent = create(&ana, "a").await;
        let lease = acquire_for(&ana, &intent, "x", 10).await;
        server.advance(10 * SECOND - MICROSECOND);
        assert_eq!(status(&ana, &lease).await, LeaseStatus::Active);
        assert!(
            refusal(acquire(&bob, &intent, "x").await)
                .as_lease_held()
                .is_some()
        );
        assert!(
            refusal(patch(&bob, &intent, [set("/x", 1)]).await)
                .as_lease_held()
                .is_some()
        );
        server.advance(MICROSECOND);
        assert_eq!(status(&ana, &lease).await, LeaseStatus::Expired);
        let refused = refusal(client_renew(&ana, &lease).await);
        let over = refused.as_lease_not_active().unwrap();
        assert_eq!(
            (over.status.as_str(), over.holder.as_deref()),
            ("expired", None)
        );
        patch(&bob, &intent, [set("/x", 1)]).await.unwrap();
        acquire(&bob, &intent, "x").await.unwrap();
    }

    async fn expiry_is_recorded_exactly_once_by_the_server(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        let lease = acquire_for(&client, &intent, "x", 10).await;
        server.advance(11 * SECOND);
        until_recorded(&client, &intent, 1).await;
        let log = events(&client, &intent, &["lease_expired"]).await;
        assert_eq!(log[0].payload["lease_id"], lease.id.as_str());
        assert_eq!(log[0].actor, "system");
        let ended = client.lease(&lease.id).await.unwrap().unwrap();
        assert_eq!(ended.status, LeaseStatus::Expired);
        assert_eq!(
            ended.released_at,
            Some(lease.expires_at),
            "it ended when it was due"
        );
        server.advance(100 * SECOND);
        acquire(&client, &intent, "y").await.unwrap();
        server.advance(300 * SECOND);
        until_recorded(&client, &intent, 2).await;
    }

    async fn expiry_before_a_new_acquisition_is_recorded_before_it(server: &Server) {
        let (ana, bob) = (server.client("ana"), server.client("bob"));
        let intent = create(&ana, "a").await;
        acquire_for(&ana, &intent, "x", 1).await;
        server.advance(SECOND);
        acquire(&bob, &intent, "x").await.unwrap();
        let log = events(&ana, &intent, &["lease_*"]).await;
        let types: Vec<_> = log.iter().map(|event| event.r#type.as_str()).collect();
        assert_eq!(types, ["lease_acquired", "lease_expired", "lease_acquired"]);
    }

    async fn renewal_prolongs_from_now(server: &Server) {
        let (ana, bob) = (server.client("ana"), server.client("bob"));
        let intent = create(&ana, "a").await;
        let lease = acquire_for(&ana, &intent, "x", 10).await;
        server.advance(9 * SECOND);
        let renewed = client_renew(&ana, &lease).await.unwrap();
        assert_eq!(renewed.expires_at.as_str(), "2026-01-01T00:00:19.000000Z");
        assert_eq!((renewed.fencing_token, renewed.version), (1, 2));
        server.advance(9 * SECOND);
        assert!(
            refusal(acquire(&bob, &intent, "x").await)
                .as_lease_held()
                .is_some()
        );
        let input = RenewLeaseInput::new(&lease.id).duration_seconds(60);
        let renewed = ana.renew_lease(input).await.unwrap().lease;
        assert_eq!(
            (renewed.duration_seconds, renewed.expires_at.as_str()),
            (60, "2026-01-01T00:01:18.000000Z")
        );
        assert!(
            refusal(client_renew(&bob, &lease).await)
                .as_forbidden()
                .is_some()
        );
        assert!(events(&ana, &intent, &["lease_expired"]).await.is_empty());
        server.advance(60 * SECOND);
        until_recorded(&ana, &intent, 1).await;
    }

    async fn renewal_works_while_the_intent_is_suspended(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        let lease = acquire(&client, &intent, "x").await.unwrap();
        bring(&client, &intent, IntentStatus::SuspendedAwaitingInput).await;
        server.advance(SECOND);
        assert_eq!(client_renew(&client, &lease).await.unwrap().version, 2);
    }

    async fn expired_lease_cannot_be_renewed_against_a_new_holder(server: &Server) {
        let (ana, bob) = (server.client("ana"), server.client("bob"));
        let intent = create(&ana, "a").await;
        let lease = acquire_for(&ana, &intent, "x", 1).await;
        server.advance(SECOND);
        let new = acquire(&bob, &intent, "x").await.unwrap();
        let refused = refusal(client_renew(&ana, &lease).await);
        let over = refused.as_lease_not_active().unwrap();
        assert_eq!(over.lease_id, lease.id);
        assert_eq!(
            (over.status.as_str(), over.holder.as_deref()),
            ("expired", Some("bob"))
        );
        assert_eq!(status(&bob, &new).await, LeaseStatus::Active);
    }

    async fn released_lease_frees_its_scope(server: &Server) {
        let (ana, bob) = (server.client("ana"), server.client("bob"));
        let intent = create(&ana, "a").await;
        let lease = acquire(&ana, &intent, "x").await.unwrap();
        let release = |client: &Client| client.release_lease(ReleaseLeaseInput::new(&lease.id));
        assert!(refusal(release(&bob).await).as_forbidden().is_some());
        server.advance(SECOND);
        let released = release(&ana).await.unwrap().lease;
        assert_eq!(released.status, LeaseStatus::Released);
        assert_eq!(
            released.released_at.unwrap().as_str(),
            "2026-01-01T00:00:01.000000Z"
        );
        let refused = refusal(release(&ana).await);
        assert_eq!(refused.as_lease_not_active().unwrap().status, "released");
        acquire(&bob, &intent, "x").await.unwrap();
        let refused = refusal(client_renew(&ana, &lease).await);
        assert_eq!(
            refused.as_lease_not_active().unwrap().holder.as_deref(),
            Some("bob")
        );
        server.advance(400 * SECOND);
        until_recorded(&ana, &intent, 1).await;
        assert_eq!(events(&ana, &intent, &["lease_released"]).await.len(), 1);
    }

    async fn only_admins_revoke_leases(server: &Server) {
        let admin = server.client("admin");
        let intent = create(&admin, "a").await;
        let mut clients = Vec::new();
        for role in [Role::Reader, Role::Agent, Role::Operator] {
            clients.push(server.client_with_role(role, "someone").await);
        }
        let holder = &clients[1];
        let lease = acquire(holder, &intent, "x").await.unwrap();
        let revoke =
            |client: &Client| client.revoke_lease(RevokeLeaseInput::new(&lease.id).reason("stuck"));
        for client in &clients {
            let refused = refusal(revoke(client).await);
            assert_eq!(refused.code(), &ErrorCode::Forbidden, "{refused:?}");
        }
        let revoked = revoke(&admin).await.unwrap().lease;
        assert_eq!(revoked.status, LeaseStatus::Revoked);
        let refused = refusal(client_renew(holder, &lease).await);
        assert_eq!(refused.as_lease_not_active().unwrap().status, "revoked");
        assert!(
            refusal(revoke(&admin).await)
                .as_lease_not_active()
                .is_some()
        );
        let log = events(&admin, &intent, &["lease_revoked"]).await;
        assert_eq!(
            (log[0].actor.as_str(), &log[0].payload["reason"]),
            ("admin", &json!("stuck"))
        );
        acquire(&admin, &intent, "x").await.unwrap();
    }

    async fn durations_and_scopes_are_checked(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        let new = |scope: &str, seconds: i64| {
            AcquireLeaseInput::new(&intent.id, scope).duration_seconds(seconds)
        };
        for seconds in [0, -1, 86_401] {
            assert_eq!(
                invalid_path(client.acquire_lease(new("x", seconds)).await),
                "durationSeconds"
            );
        }
        for scope in ["", "  ", "\0", &"x".repeat(600)] {
            assert_eq!(
                invalid_path(client.acquire_lease(new(scope, 10)).await),
                "scope"
            );
        }
        acquire_for(&client, &intent, "shortest", 1).await;
        let lease = acquire_for(&client, &intent, "longest", 86_400).await;
        let renew = RenewLeaseInput::new(&lease.id).duration_seconds(86_401);
        assert_eq!(
            invalid_path(client.renew_lease(renew).await),
            "durationSeconds"
        );
        for missing in ["lease_nonsense", "", intent.id.as_str()] {
            assert_not_found(
                client.renew_lease(RenewLeaseInput::new(missing)).await,
                missing,
            );
            assert_not_found(
                client.release_lease(ReleaseLeaseInput::new(missing)).await,
                missing,
            );
            assert_not_found(
                client.revoke_lease(RevokeLeaseInput::new(missing)).await,
                missing,
            );
        }
    }
}

async fn client_renew(client: &Client, lease: &Lease) -> Result<Lease, Error> {
    let input = RenewLeaseInput::new(&lease.id);
    client.renew_lease(input).await.map(|payload| payload.lease)
}

async fn active_leases(server: &Server, intent: &Intent) -> Vec<Lease> {
    let filter = LeaseFilter::new()
        .intent_id(&intent.id)
        .status([LeaseStatus::Active]);
    let args = LeasesArgs::new().filter(filter);
    server.client("admin").leases(args).await.unwrap().nodes
}

on_clusters! {
    async fn of_many_acquirers_one_wins_and_the_others_are_told_who(cluster: &Cluster) {
        let admin = cluster.first().client("admin");
        let intent = create(&admin, "contended").await;
        for round in 1..=3 {
            let results = at_once(CROWD, |number| {
                cluster
                    .client(number)
                    .acquire_lease(AcquireLeaseInput::new(&intent.id, "x").duration_seconds(10))
            })
            .await;
            let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
            assert_eq!(won.len(), 1);
            let lease = &won[0].as_ref().unwrap().lease;
            assert_eq!(lease.fencing_token, round);
            for result in lost {
                let refused = refusal(result);
                let held = refused
                    .as_lease_held()
                    .unwrap_or_else(|| panic!("{refused:?}"));
                assert_eq!((&held.holder, &held.lease_id), (&lease.agent_id, &lease.id));
                assert_eq!(held.expires_at, lease.expires_at);
            }
            assert_eq!(active_leases(cluster.first(), &intent).await.len(), 1);
            cluster.first().advance(10 * SECOND);
        }
        until_recorded(&admin, &intent, 3).await;
        assert_eq!(events(&admin, &intent, &["lease_acquired"]).await.len(), 3);
    }

    async fn renewal_and_take_over_of_an_ended_lease_never_both_succeed(cluster: &Cluster) {
        let admin = cluster.first().client("admin");
        for _ in 0..5 {
            let intent = create(&admin, "contended").await;
            let old = acquire_for(&cluster.client(0), &intent, "x", 1).await;
            cluster.first().advance(SECOND);
            let results = at_once(8, |number| {
                let (client, old, intent) = (cluster.client(number), old.clone(), intent.clone());
                async move {
                    if number == 0 {
                        client_renew(&client, &old).await
                    } else {
                        acquire(&client, &intent, "x").await
                    }
                }
            })
            .await;
            let (renewal, acquisitions) = results.split_first().unwrap();
            let renewal = renewal.as_ref().unwrap_err();
            let over = renewal
                .lease_not_active()
                .unwrap_or_else(|| panic!("{renewal:?}"));
            let winners: Vec<_> = acquisitions
                .iter()
                .filter_map(|result| result.as_ref().ok())
                .collect();
            assert_eq!(winners.len(), 1);
            assert!(
                over.holder
                    .as_ref()
                    .is_none_or(|holder| *holder == winners[0].agent_id)
            );
            assert_eq!(active_leases(cluster.first(), &intent).await.len(), 1);
        }
    }
}
