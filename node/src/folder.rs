//! A member's data folder: who holds it, what is in it, and where its running node answers.
//!
//! ```text
//! lock              held while a node runs on this folder
//! settings.json     how the community is reached
//! community.json    the charter and the shared word, for a backup
//! preferences.json  what the member lets the node do by itself
//! address.json      where the running node answers, and the key of its command line (mode 0600)
//! keystore/         the member's key, behind the passphrase
//! conductor/        everything the conductor keeps
//! ```

use crate::failure::bad_input;
use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A data folder that only this process uses.
pub struct Folder {
    root: PathBuf,
    // Holding the file open holds the lock; the system frees it however the process ends.
    _lock: File,
}

/// What a node remembers between starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The community's meeting point; none means that this node is alone for now.
    pub meet: Option<String>,
    /// True once the community is installed and the charter is no longer asked for.
    pub installed: bool,
}

/// Where a running node answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub url: String,
    /// Shows the node that a caller may read this folder: the key to `/call` and `/books`.
    pub key: String,
}

impl Folder {
    /// Opens the folder, making it (readable by its owner alone) when it is not there.
    pub fn open(root: &Path) -> Result<Self> {
        private_folder(root)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(root.join("lock"))
            .with_context(|| format!("cannot write into {}", root.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root: root.to_path_buf(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(bad_input(format!(
                "another weir already runs on {}: stop it first, or name another folder",
                root.display()
            ))),
            Err(TryLockError::Error(error)) => Err(error).context("cannot lock the data folder"),
        }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn keystore(&self) -> PathBuf {
        self.root.join("keystore")
    }

    pub fn conductor(&self) -> PathBuf {
        self.root.join("conductor")
    }

    pub fn settings(&self) -> Result<Settings> {
        Ok(read_json(&self.root.join("settings.json"))?.unwrap_or_default())
    }

    pub fn set_settings(&self, settings: &Settings) -> Result<()> {
        write_json(&self.root.join("settings.json"), settings)
    }
}

/// Does a process hold this folder?
pub fn is_held(root: &Path) -> bool {
    let Ok(lock) = OpenOptions::new().write(true).open(root.join("lock")) else { return false };
    matches!(lock.try_lock(), Err(TryLockError::WouldBlock))
}

/// Where the node of this folder answers, when one runs.
pub fn address(root: &Path) -> Result<Option<Address>> {
    read_json(&root.join("address.json"))
}

pub fn set_address(root: &Path, address: &Address) -> Result<()> {
    private_folder(root)?;
    write_json(&root.join("address.json"), address)
}

pub fn clear_address(root: &Path) {
    // A leftover does no harm: callers notice that nobody answers.
    let _ = fs::remove_file(root.join("address.json"));
}

/// Reads a file of ours; `None` when it is not there.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .with_context(|| format!("{} is damaged", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

pub fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    write_private(path, &serde_json::to_vec_pretty(value)?)
}

/// Writes a file for its owner alone, whole or not at all: first beside it, then in its place.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    // Its name is the file's own and more, so that nobody's file of another ending is lost.
    let mut beside = path.as_os_str().to_os_string();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written
        .and_then(|()| fs::rename(&beside, path))
        .with_context(|| format!("cannot write {}", path.display()))
}

fn private_folder(root: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(root).with_context(|| format!("cannot make the folder {}", root.display()))
}

/// The platform's place for data of programs, for folders that are not named.
pub fn default_root(name: &str) -> Result<PathBuf> {
    dirs::data_dir()
        .map(|dir| dir.join(name))
        .ok_or_else(|| bad_input("this system names no data folder: give one with --data DIR"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_folder_serves_one_process_at_a_time() {
        let temp = tempfile::tempdir().unwrap();
        let first = Folder::open(temp.path()).unwrap();
        assert!(Folder::open(temp.path()).is_err());
        assert!(is_held(temp.path()));
        drop(first);
        assert!(!is_held(temp.path()));
        assert!(Folder::open(temp.path()).is_ok());
    }

    #[test]
    fn settings_survive_and_start_empty() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::open(temp.path()).unwrap();
        assert_eq!(folder.settings().unwrap(), Settings::default());
        let settings = Settings { meet: Some("https://meet.example".into()), installed: true };
        folder.set_settings(&settings).unwrap();
        assert_eq!(folder.settings().unwrap(), settings);
    }

    #[cfg(unix)]
    #[test]
    fn what_holds_a_key_is_readable_by_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("address.json");
        write_private(&path, b"{}").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
