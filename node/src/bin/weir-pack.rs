//! Packs the built zomes and page into `workdir/`: a `.dna` per DNA, `weir.happ`, and where there
//! is a page (`workdir/ui.zip`) `weir.webhapp`. Prints the hash of each DNA and all sizes as JSON.
//! Run by `cargo xtask pack`.
//!
//! It is a program of its own, apart from `weir`, because `weir` carries its output inside.

use anyhow::{Context, Result};
use holochain_types::prelude::{AppManifest, DnaBundle, ValidatedDnaManifest};
use holochain_types::web_app::WebAppManifest;
use mr_bundle::{Bundle, FileSystemBundler, Manifest};
use serde_json::{json, Map, Value};
use std::path::Path;

/// The DNAs of the bundle with their manifests.
const DNAS: [(&str, &str); 2] =
    [("ledger", "dnas/ledger/dna.yaml"), ("commons", "dnas/commons/dna.yaml")];
/// The baseline of the benches, which is in no bundle.
const BARE: (&str, &str) = ("bare", "benches/bare/dna.yaml");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let root = std::env::current_dir()?;
    let workdir = root.join("workdir");

    let mut dnas = Map::new();
    for (name, manifest) in DNAS {
        dnas.insert(name.into(), pack_dna(&root, name, manifest).await?);
    }
    let happ = read::<AppManifest>(&root, "happ.yaml").await?;
    let happ = json!({ "bytes": write(&happ, &workdir.join("weir.happ"))? });
    let mut webhapp = Value::Null;
    if workdir.join("ui.zip").exists() {
        let bundle = read::<WebAppManifest>(&root, "web-happ.yaml").await?;
        webhapp = json!({ "bytes": write(&bundle, &workdir.join("weir.webhapp"))? });
    }
    let (name, manifest) = BARE;
    dnas.insert(name.into(), pack_dna(&root, name, manifest).await?);
    println!("{}", json!({ "dnas": dnas, "happ": happ, "webhapp": webhapp }));
    Ok(())
}

/// Writes one `.dna`; gives its hash, which is that of the DNA without a charter, and its size.
async fn pack_dna(root: &Path, name: &str, manifest: &str) -> Result<Value> {
    let bundle = read::<ValidatedDnaManifest>(root, manifest).await?;
    let bytes = write(&bundle, &root.join("workdir").join(format!("{name}.dna")))?;
    let (dna, _) = DnaBundle::from(bundle).to_dna_file().await?;
    Ok(json!({ "hash": dna.dna_hash().to_string(), "bytes": bytes }))
}

async fn read<M: Manifest>(root: &Path, manifest: &str) -> Result<Bundle<M>> {
    let bundle = FileSystemBundler::bundle::<M>(root.join(manifest)).await;
    bundle.with_context(|| format!("{manifest} cannot be packed: run `cargo xtask zomes` first"))
}

/// Writes only what differs, so that nothing that embeds the file is built again for nothing.
fn write<M: Manifest>(bundle: &Bundle<M>, path: &Path) -> Result<usize> {
    let bytes = bundle.pack()?;
    if std::fs::read(path).ok().as_deref() != Some(&bytes[..]) {
        std::fs::write(path, &bytes)
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(bytes.len())
}
