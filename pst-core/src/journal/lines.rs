//! The lines of an HTML text. Some stores keep the envelope in no other form.

/// Turns HTML into the lines a browser would show of simple text: tags end words or lines, entities become characters,
/// line ends of the source are blanks.
pub(super) fn of_html(html: &str) -> String {
    /// Tags that begin a line or end one.
    const BREAKS: [&str; 9] = ["br", "p", "div", "tr", "li", "pre", "h1", "table", "body"];
    /// Tags whose content is not shown.
    const HIDDEN: [&str; 4] = ["style", "script", "title", "head"];
    let mut out = String::with_capacity(html.len());
    let mut hidden: Option<&str> = None;
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&', '\r', '\n']) {
        let (text, from) = rest.split_at(at);
        if hidden.is_none() {
            out.push_str(text);
        }
        if let Some(after) = from.strip_prefix('<') {
            let Some((tag, after)) = split_tag(after) else {
                rest = push(&mut out, hidden.is_some(), from, 1);
                continue;
            };
            let (closing, name) = tag.strip_prefix('/').map_or((false, tag), |name| (true, name));
            let name = name.split(|character: char| !character.is_ascii_alphanumeric()).next().unwrap_or_default();
            match hidden {
                Some(waiting) if closing && name.eq_ignore_ascii_case(waiting) => hidden = None,
                Some(_) => {}
                None if !closing => hidden = HIDDEN.into_iter().find(|hides| name.eq_ignore_ascii_case(hides)),
                None => {}
            }
            if hidden.is_none() && BREAKS.iter().any(|breaks| name.eq_ignore_ascii_case(breaks)) && !out.ends_with('\n')
            {
                out.push('\n');
            }
            rest = after;
        } else if from.starts_with('&') {
            let entity = from.get(1..).and_then(|after| {
                let end = after.bytes().take(10).position(|byte| byte == b';')?;
                Some((entity(after.get(..end)?)?, end.checked_add(2)?))
            });
            rest = match entity {
                Some((character, length)) => {
                    if hidden.is_none() {
                        out.push(character);
                    }
                    from.get(length..).unwrap_or_default()
                }
                None => push(&mut out, hidden.is_some(), from, 1),
            };
        } else {
            if hidden.is_none() && !out.ends_with([' ', '\n']) {
                out.push(' ');
            }
            rest = from.get(1..).unwrap_or_default();
        }
    }
    if hidden.is_none() {
        out.push_str(rest);
    }
    // Indented by a blank, a line would continue the one before.
    let lines: Vec<&str> = out.lines().map(str::trim).collect();
    lines.join("\n")
}

/// The inside of a tag and what is behind it. `<joe@x.example>` is none, but text that somebody forgot to escape.
fn split_tag(after: &str) -> Option<(&str, &str)> {
    let (tag, rest) = after.split_at_checked(after.find(['<', '>'])?)?;
    let rest = rest.strip_prefix('>')?;
    let name = tag.strip_prefix('/').unwrap_or(tag);
    let behind = name.trim_start_matches(|character: char| character.is_ascii_alphanumeric() || character == ':');
    let sound = name.starts_with(['!', '?'])
        || (name.starts_with(|character: char| character.is_ascii_alphabetic())
            && (behind.is_empty()
                || behind.starts_with(|character: char| character.is_ascii_whitespace() || character == '/')));
    sound.then_some((tag, rest))
}

/// Takes over `length` bytes, which are ASCII.
fn push<'a>(out: &mut String, hidden: bool, from: &'a str, length: usize) -> &'a str {
    let (taken, rest) = from.split_at_checked(length).unwrap_or((from, ""));
    if !hidden {
        out.push_str(taken);
    }
    rest
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16).ok());
        return hexadecimal.unwrap_or_else(|| number.parse().ok()).and_then(char::from_u32);
    }
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::of_html;

    #[test]
    fn lines() {
        for (html, text) in [
            ("Sender: a@x.example<br>\r\nTo: &lt;b@x.example&gt;", "Sender: a@x.example\nTo: <b@x.example>"),
            ("<html><head><title>x</title></head><body><p>A:&nbsp;1</p><p>B</p></body></html>", "\nA: 1\nB"),
            ("<STYLE>a { }</STYLE><div>A</div><div>B</div>", "\nA\nB"),
            ("To: <b@x.example>", "To: <b@x.example>"),
            ("a &amp; b &#8211; c &#x2013; &unknown; &", "a & b – c – &unknown; &"),
            ("1 < 2", "1 < 2"),
            ("<a href=\"mailto:b@x.example\">b@x.example</a>", "b@x.example"),
            ("<", "<"),
        ] {
            assert_eq!(of_html(html), text, "{html}");
        }
    }
}
