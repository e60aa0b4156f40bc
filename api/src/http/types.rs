//! What the schema says of its inputs and fields, read once from its SDL: enough to check variables
//! and to know the cost of a field. The executor's own registry is private to it.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name,
    parser::{
        parse_schema,
        types::{
            BaseType, InputValueDefinition, OperationType, Type, TypeKind, TypeSystemDefinition,
        },
    },
};

/// The schema's types by name.
pub(crate) struct Types {
    roots: [Name; 3],
    composites: HashMap<Name, HashMap<Name, FieldType>>,
    inputs: HashMap<Name, Input>,
    condition: InputField,
}

/// What a field answers and takes.
pub(crate) struct FieldType {
    /// The name of the type it answers, without list and non-null.
    pub(crate) answers: Name,
    /// Its arguments.
    pub(crate) arguments: HashMap<Name, InputField>,
}

impl FieldType {
    /// Whether it answers a page, whose size the caller chooses.
    pub(crate) fn is_connection(&self) -> bool {
        self.arguments.contains_key("first") || self.arguments.contains_key("last")
    }
}

/// An argument, or a field of an input object.
pub(crate) struct InputField {
    /// Its type.
    pub(crate) ty: Type,
    /// Whether it must be given.
    pub(crate) is_required: bool,
}

impl InputField {
    fn required(of: &str) -> Self {
        let ty = Type {
            base: BaseType::Named(Name::new(of)),
            nullable: false,
        };
        Self {
            ty,
            is_required: true,
        }
    }
}

impl From<InputValueDefinition> for InputField {
    fn from(definition: InputValueDefinition) -> Self {
        let ty = definition.ty.node;
        Self {
            is_required: !ty.nullable && definition.default_value.is_none(),
            ty,
        }
    }
}

/// A type that a variable can have.
pub(crate) enum Input {
    /// A scalar of GraphQL itself.
    Builtin(Builtin),
    /// A scalar of this schema; its resolver checks it.
    Scalar,
    /// One of these names.
    Enum(HashSet<Name>),
    /// An object.
    Object {
        /// Its fields.
        fields: HashMap<Name, InputField>,
        /// Whether exactly one of them must be given.
        is_one_of: bool,
    },
}

/// A scalar of GraphQL itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builtin {
    Boolean,
    Float,
    Id,
    Int,
    String,
}

impl Types {
    /// Reads them from a schema's SDL.
    ///
    /// # Panics
    ///
    /// If that is not SDL: a server without a readable schema must not start.
    pub(crate) fn from_sdl(sdl: &str) -> Self {
        let document = match parse_schema(sdl) {
            Ok(document) => document,
            Err(error) => panic!("the schema's own SDL does not parse: {error}"),
        };
        let mut types = Self {
            roots: ["Query", "Mutation", "Subscription"].map(Name::new),
            composites: HashMap::new(),
            condition: InputField::required("Boolean"),
            inputs: [
                ("Boolean", Builtin::Boolean),
                ("Float", Builtin::Float),
                ("ID", Builtin::Id),
                ("Int", Builtin::Int),
                ("String", Builtin::String),
            ]
            .map(|(name, builtin)| (Name::new(name), Input::Builtin(builtin)))
            .into(),
        };
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    let schema = schema.node;
                    for (root, name) in types.roots.iter_mut().zip([
                        schema.query,
                        schema.mutation,
                        schema.subscription,
                    ]) {
                        if let Some(name) = name {
                            *root = name.node;
                        }
                    }
                }
                TypeSystemDefinition::Type(definition) => {
                    let definition = definition.node;
                    let is_one_of = definition
                        .directives
                        .iter()
                        .any(|directive| directive.node.name.node == "oneOf");
                    types.add(definition.name.node, definition.kind, is_one_of);
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        let __type = FieldType {
            answers: Name::new("__Type"),
            arguments: [(Name::new("name"), InputField::required("String"))].into(),
        };
        let query = types.root(OperationType::Query).clone();
        types
            .composites
            .entry(query)
            .or_default()
            .insert(Name::new("__type"), __type);
        types
    }

    fn add(&mut self, name: Name, kind: TypeKind, is_one_of: bool) {
        let fields = match kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            TypeKind::Union(_) => Vec::new(),
            TypeKind::Scalar => {
                self.inputs.entry(name).or_insert(Input::Scalar);
                return;
            }
            TypeKind::Enum(values) => {
                let values = values
                    .values
                    .into_iter()
                    .map(|value| value.node.value.node)
                    .collect();
                self.inputs.insert(name, Input::Enum(values));
                return;
            }
            TypeKind::InputObject(object) => {
                let fields = object
                    .fields
                    .into_iter()
                    .map(|field| named_input(field.node))
                    .collect();
                self.inputs
                    .insert(name, Input::Object { fields, is_one_of });
                return;
            }
        };
        let fields = fields.into_iter().map(|field| {
            let field = field.node;
            let arguments = field
                .arguments
                .into_iter()
                .map(|argument| named_input(argument.node))
                .collect();
            (
                field.name.node,
                FieldType {
                    answers: innermost(&field.ty.node).clone(),
                    arguments,
                },
            )
        });
        self.composites.entry(name).or_default().extend(fields);
    }

    /// The root type's name for a kind of operation.
    pub(crate) fn root(&self, kind: OperationType) -> &Name {
        let [query, mutation, subscription] = &self.roots;
        match kind {
            OperationType::Query => query,
            OperationType::Mutation => mutation,
            OperationType::Subscription => subscription,
        }
    }

    /// A field of an object or interface type.
    pub(crate) fn field(&self, of: &str, name: &str) -> Option<&FieldType> {
        self.composites.get(of)?.get(name)
    }

    /// What `@skip` and `@include` take.
    pub(crate) fn condition(&self) -> &InputField {
        &self.condition
    }

    /// An input type.
    pub(crate) fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.get(name)
    }
}

fn named_input(definition: InputValueDefinition) -> (Name, InputField) {
    (definition.name.node.clone(), definition.into())
}

fn innermost(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(of) => innermost(of),
    }
}
