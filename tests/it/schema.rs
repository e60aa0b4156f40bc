//! What is generated and committed is in step with what it is made from.

use std::{path::Path, process::Stdio};

use openintent_tests::process::run;
use tokio::process::Command;

/// A file of the repository.
fn repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

#[tokio::test]
async fn schema_graphql_is_what_the_program_prints() {
    let printed = String::from_utf8(run(&["sdl"]).await.stdout).unwrap();
    let committed = std::fs::read_to_string(repository("schema.graphql")).unwrap();
    assert_eq!(printed, openintent_server::schema::sdl());
    let first_difference = printed
        .lines()
        .zip(committed.lines())
        .find(|(printed, committed)| printed != committed);
    assert!(
        printed == committed,
        "schema.graphql is out of step at {first_difference:?}: run `cargo run -p openintent-server -- sdl > schema.graphql`"
    );
}

#[tokio::test]
async fn the_client_is_what_its_generator_writes() {
    let check = Command::new(env!("CARGO"))
        .args([
            "run",
            "--quiet",
            "-p",
            "openintent-client-gen",
            "--",
            "--check",
        ])
        .current_dir(repository(""))
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    assert!(
        check.status.success(),
        "the generated client is out of step with schema.graphql: run `cargo run -p openintent-client-gen`\n{}",
        String::from_utf8_lossy(&check.stderr)
    );
}

#[test]
fn every_error_code_has_a_paragraph_in_the_documentation() {
    let schema = std::fs::read_to_string(repository("schema.graphql")).unwrap();
    let documentation = std::fs::read_to_string(repository("docs/errors.md")).unwrap();
    let (_, codes) = schema.split_once("enum ErrorCode {").unwrap();
    let (codes, _) = codes.split_once('}').unwrap();
    let codes: Vec<&str> = codes
        .lines()
        .map(str::trim)
        .filter(|line| {
            !line.is_empty() && line.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'_'))
        })
        .collect();
    assert!(codes.len() > 10, "{codes:?}");
    for code in codes {
        let heading = format!("### {code}\n");
        let paragraph = documentation
            .split_once(&heading)
            .map(|(_, rest)| rest.trim_start());
        let paragraph = paragraph.unwrap_or_else(|| panic!("docs/errors.md has no `### {code}`"));
        assert!(
            paragraph.len() > 40 && !paragraph.starts_with('#'),
            "{code}"
        );
    }
}
