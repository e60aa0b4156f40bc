//! What programs send: input objects and arguments.

use std::collections::BTreeSet;

use crate::names;
use crate::schema::{Argument, Kind, Ty, Type};

use super::Writer;
use super::text::{Code, doc};

/// How a field that need not be given is held.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Absence {
    /// Inputs tell absent and null apart.
    Maybe,
    /// Arguments do not.
    Option,
}

impl Writer<'_> {
    pub(super) fn inputs(&self) -> Code {
        let mut code = Code::default();
        for ty in self.schema.types.values() {
            if let Kind::Input { fields, is_one_of } = &ty.kind {
                if code.is_empty() {
                    code.line("//! What programs send.\n");
                    code.line("use serde::Serialize;\n");
                    code.line("use crate::*;");
                }
                if *is_one_of {
                    self.one_of(&mut code, ty, fields);
                } else {
                    let name = names::type_name(&ty.name);
                    let text = doc(
                        ty.description.as_deref(),
                        &format!("The input `{}`.", ty.name),
                        None,
                    );
                    self.input(
                        &mut code,
                        Some(&ty.name),
                        &name,
                        &text,
                        fields,
                        Absence::Maybe,
                    );
                }
            }
        }
        code
    }

    /// A struct with a constructor that takes what is required and a setter for everything else.
    pub(super) fn input(
        &self,
        code: &mut Code,
        owner: Option<&str>,
        name: &str,
        text: &str,
        fields: &[Argument],
        absence: Absence,
    ) {
        let (required, optional): (Vec<&Argument>, Vec<&Argument>) =
            fields.iter().partition(|field| field.is_required());
        let default = if required.is_empty() { "Default, " } else { "" };
        code.line("");
        code.line(text);
        code.line(&format!("#[derive(Clone, Debug, {default}Serialize)]"));
        code.line("#[serde(rename_all = \"camelCase\")]");
        code.line(&format!("pub struct {name} {{"));
        for field in fields {
            let is_boxed = owner.is_some_and(|owner| self.contains_itself(owner, field));
            code.line(&argument_doc(field));
            if let Some(attribute) = skip(field, absence) {
                code.line(&attribute);
            }
            let ty = self.held(field, absence, is_boxed);
            code.line(&format!("pub {}: {ty},", names::ident(&field.name)));
        }
        code.line("}");

        code.line(&format!("\nimpl {name} {{"));
        let parameters: Vec<String> = required.iter().map(|field| self.parameter(field)).collect();
        code.line(if required.is_empty() {
            "/// Everything left out."
        } else {
            "/// With what is required; everything else is left out."
        });
        if required.is_empty() {
            code.line("pub fn new() -> Self { Self::default() }");
        } else {
            code.line(&format!(
                "pub fn new({}) -> Self {{ Self {{",
                parameters.join(", ")
            ));
            for field in fields {
                let ident = names::ident(&field.name);
                if field.is_required() {
                    let is_boxed = owner.is_some_and(|owner| self.contains_itself(owner, field));
                    code.line(&format!("{ident}: {},", self.taken(field, is_boxed)));
                } else {
                    code.line(&format!("{ident}: Default::default(),"));
                }
            }
            code.line("} }");
        }
        for field in optional {
            let ident = names::ident(&field.name);
            let is_boxed = owner.is_some_and(|owner| self.contains_itself(owner, field));
            code.line("");
            code.line(&argument_doc(field));
            code.line("#[must_use]");
            let holds_maybe = absence == Absence::Maybe && field.ty.is_nullable();
            let is_simple = !field.ty.is_list() && !is_boxed && field.ty.base() != "JSON";
            if holds_maybe && is_simple {
                let base = self.base_type(field.ty.base());
                code.line(&format!(
                    "pub fn {ident}(mut self, {ident}: impl Into<Maybe<{base}>>) -> Self {{"
                ));
                code.line(&format!("self.{ident} = {ident}.into();"));
            } else {
                let wrapper = if holds_maybe { "Maybe::Value" } else { "Some" };
                code.line(&format!(
                    "pub fn {ident}(mut self, {}) -> Self {{",
                    self.parameter(field)
                ));
                code.line(&format!(
                    "self.{ident} = {wrapper}({});",
                    self.taken(field, is_boxed)
                ));
            }
            code.line("self }");
        }
        code.line("}");
    }

    fn one_of(&self, code: &mut Code, ty: &Type, fields: &[Argument]) {
        let name = names::type_name(&ty.name);
        code.line("");
        code.line(&doc(
            ty.description.as_deref(),
            &format!("The input `{}`: exactly one of these.", ty.name),
            None,
        ));
        code.line("#[derive(Clone, Debug, Serialize)]");
        code.line(&format!("pub enum {name} {{"));
        let mut bases = BTreeSet::new();
        let mut doubled = BTreeSet::new();
        for field in fields {
            code.line(&argument_doc(field));
            code.line(&format!("#[serde(rename = \"{}\")]", field.name));
            code.line(&format!(
                "{}({}),",
                super::variant(&field.name),
                self.one_of_type(&ty.name, field)
            ));
            if !bases.insert(field.ty.base()) {
                doubled.insert(field.ty.base());
            }
        }
        code.line("}");
        // Where the type tells which one is meant.
        for field in fields {
            let base = field.ty.base();
            let is_input = matches!(
                self.schema.get(base).map(|ty| &ty.kind),
                Some(Kind::Input { .. })
            );
            if is_input && base != ty.name && !field.ty.is_list() && !doubled.contains(base) {
                let variant = super::variant(&field.name);
                let value = if self.contains_itself(&ty.name, field) {
                    "Box::new(input)"
                } else {
                    "input"
                };
                code.line(&format!(
                    "\nimpl From<{}> for {name} {{",
                    self.base_type(base)
                ));
                code.line(&format!(
                    "fn from(input: {}) -> Self {{ Self::{variant}({value}) }} }}",
                    self.base_type(base)
                ));
            }
        }
    }

    fn one_of_type(&self, owner: &str, field: &Argument) -> String {
        let inner = self.wrapped(
            &field.ty.with_nullable(false),
            &self.base_type(field.ty.base()),
        );
        if self.contains_itself(owner, field) {
            format!("Box<{inner}>")
        } else {
            inner
        }
    }

    /// The type that the struct's field has.
    pub(super) fn held(&self, field: &Argument, absence: Absence, is_boxed: bool) -> String {
        let inner = self.wrapped(
            &field.ty.with_nullable(false),
            &self.base_type(field.ty.base()),
        );
        let inner = if is_boxed {
            format!("Box<{inner}>")
        } else {
            inner
        };
        match absence {
            _ if field.is_required() => inner,
            Absence::Maybe if field.ty.is_nullable() => format!("Maybe<{inner}>"),
            Absence::Maybe | Absence::Option => format!("Option<{inner}>"),
        }
    }

    /// A parameter that takes whatever becomes the field's value.
    pub(super) fn parameter(&self, field: &Argument) -> String {
        let ident = names::ident(&field.name);
        let base = self.base_type(field.ty.base());
        match simple_list(&field.ty) {
            Some(true) => format!("{ident}: impl IntoIterator<Item = impl Into<{base}>>"),
            Some(false) => format!(
                "{ident}: {}",
                self.wrapped(&field.ty.with_nullable(false), &base)
            ),
            None => format!("{ident}: impl Into<{base}>"),
        }
    }

    /// What is made of such a parameter.
    pub(super) fn taken(&self, field: &Argument, is_boxed: bool) -> String {
        let ident = names::ident(&field.name);
        let value = match simple_list(&field.ty) {
            Some(true) => format!("{ident}.into_iter().map(Into::into).collect()"),
            Some(false) => ident,
            None => format!("{ident}.into()"),
        };
        if is_boxed {
            format!("Box::new({value})")
        } else {
            value
        }
    }

    /// Whether the field leads back to its owner without a list between, so that it has to be boxed.
    fn contains_itself(&self, owner: &str, field: &Argument) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = vec![field];
        while let Some(field) = next.pop() {
            if field.ty.is_list() {
                continue;
            }
            if field.ty.base() == owner {
                return true;
            }
            if seen.insert(field.ty.base())
                && let Some(Kind::Input { fields, .. }) =
                    self.schema.get(field.ty.base()).map(|ty| &ty.kind)
            {
                next.extend(fields);
            }
        }
        false
    }
}

