//! Are the databases whole?
//!
//! A file that was cut off or overwritten makes the platform wait, or fail later in the middle of
//! something. So each one is looked at before the conductor opens it. They are encrypted
//! (SQLCipher) with a key that lies beside them, sealed with the member's passphrase. What is
//! damaged is not mended: what a member wrote stands in full on the computers of others, and a half
//! of it here would make a second version of their record.

use crate::failure::bad_input;
use crate::keys::Keystore;
use anyhow::{Context, Result};
use data_encoding::{BASE64URL_NOPAD, HEXUPPER};
use holochain_data::DbKey;
use rusqlite::{Connection, ErrorCode};
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of the sealed key: nonce, key with its mark, salt.
const SEALED_BYTES: usize = 24 + 32 + 16 + 16;

/// Refuses a folder of the conductor with a damaged database.
pub async fn check(conductor: &Path, keystore: &Keystore) -> Result<()> {
    let folder = conductor.join("databases");
    let sealed = folder.join("db.key");
    if !sealed.exists() {
        // Before the first start.
        return Ok(());
    }
    let sealed = fs::read_to_string(sealed).context("cannot read the key of the databases")?;
    let sealed = sealed.trim().to_string();
    // The platform takes it apart without looking how long it is.
    let bytes = BASE64URL_NOPAD.decode(sealed.as_bytes()).unwrap_or_default();
    if bytes.len() != SEALED_BYTES {
        return Err(bad_input(
            "DATABASE_DAMAGED: db.key is damaged. Put the data folder aside, do not start it \
             again, and come back from your backup with `weir restore`.",
        ));
    }
    let key = DbKey::load(sealed, keystore.passphrase()).await;
    let key = key.context("cannot open the key of the databases")?;
    tokio::task::spawn_blocking(move || check_all(&folder, &opening(&key))).await?
}

/// What opens a database, as the platform does it.
fn opening(key: &DbKey) -> String {
    let hex = |bytes: &[u8]| HEXUPPER.encode(bytes);
    let lock = |poisoned: std::sync::PoisonError<_>| poisoned.into_inner();
    let secret = hex(&*key.key.lock().unwrap_or_else(lock).lock());
    let salt = hex(&*key.salt.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).lock());
    format!(
        "PRAGMA key = \"x'{secret}'\"; PRAGMA cipher_salt = \"x'{salt}'\";
         PRAGMA cipher_compatibility = 4; PRAGMA cipher_plaintext_header_size = 32;"
    )
}

fn check_all(folder: &Path, opening: &str) -> Result<()> {
    for file in databases(folder)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let found = whole(&file, opening).with_context(|| format!("cannot read {name}"))?;
        if let Some(what) = found {
            return Err(bad_input(format!(
                "DATABASE_DAMAGED: {name} is damaged ({what}). Put the data folder aside, do not \
                 start it again, and come back from your backup with `weir restore`."
            )));
        }
    }
    Ok(())
}

fn databases(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()));
    let mut files = listed?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "db"));
    files.sort();
    Ok(files)
}

/// What is wrong with the file. A disk that is full or cannot be read is an error, and no damage.
fn whole(file: &Path, opening: &str) -> rusqlite::Result<Option<String>> {
    let read = || -> rusqlite::Result<String> {
        let database = Connection::open(file)?;
        database.execute_batch(opening)?;
        database.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
    };
    match read() {
        Ok(word) if word == "ok" => Ok(None),
        Ok(what) => Ok(Some(what.lines().next().unwrap_or_default().to_string())),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Ok(Some(error.to_string()))
            }
            _ => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENING: &str = "PRAGMA key = 'a key'; PRAGMA cipher_compatibility = 4;";

    fn with_database() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("some.db");
        let database = Connection::open(&file).unwrap();
        database.execute_batch(OPENING).unwrap();
        database.execute_batch("CREATE TABLE t (x BLOB)").unwrap();
        for _ in 0..100 {
            database.execute("INSERT INTO t VALUES (zeroblob(1000))", []).unwrap();
        }
        (folder, file)
    }

    #[test]
    fn whole_databases_pass() {
        let (folder, _) = with_database();
        fs::write(folder.path().join("db.key"), "no database").unwrap();
        assert!(check_all(folder.path(), OPENING).is_ok());
    }

    #[test]
    fn one_that_was_cut_off_or_overwritten_is_named() {
        for damage in [
            |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2),
            |bytes: &mut Vec<u8>| bytes[..16].fill(0),
            |bytes: &mut Vec<u8>| {
                let middle = bytes.len() / 2;
                bytes[middle..middle + 4_096].fill(0xff);
            },
        ] {
            let (folder, file) = with_database();
            let mut bytes = fs::read(&file).unwrap();
            damage(&mut bytes);
            fs::write(&file, bytes).unwrap();
            let told = check_all(folder.path(), OPENING).unwrap_err().to_string();
            assert!(told.starts_with("DATABASE_DAMAGED: some.db"), "{told}");
        }
    }
}
