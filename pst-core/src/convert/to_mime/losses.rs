//! What was not carried, with the place in the item it belongs to.

use crate::convert::{Loss, LossKind};
use crate::ltp::PropertyTag;

/// Losses told one by one; a hostile item could have millions.
const MOST: usize = 10_000;

/// Gathers losses while a mail is written.
#[derive(Debug, Default)]
pub(super) struct Losses {
    list: Vec<Loss>,
    more: u64,
    /// Attachments around what is being written.
    place: Vec<String>,
}

impl Losses {
    /// Everything until [`leave`](Self::leave) is about this part.
    pub(super) fn enter(&mut self, place: String) {
        self.place.push(place);
    }

    pub(super) fn leave(&mut self) {
        self.place.pop();
    }

    /// A loss of the item or part as a whole.
    pub(super) fn add(&mut self, kind: LossKind, detail: impl AsRef<str>) {
        self.push(kind, None, detail.as_ref());
    }

    /// A loss of one property.
    pub(super) fn of(&mut self, property: PropertyTag, kind: LossKind, detail: impl AsRef<str>) {
        self.push(kind, Some(property), detail.as_ref());
    }

    /// Losses that another conversion found in the same item.
    pub(super) fn extend(&mut self, losses: Vec<Loss>) {
        for loss in losses {
            self.push(loss.kind, loss.property, &loss.detail);
        }
    }

    fn push(&mut self, kind: LossKind, property: Option<PropertyTag>, detail: &str) {
        if self.list.len() >= MOST {
            self.more = self.more.saturating_add(1);
            return;
        }
        let mut text = String::new();
        for place in &self.place {
            text.push_str(place);
            text.push_str(": ");
        }
        text.push_str(detail);
        self.list.push(Loss { kind, property, detail: text });
    }

    pub(super) fn finish(mut self) -> Vec<Loss> {
        if self.more > 0 {
            self.list.push(Loss::new(LossKind::TooLarge, format!("{} further losses are not listed", self.more)));
        }
        self.list
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]

    use super::*;

    #[test]
    fn places_stand_before_the_detail_and_the_list_ends() {
        let mut losses = Losses::default();
        losses.enter("attachment 0x8025".to_owned());
        losses.add(LossKind::Unreadable, "gone");
        losses.leave();
        for _ in 0..MOST {
            losses.add(LossKind::NoPlace, "x");
        }
        let list = losses.finish();
        assert_eq!(list[0].to_string(), "unreadable: attachment 0x8025: gone");
        assert_eq!(list.last().unwrap().to_string(), "too-large: 1 further losses are not listed");
        assert_eq!(list.len(), MOST + 1);
    }
}
