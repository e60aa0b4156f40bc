//! State patches.

use openintent_client::{
    AppendPatch, Client, CreateIntentInput, Intent, MergePatch, PatchStateInput, RemovePatch,
    SetPatch, StatePatch, Value, json,
};
use openintent_tests::{on_both, on_clusters};

use crate::act::{
    CROWD, at_once, create, create_with, events, invalid_path, now, object, patch, refusal, set,
};

fn append(path: &str, value: Value) -> StatePatch {
    AppendPatch::new(path).value(value).into()
}

fn remove(path: &str) -> StatePatch {
    RemovePatch::new(path).into()
}

fn merge(path: &str, value: Value) -> StatePatch {
    MergePatch::new(path, object(value)).into()
}

async fn with_state(client: &Client, state: Value) -> Intent {
    create_with(client, CreateIntentInput::new("a").state(object(state))).await
}

on_both! {
    async fn patches_do_what_they_say(server: &Server) {
        let client = server.client("ana");
        let start = json!({ "list": [1, [2]], "object": { "a": { "b": 1 } }, "text": "t", "a/b": 0, "m~n": 0 });
        for (patches, path, after) in [
            (vec![set("/text", "new")], "/text", json!("new")),
            (vec![set("text", "new")], "/text", json!("new")),
            (
                vec![set("/new/deep/er", 1)],
                "/new",
                json!({ "deep": { "er": 1 } }),
            ),
            (
                vec![set("/object/a/b", json!([1]))],
                "/object",
                json!({ "a": { "b": [1] } }),
            ),
            (vec![set("/list/0", 9)], "/list", json!([9, [2]])),
            (vec![set("/list/1/0", 9)], "/list", json!([1, [9]])),
            (vec![set("/text", Value::Null)], "/text", json!(null)),
            (vec![SetPatch::new("/text").into()], "/text", json!(null)),
            (vec![set("/a~1b", 5)], "/a~1b", json!(5)),
            (vec![set("a/b", 5)], "/a~1b", json!(5)),
            (vec![set("/m~0n", 5)], "/m~0n", json!(5)),
            (vec![set("/", 5)], "/", json!(5)),
            (vec![append("/list", json!(3))], "/list", json!([1, [2], 3])),
            (
                vec![append("/list/1", json!(3))],
                "/list",
                json!([1, [2, 3]]),
            ),
            (
                vec![append("/fresh", json!({ "a": 1 }))],
                "/fresh",
                json!([{ "a": 1 }]),
            ),
            (
                vec![append("/fresh/er", json!(1)), append("/fresh/er", json!(2))],
                "/fresh",
                json!({ "er": [1, 2] }),
            ),
            (vec![remove("/list/0")], "/list", json!([[2]])),
            (vec![remove("/object/a/b")], "/object", json!({ "a": {} })),
            (vec![remove("/a~1b")], "/a~1b", Value::Null),
            (
                vec![merge("/object", json!({ "a": { "c": 2 }, "d": 1 }))],
                "/object",
                json!({ "a": { "b": 1, "c": 2 }, "d": 1 }),
            ),
            (
                vec![merge("/object", json!({ "a": null }))],
                "/object",
                json!({}),
            ),
            (
                vec![merge("/object/a", json!({ "b": { "c": null, "d": 1 } }))],
                "/object",
                json!({ "a": { "b": { "d": 1 } } }),
            ),
            (
                vec![merge("", json!({ "text": null, "more": 1 }))],
                "/more",
                json!(1),
            ),
            (
                vec![merge("/made", json!({ "x": null, "y": 1 }))],
                "/made",
                json!({ "y": 1 }),
            ),
            (
                vec![set("/text", "one"), remove("/text"), set("/text", "two")],
                "/text",
                json!("two"),
            ),
        ] {
            let shown = format!("{patches:?}");
            let intent = with_state(&client, start.clone()).await;
            let patched = patch(&client, &intent, patches).await.unwrap();
            assert_eq!(patched.version, 2);
            let state = Value::Object(now(&client, &intent).await.state);
            assert_eq!(
                state.pointer(path).unwrap_or(&Value::Null),
                &after,
                "{shown}"
            );
            assert_eq!(events(&client, &intent, &["state_patched"]).await.len(), 1);
        }
        let intent = with_state(&client, start).await;
        let replaced = patch(&client, &intent, [set("", json!({ "only": 1 }))])
            .await
            .unwrap();
        assert_eq!(replaced.state, object(json!({ "only": 1 })));
    }

    async fn patches_apply_all_or_none(server: &Server) {
        let client = server.client("ana");
        let start = json!({ "list": [1], "text": "t", "object": {} });
        let intent = with_state(&client, start).await;
        for bad in [
            remove("/missing"),
            remove("/list/1"),
            remove("/list/-"),
            remove(""),
            set("/list/7", 1),
            set("/list/01", 1),
            set("/text/below", 1),
            set("", 1),
            set("/a~2b", 1),
            set("/a~", 1),
            append("/text", json!(1)),
            append("/object", json!(1)),
            merge("/list", json!({})),
            merge("/text/below", json!({})),
            set("/_reserved", 1),
            set("_reserved", 1),
            merge("", json!({ "_reserved": 1 })),
            set("", json!({ "_reserved": 1 })),
            remove("/_reserved"),
        ] {
            let shown = format!("{bad:?}");
            let result = patch(&client, &intent, [set("/text", "lost"), bad]).await;
            assert_eq!(invalid_path(result), "patches.1", "{shown}");
        }
        for bad in [
            set("/text", "\0"),
            set("/a\0", 1),
            append("/list", json!({ "\0": 1 })),
            merge("", json!({ "a\0": 1 })),
        ] {
            let path = invalid_path(patch(&client, &intent, [bad]).await);
            assert!(path.starts_with("patches"), "{path}");
        }
        assert_eq!(invalid_path(patch(&client, &intent, []).await), "patches");
        let many = (0..257).map(|number| set("/n", number));
        let refused = refusal(patch(&client, &intent, many).await);
        assert_eq!(refused.as_limit_exceeded().unwrap().limit, 256);
        assert_eq!(now(&client, &intent).await, intent);
        assert_eq!(events(&client, &intent, &[]).await.len(), 1);
    }

    async fn state_cannot_be_nested_without_end_by_small_steps(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        let path = "/a".repeat(64);
        patch(&client, &intent, [set(&path, 1)]).await.unwrap();
        let deeper = format!("{path}/a/a");
        let path = invalid_path(patch(&client, &intent, [remove("/a"), set(&deeper, 1)]).await);
        assert!(path.starts_with("patches"), "{path}");
        assert_eq!(now(&client, &intent).await.version, 2);
    }

    async fn stale_patch_is_told_the_current_version(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        for number in 0..3 {
            patch(&client, &intent, [set("/n", number)]).await.unwrap();
        }
        for stale in [1, 3, 5, 0, -1] {
            let input = PatchStateInput::new(&intent.id, stale, [set("/n", "lost")]);
            let refused = refusal(client.patch_state(input).await);
            let conflict = refused.as_version_conflict().unwrap();
            assert_eq!(
                (conflict.expected_version, conflict.current_version),
                (stale.into(), 4)
            );
        }
        assert_eq!(now(&client, &intent).await.state["n"], 2);
    }

    async fn patch_event_carries_the_patches(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        let other = server.client("bob");
        patch(&other, &intent, [set("/a", 1), append("/b", json!(2))])
            .await
            .unwrap();
        let log = events(&client, &intent, &["state_patched"]).await;
        assert_eq!(log[0].actor, "bob");
        assert_eq!(log[0].payload["version"], 2);
        assert_eq!(
            log[0].payload["patches"],
            json!([
                { "op": "set", "path": "/a", "value": 1 },
                { "op": "append", "path": "/b", "value": 2 },
            ])
        );
    }

    async fn large_and_odd_numbers_keep_their_value(server: &Server) {
        let client = server.client("ana");
        let intent = create(&client, "a").await;
        let value = json!([
            0.1,
            -0.5,
            1e300,
            9_007_199_254_740_993_i64,
            u64::MAX,
            i64::MIN,
            1.5e-7
        ]);
        patch(&client, &intent, [set("/n", value.clone())])
            .await
            .unwrap();
        assert_eq!(now(&client, &intent).await.state["n"], value);
    }
}

