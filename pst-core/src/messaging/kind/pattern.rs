//! Patterns for message classes.
//!
//! `*` stands for any run of characters, dots included. `(.*)` at the end stands for nothing or for further levels:
//! `IPM.Note(.*)` is IPM.Note and IPM.Note.SMIME, and not IPM.Notebook. Everything else stands for itself in either case.

const BELOW: &str = "(.*)";

/// True if the class, which is in lower case, fits the pattern.
pub(super) fn fits(pattern: &str, class: &str) -> bool {
    if let Some(own) = pattern.strip_suffix(BELOW) {
        return match own.contains('*') {
            false => strip_prefix(class, own).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
            // `*` and `(.*)` together: the pattern itself, or the pattern and anything after a dot.
            true => glob(own, class, false),
        };
    }
    glob(pattern, class, true)
}

/// How much a pattern says: its characters that stand for themselves.
pub(super) fn weight(pattern: &str) -> usize {
    pattern.strip_suffix(BELOW).unwrap_or(pattern).chars().filter(|character| *character != '*').count()
}

/// Takes `start` off the front of `class`, without regard to case.
fn strip_prefix<'a>(class: &'a str, start: &str) -> Option<&'a str> {
    let (front, rest) = class.split_at_checked(start.len())?;
    front.eq_ignore_ascii_case(start).then_some(rest)
}

/// Each piece between stars is looked for where the one before it ended; the first that fits is as good as any. `whole`
/// demands that nothing is left, else what is left is further levels.
fn glob(pattern: &str, class: &str, whole: bool) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| strip_prefix(class, first)) else { return false };
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        let last = pieces.peek().is_none();
        if last && whole {
            return piece.len() <= rest.len() && strip_prefix_at(rest, rest.len().saturating_sub(piece.len()), piece);
        }
        let found = rest.char_indices().map(|(at, _)| at).chain([rest.len()]).find(|at| {
            let ends =
                || rest.get(at.saturating_add(piece.len())..).is_some_and(|end| end.is_empty() || end.starts_with('.'));
            strip_prefix_at(rest, *at, piece) && (!last || ends())
        });
        let Some(at) = found else { return false };
        rest = rest.get(at.saturating_add(piece.len())..).unwrap_or_default();
    }
    !whole || rest.is_empty()
}

fn strip_prefix_at(text: &str, at: usize, piece: &str) -> bool {
    text.get(at..).and_then(|text| strip_prefix(text, piece)).is_some()
}

#[cfg(test)]
mod tests {
    use super::{fits, weight};

    #[test]
    fn patterns_fit_what_they_say() {
        for (pattern, class, expected) in [
            ("IPM.Note", "ipm.note", true),
            ("IPM.Note", "ipm.note.x", false),
            ("IPM.Note(.*)", "ipm.note", true),
            ("IPM.Note(.*)", "ipm.note.x", true),
            ("IPM.Note(.*)", "ipm.notebook", false),
            ("REPORT.IPM*", "report.ipm.note.dr", true),
            ("REPORT.*.NDR", "report.ipm.note.ndr", true),
            ("REPORT.*.NDR", "report.ndr", false),
            ("REPORT.*.NDR", "report.ipm.ndr.x", false),
            ("REPORT.*.NDR", "report.ipm.ndr.ndr", true),
            ("*.EnterpriseVault.Shortcut(.*)", "ipm.note.enterprisevault.shortcut", true),
            ("*.EnterpriseVault.Shortcut(.*)", "ipm.note.enterprisevault.shortcut.deleteme", true),
            ("*.EnterpriseVault.Shortcut(.*)", "ipm.note.enterprisevault.shortcuts", false),
            ("IPM.A*C*", "ipm.abcd", true),
            ("IPM.A*C*", "ipm.abd", false),
            ("IPM.A*", "ipm.ä", false),
        ] {
            assert_eq!(fits(pattern, class), expected, "{pattern} {class}");
        }
    }

    #[test]
    fn more_letters_weigh_more() {
        assert_eq!(weight("IPM.Note(.*)"), 8);
        assert_eq!(weight("REPORT.*.NDR"), 11);
    }
}
