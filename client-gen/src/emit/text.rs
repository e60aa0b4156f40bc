//! Pieces of code and documentation.

/// Code under construction.
#[derive(Default)]
pub(super) struct Code(String);

impl Code {
    pub(super) fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

const WIDTH: usize = 96;

/// A doc comment from the schema's description, or from `otherwise`, with the attribute for deprecated things.
pub(super) fn doc(description: Option<&str>, otherwise: &str, deprecated: Option<&str>) -> String {
    let text = description
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .unwrap_or(otherwise);
    let mut lines = Vec::new();
    let mut is_code = false;
    for line in text.lines() {
        let line = line.trim_end();
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
            // Whatever it is, it is no Rust to be tested.
            let fence = line.trim_start();
            lines.push(if is_code && fence == "```" {
                "```text".to_owned()
            } else {
                fence.to_owned()
            });
        } else if is_code {
            lines.push(line.to_owned());
        } else {
            wrap(&markdown(line), &mut lines);
        }
    }
    if is_code {
        lines.push("```".to_owned());
    }
    let mut out: Vec<String> = lines
        .iter()
        .map(|line| format!("/// {line}").trim_end().to_owned())
        .collect();
    if let Some(reason) = deprecated {
        out.push(format!("#[deprecated(note = {})]", literal(reason)));
    }
    out.join("\n")
}

/// Keeps rustdoc from reading links and tags where the schema's author meant none.
fn markdown(line: &str) -> String {
    let line = line.trim_start();
    let mut out = String::new();
    let mut is_code = false;
    for word in line.split_inclusive(' ') {
        let is_url = word.starts_with("http://") || word.starts_with("https://");
        if is_url && !is_code {
            let end = word.trim_end_matches([' ', '.', ',', ';', ':', ')']);
            out.push_str(&format!(
                "<{end}>{}",
                word.strip_prefix(end).unwrap_or_default()
            ));
            continue;
        }
        for character in word.chars() {
            if character == '`' {
                is_code = !is_code;
            }
            if !is_code && matches!(character, '[' | ']' | '<' | '>') {
                out.push('\\');
            }
            out.push(character);
        }
    }
    out
}

fn wrap(line: &str, lines: &mut Vec<String>) {
    let mut current = String::new();
    for word in line.split(' ') {
        if !current.is_empty() && current.chars().count() + word.chars().count() >= WIDTH {
            lines.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
}

/// A string literal; long ones are continued over several lines, at spaces.
pub(super) fn literal(text: &str) -> String {
    let mut lines = Vec::new();
    wrap(
        &text
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n"),
        &mut lines,
    );
    let start = if lines.len() > 1 { "\\\n        " } else { "" };
    format!("\"{start}{}\"", lines.join(" \\\n        "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_gets_documentation() {
        assert_eq!(doc(None, "`a: Int`", None), "/// `a: Int`");
        assert_eq!(doc(Some(" "), "`a: Int`", None), "/// `a: Int`");
        assert_eq!(
            doc(Some("One.\n\nTwo."), "", Some("old")),
            "/// One.\n///\n/// Two.\n#[deprecated(note = \"old\")]"
        );
    }

    #[test]
    fn descriptions_are_not_taken_for_rustdoc() {
        assert_eq!(
            doc(
                Some("A [list] of <T>, `[kept]`, see https://example.org/a."),
                "",
                None
            ),
            "/// A \\[list\\] of \\<T\\>, `[kept]`, see <https://example.org/a>."
        );
        assert_eq!(
            doc(Some("```\nlet a = [1];\n```"), "", None),
            "/// ```text\n/// let a = [1];\n/// ```"
        );
    }

    #[test]
    fn long_literals_keep_their_text() {
        let text = "word ".repeat(50).trim_end().to_owned();
        let literal = literal(&text);
        assert!(literal.lines().all(|line| line.len() <= 110));
        let joined: Vec<&str> = literal
            .lines()
            .map(|line| line.trim_start().trim_end_matches('\\'))
            .collect();
        assert_eq!(joined.concat(), format!("\"{text}\""));
    }
}