fn argument_doc(field: &Argument) -> String {
    let shown = match &field.default {
        Some(default) => format!("`{}: {} = {default}`", field.name, field.ty),
        None => format!("`{}: {}`", field.name, field.ty),
    };
    doc(
        field.description.as_deref(),
        &shown,
        field.deprecated.as_deref(),
    )
}

/// The serde attribute of a field that is left out when absent or has an odd name.
pub(super) fn skip(field: &Argument, absence: Absence) -> Option<String> {
    let mut serde = Vec::new();
    if !names::round_trips(&field.name) {
        serde.push(format!("rename = \"{}\"", field.name));
    }
    if !field.is_required() {
        let holder = if absence == Absence::Maybe && field.ty.is_nullable() {
            "Maybe::is_absent"
        } else {
            "Option::is_none"
        };
        serde.push(format!("skip_serializing_if = \"{holder}\""));
    }
    (!serde.is_empty()).then(|| format!("#[serde({})]", serde.join(", ")))
}

/// `None` for no list; whether a list is one of plain non-null items, which can be converted one by one.
fn simple_list(ty: &Ty) -> Option<bool> {
    match ty {
        Ty::Named { .. } => None,
        Ty::List { of, .. } => Some(!of.is_list() && !of.is_nullable()),
    }
}
