//! Inputs that want to cost something, through the fuzz bodies: what each takes is bounded.
//!
//! `PST_HOSTILE_MIB` makes them as large as that, 10 for what this library promises; without it they have 256 KiB.
//! `PST_HOSTILE` names the ones to run: `mail`, `mail: addresses`.

#![allow(missing_docs, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used)]

use std::alloc::System;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cap::Cap;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// What an input of 10 MiB may take.
const DEADLINE: Duration = Duration::from_secs(10);
const MEMORY: usize = 300 << 20;

fn size() -> usize {
    let mib = std::env::var("PST_HOSTILE_MIB").ok().and_then(|mib| mib.parse::<usize>().ok());
    mib.map_or(256 << 10, |mib| mib << 20)
}

fn fill(pattern: &str) -> String {
    pattern.repeat(size() / pattern.len())
}

fn numbered(make: impl Fn(usize) -> String) -> String {
    let mut out = String::with_capacity(size());
    for number in 0.. {
        let next = make(number);
        if out.len() + next.len() > size() {
            break;
        }
        out.push_str(&next);
    }
    out
}

fn mail(headers: &str, body: &str) -> Vec<u8> {
    format!("{headers}\r\n\r\n{body}").into_bytes()
}

fn mails() -> Vec<(&'static str, Vec<u8>)> {
    let mut nested = String::new();
    while nested.len() < size() {
        let parts = "--b\n\n".repeat(10_000);
        let fields = "a:\n".repeat(20_000);
        nested = format!(
            "{fields}Content-Type: multipart/mixed; boundary=b\n\n{parts}--b\nContent-Type: message/rfc822\n\n{nested}"
        );
    }
    let qp = "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n";
    let deep = (0..64).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect::<String>();
    vec![
        ("many fields", mail(&fill("a:\n"), "")),
        ("many names", mail(&numbered(|n| format!("a{n}:\n")), "")),
        ("long field", mail(&format!("Subject: {}", fill("a\n ")), "")),
        ("words of two charsets", mail(&format!("Subject: {}", fill("=?a?q?x?==?b?q?x?=")), "")),
        ("words without end", mail(&format!("Subject: {}", fill("=?a?q?")), "")),
        ("addresses", mail(&format!("To: {}", fill("a,")), "")),
        ("many address headers", mail(&fill(&format!("To: {}\n", "a,".repeat(10_000))), "")),
        (
            "three address headers",
            mail(
                &["To", "Cc", "Bcc", "From", "Reply-To"]
                    .map(|name| format!("{name}: {}\n", "a,".repeat(size() / 10)))
                    .concat(),
                "",
            ),
        ),
        ("groups", mail(&format!("To: {}", fill("a:b;")), "")),
        ("brackets", mail(&format!("To: {}", fill("<\"\\\">,")), "")),
        ("comments", mail(&format!("To: {}", fill("(a)")), "")),
        ("references", mail(&format!("References: {}", fill("<a>")), "")),
        ("parts", mail("Content-Type: multipart/mixed; boundary=b", &fill("--b\n\n"))),
        (
            "parts with names",
            mail(
                "Content-Type: multipart/mixed; boundary=b",
                &fill("--b\nContent-Type: a/b; name=x\nContent-ID: <x>\n\n"),
            ),
        ),
        (
            "parts with headers",
            mail("Content-Type: multipart/mixed; boundary=b", &fill("--b\na:\na:\na:\na:\na:\na:\na:\n\n")),
        ),
        (
            "messages as parts",
            mail("Content-Type: multipart/mixed; boundary=b", &fill("--b\nContent-Type: message/rfc822\n\nA: b\n\n")),
        ),
        ("deep", mail("MIME-Version: 1.0", "").into_iter().chain((deep + &fill("--b0\n\n")).into_bytes()).collect()),
        (
            "boundaries",
            mail(&format!("Content-Type: multipart/mixed; boundary=\"{}\"", "-".repeat(size() / 2)), &fill("-----\n")),
        ),
        ("parameters", mail(&format!("Content-Type: a/b; {}", fill("a=;")), "")),
        ("pieces", mail(&format!("Content-Type: a/b; {}", numbered(|n| format!("a*{n}=b;"))), "")),
        ("names of parameters", mail(&format!("Content-Type: a/b; {}", numbered(|n| format!("a{n}=b;"))), "")),
        ("copies", (qp.repeat(64) + "A: b\n\n" + &fill("a\n")).into_bytes()),
        ("messages with parts", nested.into_bytes()),
        ("html references", mail("Content-Type: text/html", &numbered(|n| format!("cid:{n:06},")))),
        ("html cids", mail("Content-Type: text/html", &fill("cid:"))),
        (
            "calendar",
            mail(
                "Content-Type: text/calendar; method=REQUEST",
                &format!("BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:a\n{}", fill("a:\n")),
            ),
        ),
        (
            "calendar folds",
            mail(
                "Content-Type: text/calendar; method=REQUEST",
                &format!("BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:a\n{}", fill("\n ")),
            ),
        ),
        (
            "zones",
            mail(
                "Content-Type: text/calendar; method=REQUEST",
                &format!(
                    "BEGIN:VCALENDAR\nMETHOD:REQUEST\n{}",
                    fill("BEGIN:VTIMEZONE\nBEGIN:STANDARD\nEND:STANDARD\nEND:VTIMEZONE\n")
                ),
            ),
        ),
        (
            "status",
            mail(
                "Content-Type: multipart/report; boundary=b",
                &format!(
                    "--b\n\nx\n--b\nContent-Type: message/delivery-status\n\n{}",
                    fill("Action: failed\nFinal-Recipient: a;b\n\n")
                ),
            ),
        ),
        (
            "status fields",
            mail(
                "Content-Type: multipart/report; boundary=b",
                &format!(
                    "--b\n\nx\n--b\nContent-Type: message/delivery-status\n\nAction: failed\nFinal-Recipient: a;b\n\n{}",
                    fill("a:\n\n")
                ),
            ),
        ),
        ("keywords", mail(&fill("Keywords: a,b\n"), "")),
        ("qp", mail("Content-Transfer-Encoding: quoted-printable", &fill("="))),
        ("qp lines", mail("Content-Transfer-Encoding: quoted-printable", &fill("=\n"))),
        ("base64", mail("Content-Transfer-Encoding: base64", &fill("="))),
        // What is decoded is 22 times as much, and the body holds it twice.
        ("uu", mail("Content-Transfer-Encoding: x-uuencode", &format!("begin 644 a\n{}", "M\n".repeat(size() / 8)))),
        ("signed", mail("Content-Type: multipart/signed; boundary=b", &fill("--b\n\n"))),
    ]
}

