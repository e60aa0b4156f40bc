//! What the conventions of the schema cannot say: a short list kept by hand.

use std::collections::BTreeSet;

use crate::schema::Schema;

/// Exceptions, as `Type.field`.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// Left out of default selections.
    pub(crate) omitted: BTreeSet<String>,
    /// May be null although the mutation succeeded.
    pub(crate) optional: BTreeSet<String>,
}

impl Rules {
    /// Reads lines of `omit Type.field` and `optional Type.field`; `#` begins a comment.
    ///
    /// # Errors
    /// A line is neither, or names a field that the schema does not have.
    pub(crate) fn parse(text: &str, schema: &Schema) -> Result<Self, String> {
        let mut rules = Self::default();
        for (index, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let wrong = |why: &str| format!("rule in line {}: `{line}`: {why}", index + 1);
            let (verb, place) = line
                .split_once(' ')
                .ok_or_else(|| wrong("expected a verb and `Type.field`"))?;
            let place = place.trim();
            let (ty, field) = place
                .split_once('.')
                .ok_or_else(|| wrong("expected `Type.field`"))?;
            if !schema.fields(ty).iter().any(|known| known.name == field) {
                return Err(wrong("the schema has no such field"));
            }
            let list = match verb {
                "omit" => &mut rules.omitted,
                "optional" => &mut rules.optional,
                _ => return Err(wrong("the verb is `omit` or `optional`")),
            };
            list.insert(place.to_owned());
        }
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_must_fit_the_schema() {
        let schema = Schema::parse("type Query { a: A } type A { b: Int c: Int }").unwrap();
        let rules = Rules::parse("# why\nomit A.b # costly\n\noptional A.c", &schema).unwrap();
        assert!(rules.omitted.contains("A.b") && rules.optional.contains("A.c"));
        for wrong in ["omit A.d", "omit B.b", "omit A", "keep A.b", "omit"] {
            assert!(Rules::parse(wrong, &schema).is_err(), "{wrong}");
        }
    }
}
