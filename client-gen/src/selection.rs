//! Which fields a call asks for when the program does not say.
//!
//! - Entities (types that implement `Node`): leaves, plain values and the ids of single other entities, unless there is a
//!   leaf for that id (`intentId` beside `intent`).
//! - Plain values (objects that lead to no list of entities and to no connection): the same, nested.
//! - Connections: `nodes`, `pageInfo`, `edges` without `node`; never `totalCount`.
//! - Types that a program gets directly, such as payloads and updates: also the entities in them, in full.
//!
//! Nothing is selected that needs an argument, nor a second time inside of itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::names;
use crate::rules::Rules;
use crate::schema::{Field, Kind, Schema, Ty};

/// How a selected field is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Leaf,
    /// `{ id }`
    Id,
    /// The type's own default selection.
    Whole,
    /// Not selected unless asked for; in the struct nevertheless.
    OnRequest,
}

#[derive(Debug)]
pub(crate) struct Selected<'s> {
    pub(crate) field: &'s Field,
    pub(crate) depth: Depth,
}

pub(crate) struct Selections<'s> {
    schema: &'s Schema,
    rules: &'s Rules,
    connections: BTreeSet<String>,
    /// Edge types of connections that have `nodes` too.
    bare_edges: BTreeSet<String>,
    payloads: BTreeSet<String>,
    /// Objects in which entities are selected in full.
    expanding: BTreeSet<String>,
    /// Response names of fields that would clash inside of an interface or union, by `Type.field`.
    aliases: BTreeMap<String, String>,
}

impl<'s> Selections<'s> {
    pub(crate) fn new(schema: &'s Schema, rules: &'s Rules) -> Self {
        let mut selections = Self {
            schema,
            rules,
            connections: BTreeSet::new(),
            bare_edges: BTreeSet::new(),
            payloads: BTreeSet::new(),
            expanding: BTreeSet::new(),
            aliases: BTreeMap::new(),
        };
        selections.find_connections();
        selections.find_expanding();
        selections.find_aliases();
        selections
    }

    pub(crate) fn is_connection(&self, name: &str) -> bool {
        self.connections.contains(name)
    }

    pub(crate) fn is_payload(&self, name: &str) -> bool {
        self.payloads.contains(name)
    }

    /// Whether the field holds a payload's refusals, which become an error instead.
    pub(crate) fn is_refusals(&self, owner: &str, field: &Field) -> bool {
        self.is_payload(owner) && field.name == "errors" && field.ty.base() == "MutationError"
    }

    /// The name under which an interface or union asks for a member's field, if not its own.
    pub(crate) fn alias(&self, owner: &str, field: &str) -> Option<&str> {
        self.aliases
            .get(&format!("{owner}.{field}"))
            .map(String::as_str)
    }

