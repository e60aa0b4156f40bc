//! The watcher: prints events as they are pushed, and writes them down for the final check.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};

use openintent_client::{Cursor, EventFilter, Id, Maybe};

use crate::{Result, Server, narrate::Narrator};

/// Prints events, and stops when the portfolio that was asked for is closed.
pub async fn run(
    server: &Server,
    portfolio: Option<Id>,
    after: Option<Cursor>,
    record: Option<PathBuf>,
) -> Result<()> {
    let client = server.client(None)?;
    let until_closed = portfolio.is_some();
    let mut record = record.map(File::create).transpose()?.map(BufWriter::new);
    let filter = EventFilter::new().portfolio_id(Maybe::from(portfolio));
    let mut events = client.subscribe_events(filter);
    if let Some(after) = after {
        events = events.after(after);
    }
    let mut events = events.await?;
    let mut narrator = Narrator::default();
    while let Some(event) = events.next().await {
        let event = event?;
        println!("{}", narrator.line(&event));
        if let Some(record) = &mut record {
            writeln!(record, "{}", serde_json::to_string(&event)?)?;
            record.flush()?;
        }
        // A portfolio changes its status once, when it is closed; nothing about it changes after that.
        if until_closed && event.r#type == "portfolio.status_changed" {
            break;
        }
    }
    Ok(())
}
