//! Folders and subjects of a file: `list FILE`.

use pst_core::Pst;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args_os().nth(1).ok_or("usage: list FILE")?;
    let pst = Pst::open(file)?;
    for folder in pst.root_folder()?.descendants() {
        let folder = folder?;
        println!("{}", folder.name()?);
        for message in folder.messages()? {
            println!("  {}", message?.subject()?.unwrap_or_default());
        }
    }
    Ok(())
}