    /// What is selected of an object, in the order of the schema.
    pub(crate) fn of(&self, owner: &str) -> Vec<Selected<'s>> {
        self.schema
            .fields(owner)
            .iter()
            .filter(|field| !field.needs_arguments() && !self.is_refusals(owner, field))
            .filter(|field| {
                !self
                    .rules
                    .omitted
                    .contains(&format!("{owner}.{}", field.name))
            })
            .filter_map(|field| {
                Some(Selected {
                    field,
                    depth: self.depth(owner, field)?,
                })
            })
            .collect()
    }

    /// The selection as GraphQL, without the braces.
    pub(crate) fn text(&self, owner: &str) -> String {
        let mut parts = Vec::new();
        if let Some(members) = self.schema.members(owner) {
            parts.push("__typename".to_owned());
            let shared = self.shared(owner);
            parts.extend(
                shared
                    .iter()
                    .map(|field| self.part(field, self.whole_or_leaf(field), None)),
            );
            for member in members {
                let own: Vec<String> = self
                    .of(member)
                    .iter()
                    .filter(|selected| selected.depth != Depth::OnRequest)
                    .filter(|selected| {
                        !shared.iter().any(|field| field.name == selected.field.name)
                    })
                    .map(|selected| {
                        self.part(
                            selected.field,
                            selected.depth,
                            self.alias(member, &selected.field.name),
                        )
                    })
                    .collect();
                if !own.is_empty() {
                    parts.push(format!("... on {member} {{ {} }}", own.join(" ")));
                }
            }
        } else {
            let selected = self.of(owner);
            let selected = selected
                .iter()
                .filter(|selected| selected.depth != Depth::OnRequest);
            parts.extend(selected.map(|selected| self.part(selected.field, selected.depth, None)));
            if parts.is_empty() && !self.is_payload(owner) {
                parts.push("__typename".to_owned());
            }
        }
        parts.join(" ")
    }

    /// The fields that an interface and all its members have with one type, and that are cheap to select.
    pub(crate) fn shared(&self, abstraction: &str) -> Vec<&'s Field> {
        let members = self.schema.members(abstraction).unwrap_or_default();
        let everywhere = |field: &Field| {
            members.iter().all(|member| {
                self.of(member).iter().any(|selected| {
                    selected.field.name == field.name
                        && selected.field.ty == field.ty
                        && selected.depth == self.whole_or_leaf(field)
                })
            })
        };
        self.schema
            .fields(abstraction)
            .iter()
            .filter(|field| !field.needs_arguments())
            .filter(|field| self.schema.is_leaf(field.ty.base()) || self.is_plain(field.ty.base()))
            .filter(|field| everywhere(field))
            .collect()
    }

    fn whole_or_leaf(&self, field: &Field) -> Depth {
        if self.schema.is_leaf(field.ty.base()) {
            Depth::Leaf
        } else {
            Depth::Whole
        }
    }

    fn part(&self, field: &Field, depth: Depth, alias: Option<&str>) -> String {
        let name = alias.map_or_else(
            || field.name.clone(),
            |alias| format!("{alias}: {}", field.name),
        );
        match depth {
            Depth::Leaf | Depth::OnRequest => name,
            Depth::Id => format!("{name} {{ id }}"),
            Depth::Whole => format!("{name} {{ {} }}", self.text(field.ty.base())),
        }
    }

    fn depth(&self, owner: &str, field: &Field) -> Option<Depth> {
        let target = field.ty.base();
        if self.is_connection(owner) && field.name == "totalCount" {
            return Some(Depth::OnRequest);
        }
        if self.schema.is_leaf(target) {
            return Some(Depth::Leaf);
        }
        if self.is_entity(target) {
            let expands = self.expanding.contains(owner);
            let is_repeated = self.bare_edges.contains(owner) && field.name == "node";
            // Where the id is a field of its own, the server need not look the other entity up.
            let own_id = format!("{}Id", field.name);
            let has = |owner: &str, wanted: &str| {
                self.schema
                    .fields(owner)
                    .iter()
                    .any(|field| field.name == wanted)
            };
            let has_id = has(target, "id") && !has(owner, &own_id);
            return match () {
                () if expands && !is_repeated => Some(Depth::Whole),
                () if !expands && !field.ty.is_list() && has_id => Some(Depth::Id),
                () => None,
            };
        }
        let may_nest = if self.expanding.contains(target) {
            self.expanding.contains(owner) && !self.is_connection(target)
        } else {
            true
        };
        // The way through an entity is no way: it is not followed.
        let is_round = !self.is_entity(owner) && self.reaches(target, owner);
        (may_nest && !is_round).then_some(Depth::Whole)
    }

    /// Something with a global id: a type that implements `Node`, that interface, or a union with such a type.
    fn is_entity(&self, name: &str) -> bool {
        match self.schema.get(name).map(|ty| &ty.kind) {
            Some(Kind::Object { interfaces, .. }) => {
                interfaces.iter().any(|interface| interface == "Node")
            }
            Some(Kind::Interface { members, .. } | Kind::Union { members }) => {
                name == "Node" || members.iter().any(|member| self.is_entity(member))
            }
            _ => false,
        }
    }

    fn is_plain(&self, name: &str) -> bool {
        !self.is_entity(name) && !self.expanding.contains(name)
    }

    /// Whether following objects that are nested whole leads from one type to another.
    fn reaches(&self, from: &str, to: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = vec![from];
        while let Some(name) = next.pop() {
            if name == to {
                return true;
            }
            if self.is_entity(name) || self.schema.is_leaf(name) || !seen.insert(name) {
                continue;
            }
            next.extend(self.schema.fields(name).iter().map(|field| field.ty.base()));
            next.extend(
                self.schema
                    .members(name)
                    .unwrap_or_default()
                    .iter()
                    .map(String::as_str),
            );
        }
        false
    }

    fn find_connections(&mut self) {
        for (name, ty) in &self.schema.types {
            if !matches!(ty.kind, Kind::Object { .. }) || !name.ends_with("Connection") {
                continue;
            }
            let field = |wanted: &str| {
                self.schema
                    .fields(name)
                    .iter()
                    .find(|field| field.name == wanted)
            };
            if let (Some(edges), Some(_)) = (field("edges"), field("pageInfo")) {
                self.connections.insert(name.clone());
                self.expanding
                    .extend([name.clone(), edges.ty.base().to_owned()]);
                if field("nodes").is_some() {
                    self.bare_edges.insert(edges.ty.base().to_owned());
                }
            }
        }
    }

    fn find_expanding(&mut self) {
        let schema = self.schema;
        let given_directly = |fields: &'s [Field]| {
            fields
                .iter()
                .map(|field| field.ty.base())
                .filter(|name| !schema.is_leaf(name))
                .map(str::to_owned)
        };
        let is_object = |name: &String| {
            matches!(
                schema.get(name).map(|ty| &ty.kind),
                Some(Kind::Object { .. })
            )
        };
        self.payloads = given_directly(&schema.mutations)
            .filter(is_object)
            .filter(|name| {
                schema
                    .fields(name)
                    .iter()
                    .any(|field| field.ty.base() == "MutationError")
            })
            .collect();
        let direct: Vec<String> = given_directly(&schema.mutations)
            .chain(given_directly(&schema.subscriptions))
            .filter(is_object)
            .filter(|name| !self.is_entity(name))
            .collect();
        self.expanding.extend(direct);

        // Whatever leads to many entities or to a type that expands them is not a plain value.
        loop {
            let more: Vec<String> = schema
                .types
                .keys()
                .filter(|name| {
                    is_object(name) && !self.is_entity(name) && !self.expanding.contains(*name)
                })
                .filter(|name| {
                    schema
                        .fields(name)
                        .iter()
                        .filter(|field| !field.needs_arguments())
                        .any(|field| {
                            let target = field.ty.base();
                            (self.is_entity(target) && field.ty.is_list())
                                || self.expanding.contains(target)
                        })
                })
                .cloned()
                .collect();
            if more.is_empty() {
                break;
            }
            self.expanding.extend(more);
        }

        // An object that only queries answer shows its entities; one that is also part of others stays plain.
        let nested: BTreeSet<&str> = schema
            .types
            .keys()
            .flat_map(|name| schema.fields(name))
            .map(|field| field.ty.base())
            .collect();
        let shown: Vec<String> = given_directly(&schema.queries)
            .filter(is_object)
            .filter(|name| !self.is_entity(name) && !nested.contains(name.as_str()))
            .collect();
        self.expanding.extend(shown);
    }

    /// Two members of an interface or union may have a field of the same name and different types. GraphQL forbids to
    /// select both under one name, so such fields get a name of their own.
    fn find_aliases(&mut self) {
        let mut aliases = BTreeMap::new();
        for name in self.schema.types.keys() {
            let Some(members) = self.schema.members(name) else {
                continue;
            };
            let shared: Vec<&str> = self
                .shared(name)
                .iter()
                .map(|field| field.name.as_str())
                .collect();
            let mut types: BTreeMap<&str, Vec<(&str, &Ty)>> = BTreeMap::new();
            for member in members {
                for Selected { field, .. } in self.of(member) {
                    if !shared.contains(&field.name.as_str()) {
                        types
                            .entry(&field.name)
                            .or_default()
                            .push((member, &field.ty));
                    }
                }
            }
            for (field, uses) in types {
                let differ = uses
                    .iter()
                    .any(|(_, ty)| uses.first().is_some_and(|(_, first)| first != ty));
                for (member, _) in uses.iter().filter(|_| differ) {
                    aliases.insert(
                        format!("{member}.{field}"),
                        format!("{}_{field}", names::camel(member)),
                    );
                }
            }
        }
        self.aliases = aliases;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(sdl: &str, name: &str) -> String {
        let schema = Schema::parse(sdl).unwrap();
        let rules = Rules::default();
        Selections::new(&schema, &rules).text(name)
    }

    const NODE: &str = "interface Node { id: ID! } type PageInfo { hasNextPage: Boolean! endCursor: String }
        interface MutationError { message: String! } type BadError implements MutationError { message: String! a: Int }";

    #[test]
    fn entities_hold_leaves_values_and_ids_of_others() {
        let sdl = format!(
            "{NODE} type Query {{ a: A }}
             type A implements Node {{ id: ID! v: V b: B! bs: [B!]! c(x: Int!): Int d(x: Int): Int }}
             type B implements Node {{ id: ID! a: A }} type V {{ n: Int w: W }} type W {{ m: Int a: A b: B }}"
        );
        assert_eq!(
            text(&sdl, "A"),
            "id v { n w { m a { id } b { id } } } b { id } d"
        );
    }

    #[test]
    fn ids_are_not_asked_for_twice() {
        let sdl = format!(
            "{NODE} type Query {{ a: A }} type A implements Node {{ id: ID! b: A bId: ID c: A }}"
        );
        assert_eq!(text(&sdl, "A"), "id bId c { id }");
    }

    #[test]
    fn connections_hold_nodes_and_what_edges_add() {
        let sdl = format!(
            "{NODE} type Query {{ as: AConnection! }} type A implements Node {{ id: ID! more: AConnection }}
             type AConnection {{ edges: [AEdge!]! nodes: [A!]! pageInfo: PageInfo! totalCount: Int! }}
             type AEdge {{ cursor: String! node: A! role: String }}"
        );
        assert_eq!(
            text(&sdl, "AConnection"),
            "edges { cursor role } nodes { id } pageInfo { hasNextPage endCursor }"
        );
    }

    #[test]
    fn connections_without_nodes_use_their_edges() {
        let sdl = format!(
            "{NODE} type Query {{ as: AConnection! }} type A implements Node {{ id: ID! }}
             type AConnection {{ edges: [AEdge!]! pageInfo: PageInfo! }} type AEdge {{ cursor: String! node: A! }}"
        );
        assert_eq!(
            text(&sdl, "AConnection"),
            "edges { cursor node { id } } pageInfo { hasNextPage endCursor }"
        );
    }

    #[test]
    fn payloads_and_updates_expand_entities_one_level() {
        let sdl = format!(
            "{NODE} type Query {{ a: A }} type A implements Node {{ id: ID! b: B }} type B implements Node {{ id: ID! a: A }}
             type Mutation {{ x: P! }} type P {{ a: A bs: [B!] errors: [MutationError!]! }}
             type Subscription {{ y: U! }} type U {{ cursor: String! b: B! }}"
        );
        assert_eq!(text(&sdl, "P"), "a { id b { id } } bs { id a { id } }");
        assert_eq!(text(&sdl, "U"), "cursor b { id a { id } }");
    }

    #[test]
    fn values_inside_of_themselves_are_left_out() {
        let sdl = "type Query { t: T } type T { n: Int ts: [T!]! u: U } type U { m: Int t: T v: V } type V { k: Int }";
        assert_eq!(text(sdl, "T"), "n");
        assert_eq!(text(sdl, "U"), "m v { k }");
    }

    #[test]
    fn values_with_lists_of_entities_are_not_nested() {
        let sdl = format!(
            "{NODE} type Query {{ a: A }} type A implements Node {{ id: ID! g: G h: H }} type G {{ all: [A!]! n: Int }}
             type H {{ g: G m: Int }}"
        );
        assert_eq!(text(&sdl, "A"), "id");
        assert_eq!(text(&sdl, "G"), "all { id } n");
    }

    #[test]
    fn members_that_disagree_about_a_field_get_aliases() {
        let sdl = format!(
            "{NODE} type Query {{ node: Node }}
             type A implements Node {{ id: ID! s: String n: Int }} type B implements Node {{ id: ID! s: String! n: Int }}"
        );
        assert_eq!(
            text(&sdl, "Node"),
            "__typename id ... on A { a_s: s n } ... on B { b_s: s n }"
        );
    }

    #[test]
    fn unions_are_selected_by_type() {
        let sdl = "type Query { u: U } union U = A | B type A { n: Int } type B { m: Int }";
        assert_eq!(text(sdl, "U"), "__typename ... on A { n } ... on B { m }");
    }

    #[test]
    fn rules_leave_fields_out() {
        let schema = Schema::parse("type Query { a: A } type A { n: Int m: Int }").unwrap();
        let rules = Rules::parse("omit A.m", &schema).unwrap();
        assert_eq!(Selections::new(&schema, &rules).text("A"), "n");
    }
}
