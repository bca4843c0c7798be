//! A whole message: what kind of item it is, and the order of work (MS-OXCMAIL 2.2.3).

use super::Conversion;
use super::sealed::Seal;
use super::structure::Plan;
use super::tnef;
use crate::Result;
use crate::convert::LossKind;
use crate::item::class;
use crate::ltp::id;
use crate::messaging::kind::Kind;
use crate::mime::{Mail, Part};
use crate::write::{MessageDraft, Target};

impl<T: Target> Conversion<'_, T> {
    pub(super) fn message(&mut self, mail: &Mail<'_>) -> Result<MessageDraft> {
        let root = mail.root();
        let mut draft = MessageDraft::new("IPM.Note");
        self.surroundings(mail);
        self.fields(mail, &mut draft)?;
        self.senders(mail, &mut draft);
        self.reply_to(mail, &mut draft);
        self.receipts(mail, &mut draft);
        if let Some(seal) = Seal::of(&root) {
            let class = class::of_mail(mail).class.unwrap_or_default();
            draft.properties().text(id::MESSAGE_CLASS, class);
            self.recipients(mail, &mut draft);
            self.sealed(mail, seal, &mut draft)?;
            return Ok(draft);
        }
        let class = class::of_mail(mail);
        if self.report(mail, &mut draft)? {
            return Ok(draft);
        }
        self.recipients(mail, &mut draft);
        let mut plan = Plan::of(root);
        let packed = tnef::take(&mut plan);
        self.meeting(&mut plan, &class, &mut draft)?;
        // What a Content-Class header says; reports and meetings were made above, or cannot be.
        let is_made = matches!(class.classification.kind, Kind::Report(_) | Kind::Meeting(_));
        if let Some(name) = class.class.filter(|_| !is_made && packed.is_none()) {
            draft.properties().text(id::MESSAGE_CLASS, name);
        }
        self.content(&mut plan, &mut draft)?;
        if let Some(file) = packed {
            self.tnef(&file, &mut draft)?;
        }
        Ok(draft)
    }

    /// Bodies and attachments of a plan.
    pub(super) fn content(&mut self, plan: &mut Plan<'_>, draft: &mut MessageDraft) -> Result<()> {
        self.bodies(plan, draft)?;
        self.attachments(plan, draft)?;
        for part in &plan.multiparts {
            self.multipart(part);
        }
        Ok(())
    }

    /// Tells what a multipart has beside its parts.
    fn multipart(&mut self, part: &Part<'_>) {
        let kind = part.content_type();
        if kind.is("multipart", "signed") {
            self.lose_of(part, LossKind::Changed, "a signed part is taken apart; its signature no longer holds");
        }
        self.rest_of(part, false);
        let words = |text: &[u8]| !text.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0);
        // The sentence for readers without MIME says nothing.
        if words(part.preamble()) && !part.preamble().trim_ascii().starts_with(b"This is a multi") {
            self.lose_of(part, LossKind::NoPlace, format!("{} bytes before the first part", part.preamble().len()));
        }
        if words(part.epilogue()) {
            self.lose_of(part, LossKind::NoPlace, format!("{} bytes behind the last part", part.epilogue().len()));
        }
    }
}
