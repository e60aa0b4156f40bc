//! A function for every root field.

use std::collections::{BTreeMap, BTreeSet};

use crate::names;
use crate::schema::{Argument, Field, Kind};

use super::Writer;
use super::inputs::{Absence, skip};
use super::text::{Code, doc, literal};

/// Methods that the client has anyway.
const TAKEN: &[&str] = &[
    "builder",
    "call",
    "clone",
    "connection_state",
    "execute",
    "fmt",
    "pages",
    "subscribe_raw",
    "subscription",
    "url",
    "with_traceparent",
];

/// A root field's function, by kind of root and field.
pub(super) type Functions = BTreeMap<(Root, String), String>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Root {
    Query,
    Mutation,
    Subscription,
}

impl Root {
    const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}

impl Writer<'_> {
    /// Chooses the names of all functions.
    pub(super) fn function_names(&self) -> Result<Functions, String> {
        let mut functions = Functions::new();
        let mut used: BTreeSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
        for (root, fields) in [
            (Root::Query, &self.schema.queries),
            (Root::Mutation, &self.schema.mutations),
            (Root::Subscription, &self.schema.subscriptions),
        ] {
            for field in fields {
                let mut name = match root {
                    Root::Subscription => format!("subscribe_{}", names::snake(&field.name)),
                    Root::Query | Root::Mutation => names::ident(&field.name),
                };
                if used.contains(&name) {
                    name = format!("{}_{}", names::snake(&field.name), root.name());
                }
                let stream = format!("{}_stream", names::snake(&field.name));
                let has_stream = root == Root::Query && self.is_paged(field);
                for name in [Some(&name), has_stream.then_some(&stream)]
                    .into_iter()
                    .flatten()
                {
                    if !used.insert(name.clone()) {
                        return Err(format!(
                            "{}.{}: there is a function `{name}` already",
                            root.name(),
                            field.name
                        ));
                    }
                }
                functions.insert((root, field.name.clone()), name);
            }
        }
        Ok(functions)
    }

    pub(super) fn queries(&self, functions: &mut Functions) -> Code {
        self.calls(Root::Query, &self.schema.queries, functions)
    }

    pub(super) fn mutations(&self, functions: &mut Functions) -> Code {
        self.calls(Root::Mutation, &self.schema.mutations, functions)
    }

    pub(super) fn subscriptions(&self, functions: &mut Functions) -> Code {
        self.calls(Root::Subscription, &self.schema.subscriptions, functions)
    }

    fn calls(&self, root: Root, fields: &[Field], functions: &mut Functions) -> Code {
        if fields.is_empty() {
            return Code::default();
        }
        let mut constants = Code::default();
        let mut arguments = Code::default();
        let mut methods = Code::default();
        for field in fields {
            let function = functions
                .remove(&(root, field.name.clone()))
                .unwrap_or_else(|| names::ident(&field.name));
            self.operation(&mut constants, root, field, &function);
            self.function(&mut arguments, &mut methods, root, field, &function);
        }

        let mut code = Code::default();
        code.line(match root {
            Root::Query => "//! A function for every query.\n",
            Root::Mutation => "//! A function for every mutation.\n",
            Root::Subscription => "//! A function for every subscription.\n",
        });
        let all = format!("{}{}", arguments.as_str(), methods.as_str());
        if all.contains("Serialize)]") {
            code.line("use serde::Serialize;\n");
        }
        code.line("use crate::*;\n");
        code.line(constants.as_str());
        code.line(arguments.as_str());
        code.line("\nimpl Client {");
        code.line(methods.as_str());
        code.line("}");
        code
    }

    /// The constant that holds the document's parts.
    fn operation(&self, code: &mut Code, root: Root, field: &Field, function: &str) {
        let join = |part: &dyn Fn(&Argument) -> String| {
            let parts: Vec<String> = field.arguments.iter().map(part).collect();
            if parts.is_empty() {
                String::new()
            } else {
                format!("({})", parts.join(", "))
            }
        };
        // A variable that may be left out has to be nullable, also where the argument is not but has a default.
        let variables = join(&|argument| {
            format!(
                "${}: {}",
                argument.name,
                argument.ty.with_nullable(!argument.is_required())
            )
        });
        let arguments = join(&|argument| format!("{0}: ${0}", argument.name));
        let base = field.ty.base();
        let selection = if self.schema.is_leaf(base) {
            "\"\"".to_owned()
        } else {
            format!("{}::FIELDS", names::type_name(base))
        };
        let refusable = root == Root::Mutation
            && self
                .schema
                .fields(base)
                .iter()
                .any(|field| self.selections.is_refusals(base, field));
        let keyed = root == Root::Mutation
            && sole_input(field).is_some_and(|input| {
                match self.schema.get(input).map(|ty| &ty.kind) {
                    Some(Kind::Input { fields, .. }) => {
                        fields.iter().any(|field| field.name == "idempotencyKey")
                    }
                    _ => false,
                }
            });
        code.line(&format!(
            "const {}: Operation = Operation::{}({}, {}, {}, {selection}){}{};",
            names::screaming(function),
            root.name(),
            literal(&field.name),
            literal(&variables),
            literal(&arguments),
            if refusable { ".refusable()" } else { "" },
            if keyed { ".keyed()" } else { "" },
        ));
    }

    fn function(
        &self,
        structs: &mut Code,
        methods: &mut Code,
        root: Root,
        field: &Field,
        function: &str,
    ) {
        let constant = names::screaming(function);
        let base = field.ty.base();
        let answer = self.wrapped(&field.ty, &self.base_type(base));
        let (returns, send) = match root {
            Root::Query | Root::Mutation => (format!("Call<{answer}>"), "call"),
            Root::Subscription => (format!("Subscribe<{answer}>"), "subscription"),
        };
        // `after` of a subscription is a method of what the function returns.
        let arguments: Vec<&Argument> = field
            .arguments
            .iter()
            .filter(|argument| root != Root::Subscription || argument.name != "after")
            .collect();
        let optional = arguments
            .iter()
            .filter(|argument| !argument.is_required())
            .count();
        let text = doc(
            field.description.as_deref(),
            &format!("The {} `{}`.", root.name(), field.name),
            field.deprecated.as_deref(),
        );

        methods.line("");
        methods.line(&text);
        if let Some(input) = sole_input(field).filter(|_| root == Root::Mutation) {
            methods.line(&format!(
                "pub fn {function}(&self, input: {}) -> {returns} {{",
                self.base_type(input)
            ));
            methods.line("#[derive(Serialize)] struct Variables<T> { input: T }");
            methods.line(&format!(
                "self.{send}({constant}, Variables {{ input }}) }}"
            ));
        } else if arguments.is_empty() {
            methods.line(&format!(
                "pub fn {function}(&self) -> {returns} {{ self.{send}({constant}, ()) }}"
            ));
        } else if (optional == 0 && arguments.len() <= 4) || arguments.len() == 1 {
            self.positional(methods, &arguments, function, &returns, send, &constant);
        } else {
            let prefix = if root == Root::Subscription {
                "Subscribe"
            } else {
                ""
            };
            let name = format!("{prefix}{}Args", names::pascal(&field.name));
            self.arguments_struct(structs, &name, function, &arguments);
            methods.line(&format!(
                "pub fn {function}(&self, args: {name}) -> {returns} {{"
            ));
            methods.line(&format!("self.{send}({constant}, args) }}"));
            if root == Root::Query && self.is_paged(field) {
                let connection = names::type_name(base);
                methods.line("");
                methods.line(&text);
                methods.line("///\n/// Page after page, as one stream.");
                methods.line(&format!(
                    "pub fn {}_stream(&self, args: {name}) -> NodeStream<{connection}> {{ self.pages({constant}, args) }}",
                    names::snake(&field.name)
                ));
            }
        }
    }

    fn positional(
        &self,
        methods: &mut Code,
        arguments: &[&Argument],
        function: &str,
        returns: &str,
        send: &str,
        constant: &str,
    ) {
        let mut parameters = Vec::new();
        let mut fields = Vec::new();
        let mut values = Vec::new();
        for argument in arguments {
            let ident = names::ident(&argument.name);
            let attribute = skip(argument, Absence::Maybe).unwrap_or_default();
            if argument.is_required() {
                parameters.push(self.parameter(argument));
                fields.push(format!(
                    "{attribute} {ident}: {}",
                    self.held(argument, Absence::Maybe, false)
                ));
                values.push(format!("{ident}: {}", self.taken(argument, false)));
            } else {
                let base = self.wrapped(
                    &argument.ty.with_nullable(false),
                    &self.base_type(argument.ty.base()),
                );
                let attribute = attribute.replace("Option::is_none", "Maybe::is_absent");
                parameters.push(format!("{ident}: impl Into<Maybe<{base}>>"));
                fields.push(format!("{attribute} {ident}: Maybe<{base}>"));
                values.push(format!("{ident}: {ident}.into()"));
            }
        }
        methods.line(&format!(
            "pub fn {function}(&self, {}) -> {returns} {{",
            parameters.join(", ")
        ));
        methods.line("#[derive(Serialize)] #[serde(rename_all = \"camelCase\")]");
        methods.line(&format!("struct Variables {{ {} }}", fields.join(", ")));
        methods.line(&format!(
            "self.{send}({constant}, Variables {{ {} }}) }}",
            values.join(", ")
        ));
    }

    fn arguments_struct(
        &self,
        code: &mut Code,
        name: &str,
        function: &str,
        arguments: &[&Argument],
    ) {
        let text = format!("/// The arguments of [`Client::{function}`].");
        let owned: Vec<Argument> = arguments
            .iter()
            .map(|argument| (*argument).clone())
            .collect();
        self.input(code, None, name, &text, &owned, Absence::Option);
    }

    /// Whether the field answers page by page.
    fn is_paged(&self, field: &Field) -> bool {
        self.selections.is_connection(field.ty.base())
            && !field.ty.is_nullable()
            && field
                .arguments
                .iter()
                .any(|argument| argument.name == "after")
            && field.arguments.len() > 1
    }
}

/// The input type of a mutation that follows the convention of one non-null `input`.
fn sole_input(field: &Field) -> Option<&str> {
    match field.arguments.as_slice() {
        [argument]
            if argument.name == "input" && argument.is_required() && !argument.ty.is_list() =>
        {
            Some(argument.ty.base())
        }
        _ => None,
    }
}
