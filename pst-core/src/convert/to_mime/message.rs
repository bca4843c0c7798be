//! The body of a mail: its parts in the order and nesting MS-OXCMAIL 2.1.3.3 asks for.

use std::io::{self, Write};

use super::attachment::{self, Description, Known, is_inline};
use super::field::Fields;
use super::headers::{self, Head};
use super::identity::{Boundaries, Hash};
use super::item::{Item, kind_of};
use super::losses::Losses;
use super::output::Output;
use super::part::copy;
use super::references::References;
use super::rich::{self, Rendering};
use super::structure::{Structure, is_exception};
use super::text::Body;
use super::{Converted, Options, accounting, calendar, media_type, ole};
use crate::address::AddressLookup;
use crate::convert::LossKind;
use crate::ltp::{PropertyTag, PropertyType, id};
use crate::messaging::{Attachment, AttachmentContent, Message, NamedProperties};
use crate::{Error, ErrorKind, Result};

/// One mail while it is written.
pub(super) struct Conversion<'a> {
    pub(super) out: Output<'a>,
    pub(super) names: &'a NamedProperties,
    pub(super) options: &'a Options,
    pub(super) lookup: &'a dyn AddressLookup,
    pub(super) losses: Losses,
    pub(super) boundaries: Boundaries,
    /// Messages around the one that is being written.
    depth: u32,
    embedded: u32,
}

/// What becomes of an attachment, by its place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// The HTML shows it.
    Inline,
    /// It stands below the body.
    Attached,
    /// Another part says what it says, or it cannot be read.
    LeftOut,
}

/// The bodies of a message and what they refer to.
#[derive(Default)]
struct Bodies {
    alternatives: Vec<Alternative>,
    references: Option<References>,
    /// The RTF is attached as well.
    rtf: bool,
    /// A vCard, with its file name.
    card: Option<calendar::Part>,
    /// The calendar part tells of the changed dates of a series.
    has_exceptions: bool,
}

enum Alternative {
    Text(Box<Body>),
    Calendar(calendar::Part),
}

impl<'a> Conversion<'a> {
    pub(super) fn new(
        out: &'a mut dyn Write,
        names: &'a NamedProperties,
        options: &'a Options,
        lookup: &'a dyn AddressLookup,
    ) -> Result<Self> {
        let domain = options.domain.as_str();
        let fits =
            !domain.is_empty() && domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        if !fits || domain.len() > 60 {
            let text = format!("the domain {domain:?} is no domain of up to 60 letters, digits, dots and hyphens");
            return Err(Error::text(ErrorKind::InvalidInput, "options", text));
        }
        let out = Output::new(out, options.size_limit);
        let boundaries = Boundaries::new(0);
        Ok(Self { out, names, options, lookup, losses: Losses::default(), boundaries, depth: 0, embedded: 0 })
    }

    pub(super) fn run(mut self, message: &Message) -> Result<Converted> {
        let head = self.message(message)?;
        self.out.finish()?;
        Ok(Converted {
            headers: head.source,
            date: head.date,
            message_id: head.message_id,
            from: head.from,
            recipients: head.recipients.into_all(),
            size: self.out.size(),
            embedded: self.embedded,
            losses: self.losses.finish(),
        })
    }

    /// Writes a message, fields and all.
    fn message(&mut self, message: &Message) -> Result<Head> {
        let item = Item { properties: message.properties()?, names: self.names };
        let class = item.text(id::MESSAGE_CLASS, &mut self.losses).unwrap_or_default();
        let structure = Structure::of(&class);
        let head = headers::head(message, &item, structure, self.options, self.lookup, &mut self.losses);
        if self.depth == 0 {
            let mut seed = Hash::new();
            seed.add(head.message_id.as_bytes());
            seed.add(&message.id().raw().to_le_bytes());
            seed.add(&message.size().ok().flatten().unwrap_or(0).to_le_bytes());
            self.boundaries = Boundaries::new(seed.finish());
        }
        head.fields.write(&mut self.out)?;
        self.out.put(b"MIME-Version: 1.0\r\n")?;
        let mut told = accounting::Told { class, ..accounting::Told::default() };
        match structure {
            Structure::ClearSigned | Structure::Opaque if self.sealed(message, &head.fields, structure)? => {}
            Structure::Delivery(action) => self.delivery_report(message, &item, action, &head)?,
            Structure::Disposition(disposition) => self.disposition_report(message, &item, disposition)?,
            _ => self.ordinary(message, &item, &mut told)?,
        }
        accounting::tell(&item, &told, &mut self.losses);
        Ok(head)
    }

