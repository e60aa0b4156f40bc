//! Checks values against input types, before anything runs.
//!
//! The executor finds a missing or ill-typed variable only when it comes to the field that uses it,
//! and answers a field error with partial data. The specification wants a request error instead, so
//! variables are checked here against what the operation declares ([`variables`]).
//!
//! For that to be enough, declared types must fit where the variables are used, and literals must
//! be right with variables standing in them. The executor's strict validation checks neither
//! without values for the variables, so both are checked here too ([`literal`], [`usage`]). A
//! document that passed all this once needs no further validation, whatever variables come with it.

use std::fmt;

use async_graphql::{
    Name, Pos, Variables,
    indexmap::IndexMap,
    parser::types::{BaseType, OperationDefinition, Type},
};
use async_graphql_value::{ConstValue, Value};

use super::types::{Builtin, Input, InputField, Types};

/// Checks that the given variables fit what the operation declares.
///
/// # Errors
///
/// What does not fit, in words for the caller.
pub(crate) fn variables(
    types: &Types,
    operation: &OperationDefinition,
    given: &Variables,
) -> Result<(), String> {
    for definition in &operation.variable_definitions {
        let definition = &definition.node;
        let (name, ty) = (&definition.name.node, &definition.var_type.node);
        match given.get(name) {
            Some(value) => {
                let invalid = |wrong| {
                    format!("Variable \"${name}\" of type \"{ty}\" has an invalid value: {wrong}.")
                };
                let place = Place {
                    ty,
                    is_required: !ty.nullable,
                };
                let no_variables = &mut Vec::new();
                check(types, place, value, &At::Root(name), no_variables).map_err(invalid)?;
            }
            None if !ty.nullable && definition.default_value.is_none() => {
                return Err(format!(
                    "Variable \"${name}\" of required type \"{ty}\" was not provided."
                ));
            }
            None => {}
        }
    }
    Ok(())
}

/// A variable in a document, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Usage<'a> {
    variable: &'a str,
    place: Place<'a>,
    /// Of the field that has it in an argument.
    pub(crate) position: Pos,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug)]
struct Place<'a> {
    ty: &'a Type,
    /// Whether there must be a value, and that not null, for want of a default.
    is_required: bool,
}

/// Checks the value of an argument in a document, and collects the variables in it.
///
/// # Errors
///
/// What does not fit, in words for the caller.
pub(crate) fn literal<'a>(
    types: &'a Types,
    argument: &'a InputField,
    name: &str,
    value: &'a Value,
    position: Pos,
    usages: &mut Vec<Usage<'a>>,
) -> Result<(), String> {
    let place = Place {
        ty: &argument.ty,
        is_required: argument.is_required,
    };
    let mut variables = Vec::new();
    check(types, place, value, &At::Root(name), &mut variables)?;
    let usage = |(variable, place)| Usage {
        variable,
        place,
        position,
    };
    usages.extend(variables.into_iter().map(usage));
    Ok(())
}

/// Checks that a variable's declared type fits where it is used.
///
/// # Errors
///
/// That it does not, in words for the caller.
pub(crate) fn usage(usage: &Usage<'_>, operation: &OperationDefinition) -> Result<(), String> {
    let Usage {
        variable,
        place: Place { ty, is_required },
        ..
    } = usage;
    let mut definitions = operation
        .variable_definitions
        .iter()
        .map(|definition| &definition.node);
    let Some(definition) = definitions.find(|definition| definition.name.node == *variable) else {
        return Ok(()); // an undeclared one is the validator's to report
    };
    let declared = &definition.var_type.node;
    // Null may be declared where a value is needed, if a default stands in.
    let has_default =
        matches!(&definition.default_value, Some(value) if value.node != ConstValue::Null);
    let has_value = !declared.nullable || has_default;
    if fits_base(&declared.base, &ty.base) && (has_value || !is_required) {
        return Ok(());
    }
    Err(format!(
        "Variable \"${variable}\" of type \"{declared}\" is used where \"{ty}\" is expected"
    ))
}

fn fits(declared: &Type, expected: &Type) -> bool {
    (expected.nullable || !declared.nullable) && fits_base(&declared.base, &expected.base)
}

fn fits_base(declared: &BaseType, expected: &BaseType) -> bool {
    match (declared, expected) {
        (BaseType::Named(declared), BaseType::Named(expected)) => declared == expected,
        (BaseType::List(declared), BaseType::List(expected)) => fits(declared, expected),
        _ => false,
    }
}

/// Where in a value something does not fit.
enum At<'a> {
    Root(&'a str),
    Field(&'a At<'a>, &'a str),
    Item(&'a At<'a>, usize),
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => f.write_str(name),
            Self::Field(of, name) => write!(f, "{of}.{name}"),
            Self::Item(of, index) => write!(f, "{of}[{index}]"),
        }
    }
}

