//! A contact (MS-OXOCNTC) and a task (MS-OXOTASK).

use pst_core::ltp::id;
use pst_core::write::{FolderId, MessageDraft};
use pst_core::{Guid, Result};

use crate::{Writer, at};

pub(crate) fn contacts(out: &mut Writer, contacts: FolderId) -> Result<()> {
    let mut address = |number: u32| out.named_property(Guid::PSETID_ADDRESS, number);
    let (file_as, shown, kind, mail) = (address(0x8005)?, address(0x8080)?, address(0x8082)?, address(0x8083)?);
    let mut kim = MessageDraft::new("IPM.Contact");
    kim.subject("Kim Castle").body("Knows everybody.").created(at(30), at(30));
    kim.properties()
        .text(id::DISPLAY_NAME, "Kim Castle")
        .text(0x3A06, "Kim")
        .text(0x3A11, "Castle")
        .text(0x3A16, "Example Ltd")
        .text(0x3A17, "Head of planning")
        .text(0x3A08, "+44 20 7946 0123")
        .text(0x3A1C, "+44 7700 900123")
        .text(file_as, "Castle, Kim")
        .text(shown, "Kim Castle (kim.castle@example.com)")
        .text(kind, "SMTP")
        .text(mail, "kim.castle@example.com");
    out.message(contacts, kim)?;
    Ok(())
}

pub(crate) fn tasks(out: &mut Writer, tasks: FolderId) -> Result<()> {
    let mut task = |number: u32| out.named_property(Guid::PSETID_TASK, number);
    let (status, done, due, is_complete) = (task(0x8101)?, task(0x8102)?, task(0x8105)?, task(0x811C)?);
    let categories = out.named_property(Guid::PS_PUBLIC_STRINGS, "Keywords")?;
    const IN_PROGRESS: i32 = 1;
    let mut contract = MessageDraft::new("IPM.Task");
    contract.subject("Send the contract").body("Two copies.").created(at(32), at(32));
    contract
        .properties()
        .integer32(status, IN_PROGRESS)
        .floating64(done, 0.5)
        // Midnight of the day.
        .time(due, at(112))
        .boolean(is_complete, false)
        .texts(categories, ["Contracts", "Büro"]);
    out.message(tasks, contract)?;
    Ok(())
}
