//! Writes the client's Rust code. It need not be pretty: rustfmt goes over it.

mod calls;
mod inputs;
mod objects;
mod text;

use std::collections::BTreeMap;

use crate::rules::Rules;
use crate::schema::{Kind, Schema, Ty};
use crate::selection::Selections;
use crate::{COMMAND, names};
use text::{Code, doc};

/// What everything that writes code needs.
pub(crate) struct Writer<'s> {
    schema: &'s Schema,
    rules: &'s Rules,
    selections: Selections<'s>,
}

/// Files by name, not yet formatted.
///
/// # Errors
/// The schema asks for something that has no place in Rust, such as two functions of one name.
pub(crate) fn client(
    schema: &Schema,
    rules: &Rules,
) -> Result<BTreeMap<&'static str, String>, String> {
    let writer = Writer {
        schema,
        rules,
        selections: Selections::new(schema, rules),
    };
    let mut functions = writer.function_names()?;
    let parts = [
        ("scalars", writer.scalars()),
        ("enums", writer.enums()),
        ("inputs", writer.inputs()),
        ("objects", writer.objects()),
        ("queries", writer.queries(&mut functions)),
        ("mutations", writer.mutations(&mut functions)),
        ("subscriptions", writer.subscriptions(&mut functions)),
    ];

    let mut files = BTreeMap::new();
    let mut root = header();
    root.line("//! Types and functions for everything in the schema.");
    // The schema's authors decide about these.
    root.line("#![allow(clippy::all, clippy::pedantic, deprecated, rustdoc::all)]\n");
    let present: Vec<&str> = parts
        .iter()
        .filter(|(_, code)| !code.is_empty())
        .map(|(name, _)| *name)
        .collect();
    for name in &present {
        root.line(&format!("mod {name};"));
    }
    root.line("");
    let has_types = |code: &Code| {
        ["\npub struct ", "\npub enum ", "\ntext_scalar!"]
            .iter()
            .any(|start| code.as_str().contains(start))
    };
    for (name, _) in parts.iter().filter(|(_, code)| has_types(code)) {
        root.line(&format!("pub use self::{name}::*;"));
    }
    root.line(&writer.position_query());
    files.insert("mod.rs", root.into_string());
    for (name, code) in parts {
        if !code.is_empty() {
            let mut file = header();
            file.line(code.as_str());
            files.insert(file_name(name), file.into_string());
        }
    }
    Ok(files)
}

fn header() -> Code {
    let mut code = Code::default();
    code.line(&format!(
        "// Written by `{COMMAND}`. Do not edit: change schema.graphql and run it again."
    ));
    code.line("");
    code
}

fn file_name(module: &str) -> &'static str {
    match module {
        "scalars" => "scalars.rs",
        "enums" => "enums.rs",
        "inputs" => "inputs.rs",
        "objects" => "objects.rs",
        "queries" => "queries.rs",
        "mutations" => "mutations.rs",
        _ => "subscriptions.rs",
    }
}

impl Writer<'_> {
    /// Scalars that the client has no type of its own for are kept as text.
    fn scalars(&self) -> Code {
        let mut code = Code::default();
        for ty in self.schema.types.values() {
            if matches!(ty.kind, Kind::Scalar) && scalar(&ty.name).is_none() {
                if code.is_empty() {
                    code.line("//! Further scalars.");
                }
                code.line("\ntext_scalar!(");
                code.line(&doc(
                    ty.description.as_deref(),
                    &format!("The scalar `{}`, as text.", ty.name),
                    None,
                ));
                code.line(&names::type_name(&ty.name));
                code.line(");");
            }
        }
        code
    }

    fn enums(&self) -> Code {
        let mut code = Code::default();
        for ty in self.schema.types.values() {
            let Kind::Enum(values) = &ty.kind else {
                continue;
            };
            if code.is_empty() {
                code.line("//! The enums.\n");
                code.line("use crate::macros::string_enum;");
            }
            let name = names::type_name(&ty.name);
            code.line("");
            code.line(&doc(
                ty.description.as_deref(),
                &format!("The enum `{}`.", ty.name),
                None,
            ));
            code.line("#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]");
            code.line(&format!("pub enum {name} {{"));
            for value in values {
                code.line(&doc(
                    value.description.as_deref(),
                    &format!("`{}`", value.name),
                    value.deprecated.as_deref(),
                ));
                code.line(&format!("{},", variant(&value.name)));
            }
            code.line("/// A value that this client was not built with.");
            code.line("Unknown(String),");
            code.line("}");
            code.line(&format!("\nstring_enum!({name} {{"));
            for value in values {
                code.line(&format!(
                    "    {} = \"{}\",",
                    variant(&value.name),
                    value.name
                ));
            }
            code.line("});");
        }
        code
    }

    /// How a program learns where the event log is now: the query field whose object has a `Cursor!` named `cursor`.
    fn position_query(&self) -> String {
        let position = self.schema.queries.iter().find(|field| {
            field.name == "serverInfo"
                && !field.needs_arguments()
                && self.schema.fields(field.ty.base()).iter().any(|field| {
                    field.name == "cursor"
                        && self.schema.is_leaf(field.ty.base())
                        && !field.ty.is_nullable()
                })
        });
        let value = position.map_or_else(
            || "None".to_owned(),
            |field| {
                format!(
                    "Some(crate::Operation::query(\"{}\", \"\", \"\", \"cursor\"))",
                    field.name
                )
            },
        );
        format!(
            "\n/// Asks for the present end of the event log.\n\
             pub(crate) const POSITION_QUERY: Option<crate::Operation> = {value};"
        )
    }

    /// A leaf's or object's Rust type, without regard to null and lists.
    fn base_type(&self, name: &str) -> String {
        scalar(name).map_or_else(|| names::type_name(name), str::to_owned)
    }

    /// The type of an input position or of an answer, with `base` in its middle.
    fn wrapped(&self, ty: &Ty, base: &str) -> String {
        let inner = match ty {
            Ty::Named { .. } => base.to_owned(),
            Ty::List { of, .. } => format!("Vec<{}>", self.wrapped(of, base)),
        };
        if ty.is_nullable() {
            format!("Option<{inner}>")
        } else {
            inner
        }
    }
}

/// The client's own types for scalars.
fn scalar(name: &str) -> Option<&'static str> {
    Some(match name {
        "ID" => "Id",
        "String" => "String",
        "Int" => "i64",
        "Float" => "f64",
        "Boolean" => "bool",
        "Cursor" => "Cursor",
        "DateTime" => "DateTime",
        "JSON" => "Value",
        "Object" | "JSONObject" => "Object",
        _ => return None,
    })
}

fn variant(value: &str) -> String {
    match names::pascal(value).as_str() {
        "Unknown" => "UnknownValue".to_owned(),
        "Self" => "Self_".to_owned(),
        name => name.to_owned(),
    }
}