    /// Bodies and attachments.
    pub(super) fn ordinary(&mut self, message: &Message, item: &Item<'_>, told: &mut accounting::Told) -> Result<()> {
        let mut bodies = self.bodies(message, item, told);
        let roles = self.roles(message, &bodies);
        let mixed = bodies.rtf || bodies.card.is_some() || roles.contains(&Role::Attached);
        if mixed {
            self.open("mixed", &[])?;
            self.next()?;
        }
        self.related(message, &bodies, &roles)?;
        // Messages inside have bodies of their own.
        bodies.alternatives.clear();
        if let Some(card) = &bodies.card {
            self.next()?;
            self.calendar(card)?;
        }
        if bodies.rtf {
            self.next()?;
            self.rtf(message)?;
        }
        if mixed {
            self.attachments(message, &roles, Role::Attached)?;
            self.close()?;
        }
        Ok(())
    }

    /// The bodies alone, for a report.
    pub(super) fn human_part(&mut self, message: &Message, item: &Item<'_>, otherwise: &str) -> Result<()> {
        let mut bodies = self.bodies(message, item, &mut accounting::Told::default());
        if bodies.alternatives.iter().all(|one| matches!(one, Alternative::Text(body) if body.is_blank)) {
            bodies.alternatives = vec![Alternative::Text(Box::new(Body::made(otherwise)))];
        }
        self.alternative(&bodies)
    }

    /// Finds the bodies (MS-OXBBODY 2.1) and what they are made of.
    fn bodies(&mut self, message: &Message, item: &Item<'_>, told: &mut accounting::Told) -> Bodies {
        let mut bodies = Bodies::default();
        let mut plain = self.stored_body(message, id::BODY, "plain");
        let mut html = self.stored_body(message, id::HTML, "html");
        if let Some(html) = &mut html {
            const CONTENT_ID: u16 = 0x1015;
            const CONTENT_LOCATION: u16 = 0x1014;
            html.names = [CONTENT_ID, CONTENT_LOCATION].map(|id| item.text(id, &mut self.losses));
        }
        let rich = rich::look(message, item, plain.is_some(), html.is_some(), &mut self.losses);
        if rich.html {
            html = self.body(Body::rich(message, Rendering::Html).map(Some), id::RTF_COMPRESSED);
        }
        if rich.text {
            let text = Body::rich(message, Rendering::Text).map(|mut text| {
                // What the HTML lacks was told.
                if rich.html {
                    text.losses.clear();
                }
                Some(text)
            });
            plain = self.body(text, id::RTF_COMPRESSED);
        }
        bodies.rtf = rich.keep && self.options.keep_rtf;
        if rich.keep && !bodies.rtf {
            self.losses.add(LossKind::NoPlace, "the RTF of the body, as the options say");
        }
        bodies.references = html.as_mut().map(|html| std::mem::take(&mut html.references));
        let found = calendar::part(message, self.names, &told.class, plain.as_ref(), &mut self.losses);
        bodies.alternatives.extend(plain.into_iter().chain(html).map(|body| Alternative::Text(Box::new(body))));
        match found {
            calendar::Found::Nothing => {}
            calendar::Found::Calendar(part) => {
                told.calendar = true;
                bodies.has_exceptions = true;
                bodies.alternatives.push(Alternative::Calendar(part));
            }
            calendar::Found::Card(part) => {
                told.card = true;
                bodies.card = Some(part);
            }
        }
        if bodies.alternatives.is_empty() {
            bodies.alternatives.push(Alternative::Text(Box::new(Body::made(""))));
        }
        bodies
    }