on_clusters! {
    async fn of_many_patches_on_one_version_one_wins(cluster: &Cluster) {
        let admin = cluster.first().client("admin");
        let intent = create(&admin, "contended").await;
        for round in 0..3 {
            let version = now(&admin, &intent).await.version;
            let results = at_once(CROWD, |number| {
                let patches = [
                    append("/writers", json!(number)),
                    set("/last", json!(number)),
                ];
                cluster
                    .client(number)
                    .patch_state(PatchStateInput::new(&intent.id, version, patches))
            })
            .await;
            let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
            assert_eq!(won.len(), 1);
            for result in lost {
                let refused = refusal(result);
                let conflict = refused
                    .as_version_conflict()
                    .unwrap_or_else(|| panic!("{refused:?}"));
                assert_eq!(
                    (conflict.expected_version, conflict.current_version),
                    (version, version + 1)
                );
            }
            let state = now(&admin, &intent).await.state;
            assert_eq!(state["writers"].as_array().unwrap().len(), round + 1);
            assert_eq!(state["writers"][round], state["last"]);
        }
        assert_eq!(events(&admin, &intent, &["state_patched"]).await.len(), 3);
    }

    async fn writers_that_retry_on_conflict_lose_no_write(cluster: &Cluster) {
        let admin = cluster.first().client("admin");
        let intent = create(&admin, "counted").await;
        at_once(8, |number| {
            let (client, intent) = (cluster.client(number), intent.clone());
            async move {
                for turn in 0..3 {
                    while let Err(error) =
                        patch(&client, &intent, [append("/all", json!([number, turn]))]).await
                    {
                        assert!(error.version_conflict().is_some(), "{error:?}");
                    }
                }
            }
        })
        .await;
        let state = now(&admin, &intent).await.state;
        let mut all: Vec<String> = state["all"]
            .as_array()
            .unwrap()
            .iter()
            .map(Value::to_string)
            .collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 24);
    }
}
