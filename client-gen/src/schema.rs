//! The schema, as far as the client needs it.

use std::collections::BTreeMap;
use std::fmt;

use async_graphql_parser::types::{
    BaseType, ConstDirective, FieldDefinition, InputValueDefinition, Type as ParsedType, TypeKind,
    TypeSystemDefinition,
};
use async_graphql_parser::{Positioned, parse_schema};
use async_graphql_value::ConstValue;

/// Types by name, without the roots and what federation adds.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) types: BTreeMap<String, Type>,
    pub(crate) queries: Vec<Field>,
    pub(crate) mutations: Vec<Field>,
    pub(crate) subscriptions: Vec<Field>,
}

#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Scalar,
    Enum(Vec<EnumValue>),
    Object {
        fields: Vec<Field>,
        interfaces: Vec<String>,
    },
    Interface {
        fields: Vec<Field>,
        members: Vec<String>,
    },
    Union {
        members: Vec<String>,
    },
    Input {
        fields: Vec<Argument>,
        is_one_of: bool,
    },
}

#[derive(Debug)]
pub(crate) struct EnumValue {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) deprecated: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) deprecated: Option<String>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) ty: Ty,
}

impl Field {
    pub(crate) fn needs_arguments(&self) -> bool {
        self.arguments.iter().any(Argument::is_required)
    }
}

/// An argument or an input field.
#[derive(Debug, Clone)]
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) deprecated: Option<String>,
    pub(crate) ty: Ty,
    pub(crate) default: Option<String>,
}

impl Argument {
    pub(crate) fn is_required(&self) -> bool {
        !self.ty.is_nullable() && self.default.is_none()
    }
}

/// A type reference such as `[String!]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ty {
    Named { name: String, nullable: bool },
    List { of: Box<Ty>, nullable: bool },
}

impl Ty {
    pub(crate) fn base(&self) -> &str {
        match self {
            Self::Named { name, .. } => name,
            Self::List { of, .. } => of.base(),
        }
    }

    pub(crate) fn is_list(&self) -> bool {
        matches!(self, Self::List { .. })
    }

    pub(crate) fn is_nullable(&self) -> bool {
        match self {
            Self::Named { nullable, .. } | Self::List { nullable, .. } => *nullable,
        }
    }

    /// The same, nullable or not.
    pub(crate) fn with_nullable(&self, nullable: bool) -> Self {
        match self.clone() {
            Self::Named { name, .. } => Self::Named { name, nullable },
            Self::List { of, .. } => Self::List { of, nullable },
        }
    }

    fn parsed(ty: &ParsedType) -> Self {
        let nullable = ty.nullable;
        match &ty.base {
            BaseType::Named(name) => Self::Named {
                name: name.to_string(),
                nullable,
            },
            BaseType::List(of) => Self::List {
                of: Box::new(Self::parsed(of)),
                nullable,
            },
        }
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named { name, .. } => f.write_str(name)?,
            Self::List { of, .. } => write!(f, "[{of}]")?,
        }
        f.write_str(if self.is_nullable() { "" } else { "!" })
    }
}

impl Schema {
    /// Reads SDL.
    ///
    /// # Errors
    /// It does not parse, has no query root, or names a type that it does not define.
    pub(crate) fn parse(sdl: &str) -> Result<Self, String> {
        let document =
            parse_schema(sdl).map_err(|error| format!("the schema does not parse: {error}"))?;

        let mut roots = [
            Some("Query".to_owned()),
            Some("Mutation".to_owned()),
            Some("Subscription".to_owned()),
        ];
        for definition in &document.definitions {
            if let TypeSystemDefinition::Schema(schema) = definition {
                let schema = &schema.node;
                for (root, named) in
                    roots
                        .iter_mut()
                        .zip([&schema.query, &schema.mutation, &schema.subscription])
                {
                    if let Some(name) = named {
                        *root = Some(name.node.to_string());
                    } else if !schema.extend {
                        *root = None;
                    }
                }
            }
        }

        let mut types: BTreeMap<String, Type> = BTreeMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(parsed) = definition else {
                continue;
            };
            let parsed = parsed.node;
            let name = parsed.name.node.to_string();
            // Federation's own machinery is not for clients.
            if name.starts_with('_') {
                continue;
            }
            let new = Type {
                name: name.clone(),
                description: parsed.description.map(|text| text.node),
                kind: kind(parsed.kind, &parsed.directives),
            };
            match types.get_mut(&name) {
                Some(known) => known.extend(new)?,
                None => drop(types.insert(name, new)),
            }
        }