/// One level of a value, whether it came in a document or as JSON.
enum Shape<'a, N> {
    Null,
    Variable(&'a str),
    Boolean,
    Int,
    Float,
    String(&'a str),
    Enum(&'a str),
    List(&'a [N]),
    Object(&'a IndexMap<Name, N>),
    Other,
}

trait Node: Sized + fmt::Display {
    /// Whether enum values are written as strings.
    const ENUMS_ARE_STRINGS: bool;

    fn shape(&self) -> Shape<'_, Self>;
}

fn number<N>(number: &serde_json::Number) -> Shape<'_, N> {
    if number.is_i64() || number.is_u64() {
        Shape::Int
    } else {
        Shape::Float
    }
}

impl Node for ConstValue {
    const ENUMS_ARE_STRINGS: bool = true;

    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::Null => Shape::Null,
            Self::Number(n) => number(n),
            Self::String(text) => Shape::String(text),
            Self::Boolean(_) => Shape::Boolean,
            Self::Binary(_) => Shape::Other,
            Self::Enum(name) => Shape::Enum(name),
            Self::List(items) => Shape::List(items),
            Self::Object(fields) => Shape::Object(fields),
        }
    }
}

impl Node for Value {
    const ENUMS_ARE_STRINGS: bool = false;

    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::Variable(name) => Shape::Variable(name),
            Self::Null => Shape::Null,
            Self::Number(n) => number(n),
            Self::String(text) => Shape::String(text),
            Self::Boolean(_) => Shape::Boolean,
            Self::Binary(_) => Shape::Other,
            Self::Enum(name) => Shape::Enum(name),
            Self::List(items) => Shape::List(items),
            Self::Object(fields) => Shape::Object(fields),
        }
    }
}

fn check<'a, N: Node>(
    types: &'a Types,
    place: Place<'a>,
    value: &'a N,
    at: &At<'_>,
    variables: &mut Vec<(&'a str, Place<'a>)>,
) -> Result<(), String> {
    let ty = place.ty;
    let wrong = || Err(format!("\"{at}\" must be of type \"{ty}\""));
    let shape = value.shape();
    match (&shape, &ty.base) {
        (Shape::Variable(name), _) => {
            variables.push((*name, place));
            Ok(())
        }
        (Shape::Null, _) if ty.nullable => Ok(()),
        (Shape::Null, _) => Err(format!("\"{at}\" must be of type \"{ty}\" and not null")),
        (Shape::List(items), BaseType::List(of)) => {
            let place = Place {
                ty: of,
                is_required: !of.nullable,
            };
            items.iter().enumerate().try_for_each(|(index, item)| {
                check(types, place, item, &At::Item(at, index), variables)
            })
        }
        // One value stands for a list of one.
        (_, BaseType::List(of)) => check(
            types,
            Place {
                ty: of,
                is_required: true,
            },
            value,
            at,
            variables,
        ),
        (_, BaseType::Named(name)) => match types.input(name) {
            Some(Input::Builtin(builtin)) if builtin_fits(*builtin, &shape) => Ok(()),
            Some(Input::Builtin(_)) => wrong(),
            Some(Input::Enum(values)) => match shape {
                Shape::Enum(given) if values.contains(given) => Ok(()),
                Shape::String(given) if N::ENUMS_ARE_STRINGS && values.contains(given) => Ok(()),
                Shape::Enum(given) | Shape::String(given) => Err(format!(
                    "\"{at}\" must be of type \"{ty}\", which has no value \"{given}\""
                )),
                _ => wrong(),
            },
            Some(Input::Object { fields, is_one_of }) => {
                let Shape::Object(given) = shape else {
                    return wrong();
                };
                if let Some(unknown) = given.keys().find(|key| !fields.contains_key(*key)) {
                    return Err(format!(
                        "\"{at}\" of type \"{ty}\" has no field \"{unknown}\""
                    ));
                }
                let is_missing = |(key, field): &(&Name, &InputField)| {
                    field.is_required && !given.contains_key(*key)
                };
                if let Some((missing, _)) = fields.iter().find(is_missing) {
                    return Err(format!(
                        "\"{at}\" of type \"{ty}\" must have the field \"{missing}\""
                    ));
                }
                let is_null = |value: &N| matches!(value.shape(), Shape::Null);
                if *is_one_of && (given.len() != 1 || given.values().any(is_null)) {
                    return Err(format!(
                        "\"{at}\" of type \"{ty}\" must have exactly one field, and that not null"
                    ));
                }
                given.iter().try_for_each(|(key, value)| {
                    let Some(field) = fields.get(key) else {
                        return Ok(());
                    };
                    // The one field of a choice is nullable by its type alone.
                    let is_required = field.is_required || *is_one_of;
                    let place = Place {
                        ty: &field.ty,
                        is_required,
                    };
                    check(types, place, value, &At::Field(at, key), variables)
                })
            }
            // A scalar of the schema checks its own form; a type that is unknown is the validator's
            // to refuse.
            Some(Input::Scalar) | None => Ok(()),
        },
    }
}

fn builtin_fits<N>(builtin: Builtin, shape: &Shape<'_, N>) -> bool {
    match builtin {
        Builtin::Boolean => matches!(shape, Shape::Boolean),
        Builtin::Float => matches!(shape, Shape::Float | Shape::Int),
        Builtin::Id => matches!(shape, Shape::String(_) | Shape::Int),
        Builtin::Int => matches!(shape, Shape::Int),
        Builtin::String => matches!(shape, Shape::String(_)),
    }
}