fn texts() -> Vec<(&'static str, Vec<u8>)> {
    let head = "Sender: s@x.example\nMessage-ID: <1>\n";
    let marked = "X-MS-Journal-Report: \nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSender: a@b\nMessage-ID: <1>\nTo: c@d\n";
    vec![
        ("stray lines", format!("{head}{}", fill("x\n")).into_bytes()),
        ("fields", format!("{head}{}", fill("a:\n")).into_bytes()),
        ("recipients", format!("{head}Recipients:\n{}", fill("a\n")).into_bytes()),
        ("a list", format!("{head}To: {}", fill("a@b,")).into_bytes()),
        ("a list of others", format!("{head}To: {}", fill("a@b;")).into_bytes()),
        (
            "redirections",
            format!("{head}To: {}, Expanded: {}", "a@b.c,".repeat(size() / 12), "l".repeat(size() / 2)).into_bytes(),
        ),
        ("many redirections", format!("{head}To: a@b{}", fill(", Expanded: l@x")).into_bytes()),
        ("folds", format!("{head}To: a@b{}", fill("\n a")).into_bytes()),
        ("html envelope", mail("Content-Type: text/html", &format!("Sender: a@b<br>{}", fill("<br>a")))),
        ("html tags", mail("Content-Type: text/html", &format!("Sender: a@b<br>{}", fill("<")))),
        ("html entities", mail("Content-Type: text/html", &format!("Sender: a@b<br>{}", fill("&")))),
        (
            "report of many",
            format!("{marked}{}", fill("--b\nContent-Type: message/rfc822\n\nMessage-ID: <1>\n\n")).into_bytes(),
        ),
        ("reports in reports", fill(&format!("{marked}--b\nContent-Type: message/rfc822\n\n")).into_bytes()),
    ]
}