    fn stored_body(&mut self, message: &Message, property: u16, subtype: &'static str) -> Option<Body> {
        // HTML of nothing but white space would hide the plain text.
        self.body(Body::stored(message, property, subtype), property).filter(|body| !body.is_blank)
    }

    fn body(&mut self, body: Result<Option<Body>>, property: u16) -> Option<Body> {
        let tag = PropertyTag::from_parts(property, PropertyType::UNSPECIFIED);
        match body {
            Ok(body) => {
                for (kind, text) in body.iter().flat_map(|body| &body.losses) {
                    self.losses.of(tag, *kind, text);
                }
                body
            }
            Err(error) => {
                self.losses.of(tag, kind_of(&error), error.to_string());
                None
            }
        }
    }

    /// Decides where each attachment stands. Their handles are not kept: each may hold megabytes.
    fn roles(&mut self, message: &Message, bodies: &Bodies) -> Vec<Role> {
        let mut roles = Vec::new();
        for attachment in message.attachments() {
            roles.push(match attachment {
                Ok(attachment) => self.role(&attachment, bodies),
                Err(error) => {
                    self.losses.add(LossKind::Unreadable, format!("attachments: {error}"));
                    Role::LeftOut
                }
            });
        }
        roles
    }

    fn role(&mut self, attachment: &Attachment, bodies: &Bodies) -> Role {
        let Ok(properties) = attachment.properties() else { return Role::Attached };
        let item = Item { properties, names: self.names };
        // What cannot be read is told when the attachment is written.
        let mut untold = Losses::default();
        if bodies.has_exceptions
            && let Ok(Some(inner)) = attachment.message()
            && inner.class().ok().flatten().is_some_and(|class| is_exception(&class))
        {
            return Role::LeftOut;
        }
        let inline = bodies.references.as_ref().is_some_and(|references| is_inline(&item, references, &mut untold));
        if inline { Role::Inline } else { Role::Attached }
    }

    /// The bodies, and beside them what the HTML shows.
    fn related(&mut self, message: &Message, bodies: &Bodies, roles: &[Role]) -> Result<()> {
        if !roles.contains(&Role::Inline) {
            return self.alternative(bodies);
        }
        let root = if bodies.alternatives.len() > 1 { "multipart/alternative" } else { "text/html" };
        self.open("related", &[("type", root)])?;
        self.next()?;
        self.alternative(bodies)?;
        self.attachments(message, roles, Role::Inline)?;
        self.close()
    }

    fn alternative(&mut self, bodies: &Bodies) -> Result<()> {
        let several = bodies.alternatives.len() > 1;
        if several {
            self.open("alternative", &[])?;
        }
        for alternative in &bodies.alternatives {
            if several {
                self.next()?;
            }
            match alternative {
                Alternative::Text(body) => self.text(body)?,
                Alternative::Calendar(part) => self.calendar(part)?,
            }
        }
        if several { self.close() } else { Ok(()) }
    }

    /// A text part.
    pub(super) fn text(&mut self, body: &Body) -> Result<()> {
        let mut fields = Fields::default();
        fields.parameters("Content-Type", &format!("text/{}", body.subtype), &[("charset", body.charset)]);
        let [content_id, location] = &body.names;
        if let Some(content_id) = content_id {
            attachment::content_id_field(content_id, &mut fields);
        }
        if let Some(location) = location {
            fields.text("Content-Location", location);
        }
        self.printable(fields, |out| body.produce(out).map(drop))
    }

    fn calendar(&mut self, part: &calendar::Part) -> Result<()> {
        self.printable(part.fields(), |out| out.write_all(part.text.as_bytes()).map_err(Error::from))
    }

    /// The RTF of the body.
    fn rtf(&mut self, message: &Message) -> Result<()> {
        let mut fields = Fields::default();
        fields.parameters("Content-Type", "application/rtf", &[("name", "body.rtf")]);
        fields.parameters("Content-Disposition", "attachment", &[("filename", "body.rtf")]);
        self.encoded(fields, |out| rich::original(message, out))
    }

