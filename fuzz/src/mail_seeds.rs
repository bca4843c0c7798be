//! Mail to begin with: one of each shape.

/// Mails.
pub fn mails() -> Vec<Vec<u8>> {
    let head = "From: =?utf-8?q?J=C3=BCrgen?= <j@a.example>\r\nTo: \"Doe, Jane\" <jane@b.example>, group: x@y.example;\r\n\
                Date: Wed, 17 May 2000 19:35:05 -0400\r\nMessage-ID: <1@a.example>\r\nSubject: =?iso-2022-jp?B?GyRCJEYbKEI=?=\r\n";
    let bodies = [
        "Content-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=F0=D2=C9=\r\n soft\r\n",
        "Content-Type: multipart/mixed; boundary=a\r\n\r\npreamble\r\n--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
         --b\r\n\r\ntext\r\n--b\r\nContent-Type: text/html\r\n\r\n<img src=\"cid:p@x\">\r\n--b--\r\n--a\r\nContent-Type: image/png\r\n\
         Content-ID: <p@x>\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: inline; filename*0*=utf-8''%C3;\r\n \
         filename*1*=%A4.png\r\n\r\naGVsbG8=\r\n--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner\r\n--a--\r\n",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n--r\r\n\r\nfailed\r\n--r\r\n\
         Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; b@c\r\nAction: failed\r\n\
         Status: 5.1.1\r\nDiagnostic-Code: smtp; 550\r\n\r\n--r\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: lost\r\n--r--\r\n",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=r\r\n\r\n--r\r\n\r\nread\r\n--r\r\n\
         Content-Type: message/disposition-notification\r\n\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n--r--\r\n",
        "Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n\r\nsigned\r\n--s\r\nContent-Type: application/pkcs7-signature\r\n\r\n\
         AAAA\r\n--s--\r\n",
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n",
        "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\n\
         DTSTART:20260105T093000Z\r\nLOCATION:a\\, b\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n",
    ];
    let mut mails: Vec<Vec<u8>> = bodies.iter().map(|body| format!("{head}{body}").into_bytes()).collect();
    let simple = format!("{head}\r\ntext\r\n");
    mails.push(simple.encode_utf16().flat_map(u16::to_le_bytes).collect());
    mails.push(format!("{}\n{simple}<?xml version=\"1.0\"?><plist/>", simple.len()).into_bytes());
    mails.push(simple.replace("\r\n", "\r").into_bytes());
    mails
}

/// Mailboxes.
pub fn mboxes() -> Vec<Vec<u8>> {
    let from = "From a@b.example Wed May 17 19:35:05 2000\n";
    vec![
        format!("{from}Subject: 1\n\n>From here\n>>From there\n\n{from}Subject: 2\n\ntext\n").into_bytes(),
        format!("{from}Content-Length: 8\n\nFrom me\n\n{from}Content-Length: 99\n\ntext\n\n").into_bytes(),
        format!("Subject: 0\n\n{from}Subject: 1\n\nFrom nobody\nSubject: 2\n\n\0\0\0\0").into_bytes(),
    ]
}