fn rtfs() -> Vec<(&'static str, Vec<u8>)> {
    let rtf = |inside: String| format!("{{\\rtf1\\ansi{inside}}}").into_bytes();
    let link = |shown: String| {
        rtf(format!("{{\\field{{\\*\\fldinst HYPERLINK http://x/{}}}{{\\fldrslt {shown}}}}}", "&".repeat(4000)))
    };
    vec![
        ("groups", rtf(fill("{}"))),
        ("open groups", rtf(fill("{"))),
        ("fonts", rtf(format!("{{\\fonttbl{}}}", numbered(|n| format!("{{\\f{n} {}}}", "a".repeat(100)))))),
        (
            "font changes",
            rtf(format!(
                "{{\\fonttbl{}}}{}",
                (0..8000).map(|n| format!("{{\\f{n} {};}}", "a".repeat(100))).collect::<String>(),
                numbered(|n| format!("\\f{} a", n % 8000))
            )),
        ),
        ("colours", rtf(format!("{{\\colortbl{}}}", fill(";")))),
        ("looks", rtf(fill("\\b a\\b0 a"))),
        ("linked looks", link(fill("\\b a\\b0 a"))),
        ("linked paragraphs", link(fill("a\\par "))),
        ("fields", rtf(fill("{\\field{\\*\\fldinst HYPERLINK http://x}{\\fldrslt a}}"))),
        ("open fields", rtf(fill("{\\field{\\*\\fldinst HYPERLINK http://x}{\\fldrslt "))),
        ("field words", rtf(format!("{{\\field{{\\*\\fldinst {}}}{{\\fldrslt a}}}}", fill("HYPERLINK \" ")))),
        ("hex", rtf(fill("\\'e9"))),
        ("unicode", rtf(fill("\\u1 "))),
        ("surrogates", rtf(fill("\\u-10179 "))),
        ("rows", rtf(fill("\\intbl a\\cell\\row"))),
        ("words", rtf(fill("\\a"))),
        ("objects", rtf(fill("\\objattph"))),
        ("footnotes", rtf(fill("{\\footnote a"))),
        ("indents", rtf(fill("\\li9 a\\par"))),
        ("tags", format!("{{\\rtf1\\fromhtml1 {}}}", fill("{\\*\\htmltag <}a")).into_bytes()),
        ("lines", format!("{{\\rtf1\\fromtext {}}}", fill("a\\line ")).into_bytes()),
    ]
}

fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
    let mut out = vec![level];
    out.extend(id.to_le_bytes());
    out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    out.extend(data);
    out.extend(data.iter().fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte))).to_le_bytes());
    out
}

