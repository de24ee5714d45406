//! How much a conductor keeps, in bytes.
//!
//! The databases write ahead: what is kept stands mostly in the `-wal` file until it is folded in,
//! and that file also holds pages that later ones replace. So sizes of files say little; the last
//! commit in it says how many pages the database has.

use anyhow::{Context, Result};
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

/// Where the databases of shared records lie in a conductor's folder, and how their names begin.
const DATABASES: &str = "data/databases";
const RECORDS: &str = "dht-";

const WAL_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;

/// Bytes of the shared records that the conductor in `folder` keeps.
pub fn kept_bytes(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder.join(DATABASES))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(RECORDS) && name.ends_with(".db") {
            bytes += database_bytes(&path).with_context(|| format!("cannot read {name}"))?;
        }
    }
    Ok(bytes)
}

fn database_bytes(path: &Path) -> Result<u64> {
    let wal = path.with_extension("db-wal");
    match File::open(wal) {
        Ok(wal) => {
            if let Some(bytes) = bytes_after_last_commit(wal)? {
                return Ok(bytes);
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    Ok(std::fs::metadata(path)?.len())
}

/// The size of the database after the last commit in its `-wal` file; none when there is no commit.
fn bytes_after_last_commit(mut wal: impl Read + Seek) -> Result<Option<u64>> {
    let mut header = [0; WAL_HEADER_BYTES];
    if !filled(&mut wal, &mut header)? {
        return Ok(None);
    }
    let (page_bytes, salts) = (u64::from(number(&header, 8)), pair(&header, 16));
    let mut pages = None;
    let mut frame = [0; FRAME_HEADER_BYTES];
    while filled(&mut wal, &mut frame)? {
        // Frames of an earlier round lie behind the newest and carry other salts.
        if pair(&frame, 8) != salts {
            break;
        }
        match number(&frame, 4) {
            0 => {}
            count => pages = Some(u64::from(count)),
        }
        wal.seek(SeekFrom::Current(i64::try_from(page_bytes)?))?;
    }
    Ok(pages.map(|pages| pages * page_bytes))
}

fn filled(from: &mut impl Read, buffer: &mut [u8]) -> Result<bool> {
    match from.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    u32::from_be_bytes(four.unwrap_or_default())
}

fn pair(bytes: &[u8], at: usize) -> (u32, u32) {
    (number(bytes, at), number(bytes, at + 4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    const PAGE: usize = 512;

    /// A `-wal` file with frames of (pages after commit or 0, salt).
    fn wal(frames: &[(u32, u32)]) -> Cursor<Vec<u8>> {
        let mut bytes = vec![0; WAL_HEADER_BYTES];
        bytes[8..12].copy_from_slice(&(PAGE as u32).to_be_bytes());
        bytes[16..20].copy_from_slice(&7u32.to_be_bytes());
        for (pages, salt) in frames {
            let mut frame = vec![0; FRAME_HEADER_BYTES + PAGE];
            frame[4..8].copy_from_slice(&pages.to_be_bytes());
            frame[8..12].copy_from_slice(&salt.to_be_bytes());
            bytes.extend(frame);
        }
        Cursor::new(bytes)
    }

    #[test]
    fn the_last_commit_of_this_round_counts() {
        let size = |frames: &[(u32, u32)]| bytes_after_last_commit(wal(frames)).unwrap();
        assert_eq!(size(&[]), None);
        assert_eq!(size(&[(0, 7)]), None);
        assert_eq!(size(&[(0, 7), (3, 7), (0, 7), (5, 7)]), Some(5 * 512));
        assert_eq!(size(&[(3, 7), (9, 6)]), Some(3 * 512));
        assert_eq!(bytes_after_last_commit(Cursor::new(vec![])).unwrap(), None);
    }
}
