//! The smallest useful program: create an intent, follow it live, meet a version conflict, complete it.
//!
//! Start the server (`cargo run --release`), then `cargo run -p openintent-examples --bin quickstart`.

use openintent_client::{
    Client, CreateIntentInput, Error, IntentStatus, PatchStateInput, SetPatch, SetStatusInput,
    StatePatch, object,
};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let url = std::env::args().nth(1);
    let client = Client::builder(url.as_deref().unwrap_or("http://127.0.0.1:8000"))
        .api_key("dev-user-key")
        .agent_id("quickstart")
        .build()?;

    let input = CreateIntentInput::new("Compare suppliers").constraints(object! { "budget": 40 });
    let created = client.create_intent(input).await?;
    let id = created.intent.id;
    println!("created {id} at version {}", created.intent.version);

    // `cursor` is the place in the log right after the creation: no later event is missed.
    let updates = client.subscribe_intent_updated(&id).after(created.cursor);
    let mut updates = updates.await?;

    let set = |path: &str, value: &str| StatePatch::Set(SetPatch::new(path).value(value));
    let seen = created.intent.version;
    let patch = PatchStateInput::new(&id, seen, [set("/best", "Acme")]);
    let now = client.patch_state(patch).await?.intent.version;

    // The version that was seen first is old by now, so this patch changes nothing.
    let stale = PatchStateInput::new(&id, seen, [set("/best", "Other")]);
    match client.patch_state(stale).await {
        Err(Error::Refused(refused)) => println!("refused as it should be: {refused}"),
        Err(other) => return Err(other),
        Ok(_) => println!("a stale version was accepted: that is a bug"),
    }

    let done = SetStatusInput::new(&id, now, IntentStatus::Completed);
    client.set_status(done).await?;
    while let Some(update) = updates.next().await {
        let update = update?;
        println!("{} {}", update.event.sequence, update.event.r#type);
        if update.event.r#type == "status_changed" {
            break;
        }
    }
    Ok(())
}