fn tnefs() -> Vec<(&'static str, Vec<u8>)> {
    let stream = |attributes: Vec<u8>| [b"\x78\x9F\x3E\x22\x01\x00".to_vec(), attributes].concat();
    let all = |id: u32, piece: &[u8]| {
        let count = size() / piece.len();
        let data = [&u32::try_from(count).unwrap().to_le_bytes()[..], &piece.repeat(count)].concat();
        stream(attribute(1, id, &data))
    };
    let count = |number: u32| number.to_le_bytes().to_vec();
    let row = [count(1), count(0x3001_0001)].concat();
    let named = [count(0x8000_0001), vec![7; 16], count(1), count(4), vec![b'a', 0, 0, 0]].concat();
    let text = [count(0x3001_001F), count(1), count(0)].concat();
    let many = |kind: u32, value: &[u8]| {
        let number = size() / value.len();
        let data = [count(1), count(kind), count(u32::try_from(number).unwrap()), value.repeat(number)].concat();
        stream(attribute(1, 0x0006_9003, &data))
    };
    let attachment = [0x0006_9002u32, 0x0001_8010, 0x0003_8012, 0x0003_8013, 0x0006_9001, 0x0006_8011, 0x0006_800F]
        .map(|id| {
            attribute(
                2,
                id,
                if id & 0xF_0000 == 0x3_0000 {
                    &[0xD0, 7, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
                } else {
                    &[1, 0, 0, 0, 0, 0]
                },
            )
        })
        .concat();
    let mut embedded = stream(Vec::new());
    while embedded.len() < size() {
        let object: Vec<u8> = [vec![7, 3, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46], embedded].concat();
        let data =
            [count(1), count(0x3701_000D), count(1), count(u32::try_from(object.len()).unwrap()), object, vec![0; 3]]
                .concat();
        let filler = attribute(1, 0x0001_8004, &vec![b'a'; size() / 20]);
        embedded = stream([filler, attribute(2, 0x0006_9002, &[]), attribute(2, 0x0006_9005, &data)].concat());
    }
    vec![
        ("nulls", all(0x0006_9003, &count(0x3001_0001))),
        ("names", all(0x0006_9003, &named)),
        ("texts", all(0x0006_9003, &text)),
        ("rows", all(0x0006_9004, &row)),
        ("empty rows", all(0x0006_9004, &count(0))),
        ("integers", many(0x3001_1003, &count(0))),
        ("strings", many(0x3001_101F, &count(0))),
        ("objects", many(0x3701_000D, &[count(16), vec![0; 16]].concat())),
        ("attributes", stream(attribute(1, 0x0001_8004, b"").repeat(size() / 11))),
        ("senders", stream(attribute(1, 0x0000_8000, &[4, 0, 0, 0, 1, 0, 1, 0, b'a', b'b']).repeat(size() / 21))),
        ("attachments", stream(attachment.repeat(size() / attachment.len()))),
        ("attributes of an attachment", stream(attribute(2, 0x0001_8010, b"").repeat(size() / 11))),
        ("embedded", embedded),
    ]
}

fn mboxes() -> Vec<(&'static str, Vec<u8>)> {
    let from = "From x Mon Jan  1 00:00:00 2000\n";
    vec![
        ("separators", fill(from).into_bytes()),
        ("empty mails", fill(&format!("{from}\n")).into_bytes()),
        ("separators that are headers", fill("From : Mon Jan  1 00:00:00 2000\n").into_bytes()),
        ("lines that are none", fill("From x\n").into_bytes()),
        ("quotes", format!("{from}A: b\n\n{}", fill(">From x\n")).into_bytes()),
        ("long quotes", format!("{from}A: b\n\n{}", fill(">")).into_bytes()),
        ("lengths", fill(&format!("{from}Content-Length: 0\n\n\n")).into_bytes()),
        ("wrong lengths", fill(&format!("{from}Content-Length: 99999\n\n\n")).into_bytes()),
        ("long separators", fill(&format!("From {}\n", "x ".repeat(2000))).into_bytes()),
        ("without separator", fill("A: b\n").into_bytes()),
        ("returns", fill("From x Mon Jan  1 00:00:00 2000\r").into_bytes()),
    ]
}

fn zip_of(entries: impl Iterator<Item = (String, Vec<u8>)>) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, content) in entries {
        out.start_file(name, options).unwrap();
        out.write_all(&content).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// The same archive with all names made one.
fn one_name(mut zip: Vec<u8>, digits: usize) -> Vec<u8> {
    let mark = b"name-";
    let mut at = 0;
    while at + mark.len() + digits < zip.len() {
        if zip[at..].starts_with(mark) {
            zip[at + mark.len()..at + mark.len() + digits].fill(b'0');
        }
        at += 1;
    }
    zip
}

fn archives() -> Vec<(&'static str, Vec<u8>)> {
    let entries = size() / 150;
    let mail = b"Subject: x\n\nHi".to_vec();
    let many = zip_of((0..entries).map(|n| (format!("name-{n:08}"), mail.clone())));
    let long = (0..size() / 120_000).map(|n| (format!("{n}/{}", "a/".repeat(30_000)) + "x", mail.clone()));
    vec![
        ("one name", one_name(many.clone(), 8)),
        ("many names", many),
        ("long names", zip_of(long)),
        (
            "zeros",
            zip_of((0..8).map(|n| (format!("{n}.eml"), [b"Subject: x\n\n".to_vec(), vec![0; size() * 4]].concat()))),
        ),
        ("mails of lines", zip_of((0..8).map(|n| (format!("{n}.eml"), "a:\n".repeat(size()).into_bytes())))),
    ]
}

fn addresses() -> Vec<(&'static str, Vec<u8>)> {
    ["a,", "a ", "a@b,", "<\"\\\">,", "(", "a:;", "\"a\" ", "=?a?q?x?= ", "[", "<a>", "@"]
        .map(|pattern| (pattern, fill(pattern).into_bytes()))
        .to_vec()
}

/// What this thread had of a processor; the time of day where the system does not tell.
fn processor_time(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Runs a body; how long it took and how much was allocated at once, the input not counted.
fn measure(body: fn(&[u8]), input: &[u8]) -> (Duration, usize) {
    let before = ALLOCATOR.allocated();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut peak = 0;
            while !done.load(Ordering::Relaxed) {
                peak = peak.max(ALLOCATOR.allocated());
                std::thread::sleep(Duration::from_micros(200));
            }
            peak
        });
        let start = Instant::now();
        let began = processor_time(start);
        body(input);
        let took = processor_time(start).saturating_sub(began);
        done.store(true, Ordering::Relaxed);
        (took, watch.join().unwrap().saturating_sub(before))
    })
}

