//! Memory of the server for websockets with one subscription each, to which nothing happens. The
//! baseline is a bare axum websocket with buffers of the same size.

use std::time::Duration;

use serde_json::json;
use tokio::net::TcpStream;

use crate::{
    Result, Settings,
    database::{Database, Kind},
    fanout::EVENTS,
    report::{Report, verdict},
    rows,
    server::Server,
    socket,
};

/// KiB for one.
const BAR: f64 = 20.0;

pub(crate) async fn measure(settings: &Settings, sockets: u32) -> Result<Report> {
    let bare = Server::baseline().await?;
    let baseline = growth(&bare, sockets, async |_| socket::listen(bare.address).await).await?;
    bare.stop().await?;

    let mut report = Report::new(
        "idle",
        &["", "bare websocket", "server", "difference", "bar", ""],
    );
    for (what, distinct) in [("the same query", false), ("each its own intent", true)] {
        let database = Database::create(Kind::Sqlite).await?;
        let connection = database.connect(1).await?;
        let intents = rows::insert_open(&connection, sockets).await?;
        connection.close().await?;
        let server = Server::start(settings, &database.url).await?;
        let ours = growth(&server, sockets, async |number| {
            let place = if distinct { number } else { 0 };
            let intent = intents.get(place).ok_or("no such intent")?;
            socket::subscribe(server.address, EVENTS, &json!({ "id": intent.id })).await
        })
        .await?;
        report.row([
            format!("{sockets} sockets, {what}"),
            format!("{baseline:.1} KiB"),
            format!("{ours:.1} KiB"),
            format!("{:.1} KiB", ours - baseline),
            format!("≤ {BAR} KiB"),
            verdict(ours <= BAR),
        ]);
        server.stop().await?;
        database.remove().await?;
    }
    Ok(report)
}

/// KiB that a process grows by for each socket.
async fn growth(
    server: &Server,
    sockets: u32,
    open: impl AsyncFn(usize) -> Result<TcpStream>,
) -> Result<f64> {
    // What the first ones need besides is not theirs.
    let mut warm = Vec::new();
    for _ in 0..50 {
        warm.push(open(0).await?);
    }
    drop(warm);
    settle().await;
    let before = server.memory()?;
    let mut all = Vec::new();
    for number in 0..usize::try_from(sockets)? {
        all.push(open(number).await?);
    }
    settle().await;
    Ok((server.memory()? - before) / 1024.0 / f64::from(sockets))
}

/// What is dropped or put off has time to be done.
async fn settle() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}
