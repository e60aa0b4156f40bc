//! The API explorer: a page with its files, built by `api/explorer` and embedded in the program.

/// A file of the explorer, with its content type. The page itself has the empty path.
#[must_use]
pub fn asset(path: &str) -> Option<(&'static str, &'static [u8])> {
    Some(match path {
        "" => (
            "text/html; charset=utf-8",
            include_bytes!("../explorer/dist/index.html"),
        ),
        "explorer.js" => (
            "text/javascript; charset=utf-8",
            include_bytes!("../explorer/dist/explorer.js"),
        ),
        "explorer.css" => (
            "text/css; charset=utf-8",
            include_bytes!("../explorer/dist/explorer.css"),
        ),
        "LICENSES.txt" => (
            "text/plain; charset=utf-8",
            include_bytes!("../explorer/dist/LICENSES.txt"),
        ),
        _ => return None,
    })
}
