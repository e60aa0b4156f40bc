//! Formats generated code the way the repository is formatted.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs rustfmt with the `rustfmt.toml` that applies to `place`.
///
/// # Errors
/// There is no rustfmt, or it does not understand the code.
pub(crate) fn format(code: &str, place: &Path) -> Result<String, String> {
    let absolute =
        std::path::absolute(place).map_err(|error| format!("{}: {error}", place.display()))?;
    let mut command = Command::new("rustfmt");
    command
        .args(["--edition", "2024"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(folder) = absolute
        .ancestors()
        .find(|folder| folder.join("rustfmt.toml").is_file())
    {
        command.arg("--config-path").arg(folder);
    }
    let failed = |error: std::io::Error| {
        format!("rustfmt could not be run (`rustup component add rustfmt`): {error}")
    };
    let mut child = command.spawn().map_err(failed)?;
    let mut input = child.stdin.take().ok_or("rustfmt has no input")?;
    let output = std::thread::scope(|scope| {
        // From another thread, or both sides could wait for each other.
        let writer = scope.spawn(move || input.write_all(code.as_bytes()));
        let output = child.wait_with_output();
        // When rustfmt stops reading it says why.
        let _ = writer.join();
        output
    })
    .map_err(failed)?;
    if !output.status.success() {
        return Err(format!(
            "rustfmt: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("rustfmt: {error}"))
}
