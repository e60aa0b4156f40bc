//! Writes the typed Rust client, `openintent-client`, from the GraphQL schema.

mod emit;
mod format;
mod names;
mod rules;
mod schema;
mod selection;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use rules::Rules;
use schema::Schema;

/// The command that writes the client, as the generated files name it.
const COMMAND: &str = "cargo run -p openintent-client-gen";

/// Writes the typed Rust client from the GraphQL schema.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The schema, as SDL.
    #[arg(long, default_value = "schema.graphql")]
    schema: PathBuf,
    /// Exceptions to the conventions. Without such a file there are none.
    #[arg(long, default_value = "client-gen/rules.txt")]
    rules: PathBuf,
    /// The folder that is written.
    #[arg(long, default_value = "client-gen/client/src/generated")]
    out: PathBuf,
    /// Write nothing; fail if the folder does not hold what would be written.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let sdl = read(&arguments.schema)?;
    let rules = if arguments.rules.exists() {
        read(&arguments.rules)?
    } else {
        String::new()
    };
    let files = generate(&sdl, &rules, &arguments.out)?;
    if arguments.check {
        check(&files, &arguments.out)
    } else {
        write(&files, &arguments.out)
    }
}

/// The files of the generated module, formatted.
fn generate(
    sdl: &str,
    rules: &str,
    place: &Path,
) -> Result<BTreeMap<&'static str, String>, String> {
    let schema = Schema::parse(sdl)?;
    let rules = Rules::parse(rules, &schema)?;
    emit::client(&schema, &rules)?
        .into_iter()
        .map(|(name, code)| {
            let code = format::format(&code, place).map_err(|error| format!("{name}: {error}"))?;
            Ok((name, code))
        })
        .collect()
}

fn check(files: &BTreeMap<&'static str, String>, folder: &Path) -> Result<(), String> {
    let mut stale: Vec<String> = files
        .iter()
        .filter(|(name, code)| fs::read_to_string(folder.join(name)).ok().as_ref() != Some(code))
        .map(|(name, _)| (*name).to_owned())
        .collect();
    stale.extend(others(files, folder)?);
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} does not fit the schema ({}); run `{COMMAND}` and commit what it writes",
        folder.display(),
        stale.join(", ")
    ))
}

fn write(files: &BTreeMap<&'static str, String>, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for name in others(files, folder)? {
        fs::remove_file(folder.join(&name)).map_err(|error| format!("{name}: {error}"))?;
    }
    for (name, code) in files {
        let path = folder.join(name);
        // What has not changed keeps its date, so that nothing is built again.
        if fs::read_to_string(&path).ok().as_ref() != Some(code) {
            fs::write(&path, code).map_err(|error| format!("{}: {error}", path.display()))?;
        }
    }
    Ok(())
}

/// Rust files in the folder that would not be written any more.
fn others(files: &BTreeMap<&'static str, String>, folder: &Path) -> Result<Vec<String>, String> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".rs") && !files.contains_key(name.as_str()))
        .collect();
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests;