        let mut fields =
            |root: &Option<String>| match root.as_ref().and_then(|name| types.remove(name)) {
                Some(Type {
                    kind: Kind::Object { fields, .. },
                    ..
                }) => fields,
                _ => Vec::new(),
            };
        let [queries, mutations, subscriptions] = roots.each_ref().map(&mut fields);
        let mut schema = Self {
            types,
            queries,
            mutations,
            subscriptions,
        };
        schema.find_members();
        schema.check()?;
        Ok(schema)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    /// The fields of an object or interface.
    pub(crate) fn fields(&self, name: &str) -> &[Field] {
        match self.get(name).map(|ty| &ty.kind) {
            Some(Kind::Object { fields, .. } | Kind::Interface { fields, .. }) => fields,
            _ => &[],
        }
    }

    /// The object types that an interface or union stands for.
    pub(crate) fn members(&self, name: &str) -> Option<&[String]> {
        match self.get(name).map(|ty| &ty.kind) {
            Some(Kind::Interface { members, .. } | Kind::Union { members }) => Some(members),
            _ => None,
        }
    }

    pub(crate) fn is_leaf(&self, name: &str) -> bool {
        is_built_in(name)
            || matches!(
                self.get(name).map(|ty| &ty.kind),
                Some(Kind::Scalar | Kind::Enum(_))
            )
    }

    fn find_members(&mut self) {
        let mut members: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for ty in self.types.values() {
            if let Kind::Object { interfaces, .. } = &ty.kind {
                for interface in interfaces {
                    members
                        .entry(interface.clone())
                        .or_default()
                        .push(ty.name.clone());
                }
            }
        }
        for (interface, found) in members {
            if let Some(Type {
                kind: Kind::Interface { members, .. },
                ..
            }) = self.types.get_mut(&interface)
            {
                *members = found;
            }
        }
    }

    fn check(&self) -> Result<(), String> {
        if self.queries.is_empty() {
            return Err("the schema has no query root".to_owned());
        }
        let known = |ty: &Ty, place: String| {
            if is_built_in(ty.base()) || self.types.contains_key(ty.base()) {
                Ok(())
            } else {
                Err(format!("{place}: the type `{}` is not defined", ty.base()))
            }
        };
        let roots = [
            ("query", &self.queries),
            ("mutation", &self.mutations),
            ("subscription", &self.subscriptions),
        ];
        let mut owners: Vec<(&str, &[Field])> = roots
            .map(|(name, fields)| (name, fields.as_slice()))
            .to_vec();
        owners.extend(
            self.types
                .keys()
                .map(|name| (name.as_str(), self.fields(name))),
        );
        for (owner, fields) in owners {
            for field in fields {
                known(&field.ty, format!("{owner}.{}", field.name))?;
                for argument in &field.arguments {
                    known(
                        &argument.ty,
                        format!("{owner}.{}({}:)", field.name, argument.name),
                    )?;
                }
            }
        }
        for ty in self.types.values() {
            if let Kind::Input { fields, .. } = &ty.kind {
                for field in fields {
                    known(&field.ty, format!("{}.{}", ty.name, field.name))?;
                }
            }
        }
        Ok(())
    }
}

impl Type {
    /// Adds what an `extend` says.
    fn extend(&mut self, other: Self) -> Result<(), String> {
        self.description = self.description.take().or(other.description);
        match (&mut self.kind, other.kind) {
            (Kind::Scalar, Kind::Scalar) => {}
            (Kind::Enum(values), Kind::Enum(more)) => values.extend(more),
            (
                Kind::Object { fields, interfaces },
                Kind::Object {
                    fields: more_fields,
                    interfaces: more_interfaces,
                },
            ) => {
                fields.extend(more_fields);
                interfaces.extend(more_interfaces);
            }
            (Kind::Interface { fields, .. }, Kind::Interface { fields: more, .. }) => {
                fields.extend(more)
            }
            (Kind::Union { members }, Kind::Union { members: more }) => members.extend(more),
            (Kind::Input { fields, .. }, Kind::Input { fields: more, .. }) => fields.extend(more),
            _ => {
                return Err(format!(
                    "`{}` is defined twice, as different kinds",
                    self.name
                ));
            }
        }
        Ok(())
    }
}