#[test]
fn what_an_input_costs_is_bounded() {
    type Case = (&'static str, fn(&[u8]), fn() -> Vec<(&'static str, Vec<u8>)>);
    let cases: [Case; 10] = [
        ("mail", pst_fuzz::mail, mails),
        ("item", pst_fuzz::item, mails),
        ("journal", pst_fuzz::journal, mails),
        ("journal", pst_fuzz::journal, texts),
        ("rtf_text", pst_fuzz::rtf_text, rtfs),
        ("tnef", pst_fuzz::tnef, tnefs),
        ("mbox", pst_fuzz::mbox, mboxes),
        ("input_mbox", pst_fuzz::input_mbox, mboxes),
        ("archive", pst_fuzz::archive, archives),
        ("address", pst_fuzz::address, addresses),
    ];
    let wanted = std::env::var("PST_HOSTILE").unwrap_or_default();
    let mut bad = Vec::new();
    for (name, body, inputs) in cases {
        // Making the inputs takes a while too.
        if !wanted.starts_with(name) && !name.contains(&wanted) {
            continue;
        }
        for (input, bytes) in inputs() {
            let whole = format!("{name}: {input}");
            if !whole.contains(&wanted) {
                continue;
            }
            let (took, peak) = measure(body, &bytes);
            let line = format!("{whole}: {} KiB, {took:.1?}, {} MiB", bytes.len() >> 10, peak >> 20);
            println!("{line}");
            if took > DEADLINE || peak > MEMORY {
                bad.push(line);
            }
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}
