//! A small writer of TNEF, by MS-OXTNEF 2.1.3.

/// A stream under construction.
#[derive(Clone, Debug)]
pub(crate) struct Stream(pub(crate) Vec<u8>);

impl Stream {
    /// Signature, key, version and code page.
    pub(crate) fn new(code_page: u32) -> Self {
        let mut stream = Self::bare();
        stream.add(1, 0x0008_9006, &0x0001_0000_u32.to_le_bytes());
        stream.add(1, 0x0006_9007, &[code_page.to_le_bytes(), [0; 4]].concat());
        stream
    }

    /// Signature and key.
    pub(crate) fn bare() -> Self {
        Self(vec![0x78, 0x9F, 0x3E, 0x22, 0x34, 0x12])
    }

    /// An attribute with its checksum; where its data is.
    pub(crate) fn add(&mut self, level: u8, id: u32, data: &[u8]) -> usize {
        let sum: u32 = data.iter().map(|byte| u32::from(*byte)).sum();
        self.0.push(level);
        self.0.extend(id.to_le_bytes());
        self.0.extend((data.len() as u32).to_le_bytes());
        let at = self.0.len();
        self.0.extend(data);
        self.0.extend((sum as u16).to_le_bytes());
        at
    }

    pub(crate) fn message(mut self, id: u32, data: &[u8]) -> Self {
        self.add(1, id, data);
        self
    }

    /// attMsgProps.
    pub(crate) fn properties(self, properties: &[Vec<u8>]) -> Self {
        self.message(0x0006_9003, &list(properties))
    }

    /// attAttachRendData of a file, some attributes, then attAttachment.
    pub(crate) fn attachment(mut self, attributes: &[(u32, &[u8])], properties: &[Vec<u8>]) -> Self {
        self.add(2, 0x0006_9002, &[1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0]);
        for (id, data) in attributes {
            self.add(2, *id, data);
        }
        self.add(2, 0x0006_9005, &list(properties));
        self
    }
}

/// A counted list of properties.
pub(crate) fn list(properties: &[Vec<u8>]) -> Vec<u8> {
    [(properties.len() as u32).to_le_bytes().to_vec(), properties.concat()].concat()
}

pub(crate) fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// A property of a fixed size.
pub(crate) fn fixed(tag: u32, value: &[u8]) -> Vec<u8> {
    [tag.to_le_bytes().to_vec(), padded(value.to_vec())].concat()
}

/// A multiple property of a fixed size.
pub(crate) fn fixed_values(tag: u32, values: &[&[u8]]) -> Vec<u8> {
    let count = (values.len() as u32).to_le_bytes().to_vec();
    let values = values.iter().flat_map(|value| padded(value.to_vec())).collect();
    [tag.to_le_bytes().to_vec(), count, values].concat()
}

/// A property of a variable size, with one or several values.
pub(crate) fn variable(tag: u32, values: &[&[u8]]) -> Vec<u8> {
    [tag.to_le_bytes().to_vec(), counted(values)].concat()
}

/// A count, and values behind their lengths.
pub(crate) fn counted(values: &[&[u8]]) -> Vec<u8> {
    let mut all = (values.len() as u32).to_le_bytes().to_vec();
    for value in values {
        all.extend((value.len() as u32).to_le_bytes());
        all.extend(padded(value.to_vec()));
    }
    all
}

/// A named property: its tag and name in front of what follows the tag.
pub(crate) fn named(tag: u32, set: [u8; 16], name: Result<u32, &str>, value: &[u8]) -> Vec<u8> {
    let name = match name {
        Ok(number) => [0_u32.to_le_bytes(), number.to_le_bytes()].concat(),
        Err(name) => {
            let name = utf16(name);
            [1_u32.to_le_bytes().to_vec(), (name.len() as u32).to_le_bytes().to_vec(), padded(name)].concat()
        }
    };
    [&tag.to_le_bytes()[..], &set, &name, value].concat()
}

/// UTF-16LE with a NUL.
pub(crate) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

/// PidTagAttachDataObject with an embedded message.
pub(crate) fn embedded(stream: &[u8]) -> Vec<u8> {
    const IMESSAGE: [u8; 16] = [7, 3, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];
    variable(0x3701_000D, &[&[&IMESSAGE[..], stream].concat()])
}