pub(crate) fn is_built_in(name: &str) -> bool {
    matches!(name, "ID" | "String" | "Int" | "Float" | "Boolean")
}

fn kind(kind: TypeKind, directives: &[Positioned<ConstDirective>]) -> Kind {
    let names = |names: Vec<Positioned<async_graphql_value::Name>>| -> Vec<String> {
        names
            .into_iter()
            .map(|name| name.node.to_string())
            .collect()
    };
    match kind {
        TypeKind::Scalar => Kind::Scalar,
        TypeKind::Enum(parsed) => Kind::Enum(
            parsed
                .values
                .into_iter()
                .map(|value| EnumValue {
                    name: value.node.value.node.to_string(),
                    deprecated: deprecated(&value.node.directives),
                    description: value.node.description.map(|text| text.node),
                })
                .collect(),
        ),
        TypeKind::Object(parsed) => Kind::Object {
            fields: fields(parsed.fields),
            interfaces: names(parsed.implements),
        },
        TypeKind::Interface(parsed) => Kind::Interface {
            fields: fields(parsed.fields),
            members: Vec::new(),
        },
        TypeKind::Union(parsed) => Kind::Union {
            members: names(parsed.members),
        },
        TypeKind::InputObject(parsed) => Kind::Input {
            fields: arguments(parsed.fields),
            is_one_of: directives
                .iter()
                .any(|directive| directive.node.name.node == "oneOf"),
        },
    }
}

fn fields(parsed: Vec<Positioned<FieldDefinition>>) -> Vec<Field> {
    parsed
        .into_iter()
        .map(|field| field.node)
        .filter(|field| !field.name.node.starts_with('_'))
        .map(|field| Field {
            name: field.name.node.to_string(),
            deprecated: deprecated(&field.directives),
            description: field.description.map(|text| text.node),
            arguments: arguments(field.arguments),
            ty: Ty::parsed(&field.ty.node),
        })
        .collect()
}

fn arguments(parsed: Vec<Positioned<InputValueDefinition>>) -> Vec<Argument> {
    parsed
        .into_iter()
        .map(|argument| argument.node)
        .map(|argument| Argument {
            name: argument.name.node.to_string(),
            deprecated: deprecated(&argument.directives),
            description: argument.description.map(|text| text.node),
            ty: Ty::parsed(&argument.ty.node),
            default: argument.default_value.map(|value| value.node.to_string()),
        })
        .collect()
}

fn deprecated(directives: &[Positioned<ConstDirective>]) -> Option<String> {
    let directive = directives
        .iter()
        .find(|directive| directive.node.name.node == "deprecated")?;
    Some(
        match directive
            .node
            .get_argument("reason")
            .map(|reason| &reason.node)
        {
            Some(ConstValue::String(reason)) => reason.clone(),
            _ => "no longer supported".to_owned(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_and_renamed_roots_are_understood() {
        let schema = Schema::parse(
            "schema { query: Root }
             extend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\", import: [\"@key\"])
             type Root { a: A _service: _Service! }
             type _Service { sdl: String }
             type A { b: Int }
             extend type A { c: Int @deprecated(reason: \"b is better\") }
             type Mutation { d: Int }",
        )
        .unwrap();
        assert_eq!(schema.queries.len(), 1);
        assert!(schema.mutations.is_empty());
        assert_eq!(schema.fields("A").len(), 2);
        assert_eq!(
            schema.fields("A")[1].deprecated.as_deref(),
            Some("b is better")
        );
        assert!(schema.get("_Service").is_none());
    }

    #[test]
    fn undefined_types_are_named() {
        let error = Schema::parse("type Query { a(b: C): Int }").unwrap_err();
        assert_eq!(error, "query.a(b:): the type `C` is not defined");
        assert!(Schema::parse("type A { b: Int }").is_err());
    }

    #[test]
    fn type_references_print_as_written() {
        let schema = Schema::parse("type Query { a: [[Int!]]! }").unwrap();
        assert_eq!(schema.queries[0].ty.to_string(), "[[Int!]]!");
    }
}
