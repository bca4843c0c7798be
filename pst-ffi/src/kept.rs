//! Views kept together with what they look at.
//!
//! The core's views of mails, attachments and walks borrow from their item, and C needs values it may keep. Each function
//! here makes such a view of an object that is shared and does not move, and hands out both in one value: the view stands
//! before its owner in every struct, so that it goes first.
#![allow(unsafe_code, reason = "lifetimes are lengthened here, and nowhere else")]

use std::sync::Arc;

use pst_core::item::{AnyMessage, ContentReader, ItemAttachment, ItemAttachments, ItemRecipients};
use pst_core::mime::Mail;

use crate::attachment::Attachment;
use crate::error::Failure;
use crate::message::{Message, Owner};
use crate::store::Store;

/// A view and its owner. The view is not handed out but by reference.
pub(crate) struct Kept<V, O: ?Sized> {
    view: V,
    owner: Arc<O>,
}

impl<V, O: ?Sized> Kept<V, O> {
    pub(crate) fn view(&self) -> &V {
        &self.view
    }

    pub(crate) fn view_mut(&mut self) -> &mut V {
        &mut self.view
    }
}

/// The same object for as long as anybody likes.
///
/// # Safety
/// What is made of it must be kept with a clone of the `Arc`, go before that, and be handed out by reference only.
unsafe fn lengthen<O: ?Sized>(owner: &Arc<O>) -> &'static O {
    // SAFETY: an `Arc` does not move what it holds, and nobody has a mutable reference to it: all objects are shared.
    unsafe { &*Arc::as_ptr(owner) }
}

/// A mail with the bytes it was read from.
pub(crate) fn mail(bytes: Arc<[u8]>) -> (AnyMessage<'static>, Owner) {
    // SAFETY: `Message` keeps the owner behind the view, and lends the view only.
    let mail = Mail::parse(unsafe { lengthen(&bytes) });
    (AnyMessage::Mail(Box::new(mail)), Owner::Bytes(bytes))
}

/// The recipients of a message.
pub(crate) fn recipients(message: Arc<Message>) -> Kept<ItemRecipients<'static>, Message> {
    // SAFETY: kept together; the walk gives values that borrow nothing.
    let view = unsafe { lengthen(&message) }.item().recipients();
    Kept { view, owner: message }
}

/// The attachments of a message.
pub(crate) fn attachments(message: Arc<Message>) -> Kept<ItemAttachments<'static>, Message> {
    // SAFETY: kept together; what the walk gives is kept with the message by `next_attachment`.
    let view = unsafe { lengthen(&message) }.item().attachments();
    Kept { view, owner: message }
}

/// The next attachment of a walk.
pub(crate) fn next_attachment(
    walk: &mut Kept<ItemAttachments<'static>, Message>,
) -> Option<Result<Kept<ItemAttachment<'static>, Message>, Failure>> {
    let owner = Arc::clone(&walk.owner);
    Some(walk.view.next()?.map(|view| Kept { view, owner }).map_err(Failure::from))
}

/// The content of an attachment as a stream.
pub(crate) fn reader(attachment: Arc<Attachment>) -> Result<Option<Kept<ContentReader<'static>, Attachment>>, Failure> {
    let reader = attachment.kept().view.reader()?;
    Ok(reader.map(|view| Kept { view, owner: attachment }))
}

/// The message that an attachment is.
pub(crate) fn embedded(attachment: Arc<Attachment>) -> Result<Option<(AnyMessage<'static>, Owner)>, Failure> {
    let message = attachment.kept().view.message()?;
    Ok(message.map(|message| match message {
        // One in a store keeps what it needs.
        AnyMessage::Message(message) => (AnyMessage::Message(message), Owner::Itself),
        mail @ AnyMessage::Mail(_) => (mail, Owner::Attachment(attachment)),
    }))
}

/// Messages of a store, listed or not.
pub(crate) fn all_messages(store: Arc<Store>) -> impl Iterator<Item = Result<Message, Failure>> + Send + 'static {
    // SAFETY: the walk and its store are fields of one struct, in this order; the walk gives values that borrow nothing.
    let entries = unsafe { lengthen(&store) }.pst.message_entries();
    let mut kept = Kept { view: entries, owner: store };
    std::iter::from_fn(move || {
        let entry = kept.view.next()?;
        let pst = &kept.owner.pst;
        Some(
            entry
                .and_then(|entry| pst.message_from_entry(entry))
                .map_err(Failure::from)
                .map(|message| Message::stored(message, pst)),
        )
    })
}