    fn attachments(&mut self, message: &Message, roles: &[Role], wanted: Role) -> Result<()> {
        for (attachment, role) in message.attachments().zip(roles) {
            if *role != wanted {
                continue;
            }
            // What cannot be opened was told when the roles were given.
            let Ok(attachment) = attachment else { continue };
            self.losses.enter(format!("attachment {}", attachment.id()));
            let written = self.attachment(&attachment, wanted == Role::Inline);
            self.losses.leave();
            written?;
        }
        Ok(())
    }

    pub(super) fn attachment(&mut self, attachment: &Attachment, inline: bool) -> Result<()> {
        let opened = attachment.properties().and_then(|properties| Ok((properties, attachment.content()?)));
        let (properties, content) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                self.losses.add(kind_of(&error), error.to_string());
                return Ok(());
            }
        };
        let item = Item { properties, names: self.names };
        accounting::tell_attachment(&item, &mut self.losses);
        match content {
            AttachmentContent::Bytes(mut stream) => {
                let size = stream.len();
                let start = stream.next_chunk().map(<[u8]>::to_vec).unwrap_or_default();
                let start = start.get(..start.len().min(64)).unwrap_or_default();
                let description = Description::read(&item, Known::Start(start), inline, &mut self.losses);
                let _ = io::Seek::rewind(&mut stream);
                self.next()?;
                self.encoded(description.fields(Some(size)), |out| copy(&mut stream, out))
            }
            AttachmentContent::None => {
                let description = Description::read(&item, Known::Start(b""), inline, &mut self.losses);
                self.next()?;
                self.encoded(description.fields(Some(0)), |_| Ok(()))
            }
            AttachmentContent::Message(message) => self.inner_message(&item, &message),
            AttachmentContent::Reference(place) => {
                let mut description = Description::read(&item, Known::Kind("text/plain"), inline, &mut self.losses);
                self.losses.add(LossKind::Changed, "the file is elsewhere; a text with its place stands for it");
                description.name = description.name.map(|name| format!("{name}.txt"));
                let text = Body::made(format!("{place}\r\n"));
                self.next()?;
                self.printable(description.fields(None), |out| text.produce(out).map(drop))
            }
            AttachmentContent::Ole(mut stream) => {
                let unknown = Known::Kind(media_type::UNKNOWN);
                let mut description = Description::read(&item, unknown, inline, &mut self.losses);
                let label = description.name.take();
                description.name = Some(format!("{}.ole", label.as_deref().unwrap_or("object")));
                let size = stream.len();
                self.next()?;
                self.encoded(description.fields(Some(size)), |out| copy(&mut stream, out))?;
                ole::contents(stream, |content| {
                    let name = content
                        .name
                        .clone()
                        .unwrap_or_else(|| format!("{}.{}", label.as_deref().unwrap_or("object"), content.extension));
                    let inner = description.beside(name, content.kind);
                    self.next()?;
                    self.encoded(inner.fields(Some(content.size)), |out| copy(content.bytes, out))
                })
            }
        }
    }

    /// A message in the message: message/rfc822.
    pub(super) fn inner_message(&mut self, item: &Item<'_>, message: &Message) -> Result<()> {
        let most = message.node().database().limits().embedded_messages;
        if self.depth >= self.options.depth || self.embedded >= most {
            let (kind, text) = if self.embedded >= most {
                (LossKind::TooLarge, format!("the mail has more than {most} messages in it"))
            } else {
                (LossKind::TooDeep, format!("a message inside {} others", self.depth.saturating_add(1)))
            };
            self.losses.add(kind, text);
            return Ok(());
        }
        if let Err(error) = message.properties() {
            self.losses.add(kind_of(&error), error.to_string());
            return Ok(());
        }
        let mut description = Description::read(item, Known::Kind("message/rfc822"), false, &mut self.losses);
        description.name = description.name.map(|name| {
            let known = name.to_ascii_lowercase().ends_with(".eml");
            if known { name } else { format!("{name}.eml") }
        });
        self.next()?;
        description.fields(None).write(&mut self.out)?;
        self.out.put(b"\r\n")?;
        self.embedded = self.embedded.saturating_add(1);
        self.depth = self.depth.saturating_add(1);
        let written = self.message(message);
        self.depth = self.depth.saturating_sub(1);
        written.map(|_| ())
    }
}
