//! Just enough msgpack to take entries apart and write them wrongly on purpose.

/// A value as this project's entries use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Nil,
    Int(i128),
    Bin(Vec<u8>),
    Str(Vec<u8>),
    Array(Vec<Node>),
    Map(Vec<(Node, Node)>),
    /// Bytes written as they are.
    Raw(Vec<u8>),
}

impl Node {
    /// Reads bytes in shortest forms; for the tests' own valid entries only.
    pub fn read(bytes: &[u8]) -> Self {
        let mut rest = bytes;
        let node = read(&mut rest);
        assert!(rest.is_empty(), "{} bytes are left over", rest.len());
        node
    }

    /// Writes the shortest form of everything but raw bytes.
    pub fn write(&self) -> Vec<u8> {
        match self {
            Self::Nil => vec![0xc0],
            Self::Int(value) => int(*value),
            Self::Bin(bytes) => headed(bin_head(bytes.len()), bytes),
            Self::Str(bytes) => headed(str_head(bytes.len()), bytes),
            Self::Array(items) => headed(
                array_head(items.len()),
                &items.iter().flat_map(Self::write).collect::<Vec<_>>(),
            ),
            Self::Map(pairs) => {
                let mut out = vec![0x80 | pairs.len() as u8];
                for (key, value) in pairs {
                    out.extend(key.write());
                    out.extend(value.write());
                }
                out
            }
            Self::Raw(bytes) => bytes.clone(),
        }
    }

    /// The node at a path of positions; a map's values are counted by their pair.
    pub fn at(&self, path: &[usize]) -> &Self {
        path.iter().fold(self, |node, place| match node {
            Self::Array(items) => &items[*place],
            Self::Map(pairs) => &pairs[*place].1,
            _ => panic!("{node:?} has no part {place}"),
        })
    }

    /// The same value with another node at a path.
    pub fn with(&self, path: &[usize], new: Self) -> Self {
        let Some((place, rest)) = path.split_first() else {
            return new;
        };
        let mut changed = self.clone();
        match &mut changed {
            Self::Array(items) => items[*place] = items[*place].with(rest, new),
            Self::Map(pairs) => pairs[*place].1 = pairs[*place].1.with(rest, new),
            _ => panic!("{self:?} has no part {place}"),
        }
        changed
    }

    /// The paths of all nodes, this one first.
    pub fn paths(&self) -> Vec<Vec<usize>> {
        let parts: Vec<&Self> = match self {
            Self::Array(items) => items.iter().collect(),
            Self::Map(pairs) => pairs.iter().map(|(_, value)| value).collect(),
            _ => vec![],
        };
        let below = parts.iter().enumerate().flat_map(|(place, part)| {
            part.paths().into_iter().map(move |path| [vec![place], path].concat())
        });
        core::iter::once(vec![]).chain(below).collect()
    }
}

fn headed(mut head: Vec<u8>, body: &[u8]) -> Vec<u8> {
    head.extend_from_slice(body);
    head
}

pub fn array_head(len: usize) -> Vec<u8> {
    match len {
        0..=15 => vec![0x90 | len as u8],
        _ => vec![0xdc, (len >> 8) as u8, len as u8],
    }
}

fn bin_head(len: usize) -> Vec<u8> {
    match len {
        0..=255 => vec![0xc4, len as u8],
        _ => vec![0xc5, (len >> 8) as u8, len as u8],
    }
}

fn str_head(len: usize) -> Vec<u8> {
    match len {
        0..=31 => vec![0xa0 | len as u8],
        32..=255 => vec![0xd9, len as u8],
        _ => vec![0xda, (len >> 8) as u8, len as u8],
    }
}

fn int(value: i128) -> Vec<u8> {
    match value {
        0..=0x7f => vec![value as u8],
        0x80..=0xff => vec![0xcc, value as u8],
        0x100..=0xffff => headed(vec![0xcd], &(value as u16).to_be_bytes()),
        0x1_0000..=0xffff_ffff => headed(vec![0xce], &(value as u32).to_be_bytes()),
        0x1_0000_0000.. => headed(vec![0xcf], &(value as u64).to_be_bytes()),
        -0x20..=-1 => vec![value as i8 as u8],
        -0x80..=-0x21 => vec![0xd0, value as i8 as u8],
        -0x8000..=-0x81 => headed(vec![0xd1], &(value as i16).to_be_bytes()),
        -0x8000_0000..=-0x8001 => headed(vec![0xd2], &(value as i32).to_be_bytes()),
        _ => headed(vec![0xd3], &(value as i64).to_be_bytes()),
    }
}

/// Every form of an integer but the shortest.
pub fn long_ints(value: i128) -> Vec<Vec<u8>> {
    let mut forms = vec![];
    if let Ok(v) = u8::try_from(value) {
        forms.push(headed(vec![0xcc], &v.to_be_bytes()));
    }
    if let Ok(v) = u16::try_from(value) {
        forms.push(headed(vec![0xcd], &v.to_be_bytes()));
    }
    if let Ok(v) = u32::try_from(value) {
        forms.push(headed(vec![0xce], &v.to_be_bytes()));
    }
    if let Ok(v) = u64::try_from(value) {
        forms.push(headed(vec![0xcf], &v.to_be_bytes()));
    }
    if let Ok(v) = i8::try_from(value) {
        forms.push(headed(vec![0xd0], &v.to_be_bytes()));
    }
    if let Ok(v) = i16::try_from(value) {
        forms.push(headed(vec![0xd1], &v.to_be_bytes()));
    }
    if let Ok(v) = i32::try_from(value) {
        forms.push(headed(vec![0xd2], &v.to_be_bytes()));
    }
    if let Ok(v) = i64::try_from(value) {
        forms.push(headed(vec![0xd3], &v.to_be_bytes()));
    }
    forms.retain(|form| *form != int(value));
    forms
}

fn read(rest: &mut &[u8]) -> Node {
    let head = take(rest, 1)[0];
    match head {
        0xc0 => Node::Nil,
        0x00..=0x7f => Node::Int(i128::from(head)),
        0xe0..=0xff => Node::Int(i128::from(head as i8)),
        0xcc..=0xcf => Node::Int(unsigned(rest, 1 << (head - 0xcc)) as i128),
        0xd0..=0xd3 => Node::Int(signed(rest, 1 << (head - 0xd0))),
        0xc4..=0xc5 => {
            let len = unsigned(rest, 1 << (head - 0xc4)) as usize;
            Node::Bin(take(rest, len).to_vec())
        }
        0xa0..=0xbf => Node::Str(take(rest, usize::from(head & 0x1f)).to_vec()),
        0x90..=0x9f => Node::Array((0..head & 0x0f).map(|_| read(rest)).collect()),
        0xdc => {
            let len = unsigned(rest, 2);
            Node::Array((0..len).map(|_| read(rest)).collect())
        }
        0x80..=0x8f => Node::Map((0..head & 0x0f).map(|_| (read(rest), read(rest))).collect()),
        _ => panic!("entries do not use {head:#x}"),
    }
}

fn take<'a>(rest: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (taken, left) = rest.split_at(len);
    *rest = left;
    taken
}

fn unsigned(rest: &mut &[u8], width: usize) -> u128 {
    take(rest, width).iter().fold(0, |value, byte| (value << 8) | u128::from(*byte))
}

fn signed(rest: &mut &[u8], width: usize) -> i128 {
    let value = unsigned(rest, width) as i128;
    let half = 1_i128 << (8 * width - 1);
    if value >= half {
        value - 2 * half
    } else {
        value
    }
}
