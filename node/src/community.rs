//! A community on this node: its charter, its bundle, and how both become an installed app.

use crate::failure::bad_input;
use crate::Embedded;
use anyhow::{anyhow, Context, Result};
use holochain::conductor::ConductorHandle;
use holochain::prelude::{
    AgentPubKey, AppBundle, AppBundleSource, AppManifest, AppManifestV0, AppStatus, DnaBundle,
    DnaModifiersOpt, InstallAppPayload, RoleSettings, YamlProperties,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;
use weir_rules::charter::{Charter, CharterText};
use weir_wire::names::{ROLE_COMMONS, ROLE_LEDGER};

/// What a community is made of: the same three parts make the same community everywhere.
#[derive(Clone, Debug)]
pub struct Community {
    pub bundle: Bundle,
    pub charter: CharterText,
    /// A word that members share; communities with the same charter but another word are apart.
    pub network_seed: String,
}

/// The packed zomes, as carried inside the program or named on the command line.
#[derive(Clone, Debug)]
pub struct Bundle(Vec<u8>);

/// Between looks at whether a record has come back.
const RESTORE_LOOK: Duration = Duration::from_millis(500);

/// The part of the charter that the commons needs.
#[derive(Serialize)]
struct CommonsProperties<'a> {
    name: &'a str,
    bioregion: &'a str,
    founders: &'a [String],
    trial: bool,
}

impl Bundle {
    /// The bundle of `file`, else the one inside the program.
    pub fn load(file: Option<&PathBuf>, embedded: &Embedded) -> Result<Self> {
        match (file, embedded.bundle) {
            (Some(file), _) => std::fs::read(file)
                .map(Self)
                .map_err(|error| bad_input(format!("cannot read {}: {error}", file.display()))),
            (None, Some(bytes)) => Ok(Self(bytes.to_vec())),
            (None, None) => Err(bad_input(
                "this weir was built without its bundle: run `cargo xtask build`, or name one \
                 with --bundle FILE",
            )),
        }
    }

    /// The same DNAs in an app that takes no proofs later: the platform brings no other kind back.
    fn without_deferral(&self) -> Result<Self> {
        let bundle = AppBundle::unpack(self.0.as_slice()).context("this is no Weir bundle")?;
        let bundle = bundle.into_inner();
        let AppManifest::V0(manifest) = bundle.manifest().clone();
        let manifest = AppManifestV0 { allow_deferred_memproofs: false, ..manifest };
        Ok(Self(bundle.update_manifest(AppManifest::V0(manifest))?.pack()?.to_vec()))
    }

    /// The names of those DNAs whose hash is not the recorded one. Nothing is recorded for a
    /// build that was made before the record was written.
    pub async fn differing(&self, recorded: &str) -> Result<Vec<String>> {
        let recorded = recorded_hashes(recorded);
        let bundle = AppBundle::unpack(self.0.as_slice()).context("this is no Weir bundle")?;
        let mut differing = Vec::new();
        for (id, resource) in bundle.into_inner().get_all_resources() {
            let name = id.trim_end_matches(".dna");
            let (_, hash) = DnaBundle::unpack(resource.as_ref())?.to_dna_file().await?;
            if recorded.get(name).is_some_and(|known| !known.contains(hash.to_string().as_str())) {
                differing.push(name.to_string());
            }
        }
        differing.sort();
        Ok(differing)
    }
}

/// `dnas/HASHES`: a name and a hash in each line, then the toolchain that gives it; `#` starts a
/// comment.
fn recorded_hashes(text: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut recorded: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(hash)) = (words.next(), words.next()) {
            recorded.entry(name).or_default().insert(hash);
        }
    }
    recorded
}

/// Reads a charter and checks it as every member's node will.
pub fn read_charter(file: &Path) -> Result<CharterText> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| bad_input(format!("cannot read {}: {error}", file.display())))?;
    parse_charter(&text).map_err(|error| bad_input(format!("{}: {error}", file.display())))
}

pub fn parse_charter(text: &str) -> Result<CharterText> {
    let charter: CharterText = yaml_serde::from_str(text)?;
    Charter::try_from(charter.clone()).map_err(|refusal| anyhow!("{refusal}"))?;
    // The rules read a key's 32 bytes and not the checksum behind them: a slip of the pen would
    // found a community that its founder cannot enter.
    if let Some(mistyped) = charter.founders.iter().find(|founder| !is_whole_key(founder)) {
        return Err(anyhow!("the founder's key {mistyped} is mistyped: its checksum is wrong"));
    }
    Ok(charter)
}

fn is_whole_key(text: &str) -> bool {
    AgentPubKey::try_from(text)
        .is_ok_and(|key| AgentPubKey::from_raw_32(key.get_raw_32().to_vec()) == key)
}

/// Founders and the members of a trial join without anybody's word (rule L0).
async fn join(conductor: &ConductorHandle, app: &String, agent: &AgentPubKey) -> Result<()> {
    let Err(error) = conductor.clone().provide_memproofs(app, HashMap::new()).await else {
        return Ok(());
    };
    // Nothing stays behind of a community that was not joined.
    conductor.clone().uninstall_app(app, true).await?;
    let error = error.to_string();
    if error.contains("NOT_ADMITTED") {
        return Err(bad_input(format!(
            "this community does not admit you: its charter does not name your key {agent} among \
             the founders"
        )));
    }
    Err(anyhow!("the community was not joined: {error}"))
}

impl Community {
    /// Installs the community for `agent` and starts it; goes on where an earlier try ended.
    pub async fn install(
        &self,
        conductor: &ConductorHandle,
        app: &str,
        agent: &AgentPubKey,
    ) -> Result<()> {
        let app = app.to_string();
        if conductor.get_app_info(&app).await?.is_none() {
            conductor
                .clone()
                .install_app_bundle(self.payload(&app, agent)?)
                .await
                .map_err(|error| anyhow!("the community was not installed: {error}"))?;
        }
        let status = conductor.get_app_info(&app).await?.map(|info| info.status);
        if let Some(AppStatus::AwaitingMemproofs) = status {
            join(conductor, &app, agent).await?;
        }
        conductor
            .clone()
            .enable_app(app)
            .await
            .map_err(|error| anyhow!("the community did not start: {error}"))?;
        Ok(())
    }

    /// Brings back the community of a member whose record others hold; goes on where an earlier
    /// try ended.
    pub async fn restore(
        &self,
        conductor: &ConductorHandle,
        app: &str,
        agent: &AgentPubKey,
    ) -> Result<()> {
        let app = app.to_string();
        if conductor.get_app_info(&app).await?.is_none() {
            let bundle = self.bundle.without_deferral()?;
            let payload = InstallAppPayload {
                source: AppBundleSource::Bytes(bundle.0.into()),
                restore_from_dht: true,
                ..self.payload(&app, agent)?
            };
            conductor
                .clone()
                .install_app_bundle(payload)
                .await
                .map_err(|error| anyhow!("the community was not found again: {error}"))?;
        }
        loop {
            match conductor.get_app_info(&app).await?.map(|info| info.status) {
                Some(AppStatus::AwaitingRestore) => tokio::time::sleep(RESTORE_LOOK).await,
                Some(AppStatus::Unrecoverable(..)) => {
                    return Err(anyhow!(
                        "your record cannot be brought back: others hold a broken-rule notice \
                         against it"
                    ));
                }
                Some(_) => break,
                None => return Err(anyhow!("the community is gone from this computer")),
            }
        }
        conductor
            .clone()
            .enable_app(app)
            .await
            .map_err(|error| anyhow!("the community did not start: {error}"))?;
        Ok(())
    }

    fn payload(&self, app: &str, agent: &AgentPubKey) -> Result<InstallAppPayload> {
        let charter = &self.charter;
        let commons = CommonsProperties {
            name: &charter.name,
            bioregion: &charter.bioregion,
            founders: &charter.founders,
            trial: charter.trial,
        };
        let roles = HashMap::from([
            (ROLE_LEDGER.to_string(), self.role(charter)?),
            (ROLE_COMMONS.to_string(), self.role(&commons)?),
        ]);
        Ok(InstallAppPayload {
            source: AppBundleSource::Bytes(self.bundle.0.clone().into()),
            agent_key: Some(agent.clone()),
            installed_app_id: Some(app.to_string()),
            network_seed: Some(self.network_seed.clone()),
            roles_settings: Some(roles),
            ignore_genesis_failure: false,
            restore_from_dht: false,
        })
    }

    fn role<P: Serialize>(&self, properties: &P) -> Result<RoleSettings> {
        let properties = YamlProperties::new(yaml_serde::to_value(properties)?);
        Ok(RoleSettings::Provisioned {
            membrane_proof: None,
            modifiers: Some(DnaModifiersOpt {
                network_seed: Some(self.network_seed.clone()),
                properties: Some(properties),
            }),
            init_properties: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIAL: &str = include_str!("demo/trial.yaml");

    #[test]
    fn the_trial_charter_is_in_order() {
        let charter = parse_charter(TRIAL).unwrap();
        assert!(charter.trial);
        assert!(charter.founders.is_empty());
    }

    #[test]
    fn a_charter_with_an_unknown_or_wrong_field_is_refused() {
        assert!(parse_charter(&format!("{TRIAL}\nmore: 1\n")).is_err());
        assert!(parse_charter(&TRIAL.replace("decimals: 2", "decimals: 7")).is_err());
        assert!(parse_charter("").is_err());
    }

    #[test]
    fn a_founder_whose_key_is_mistyped_is_refused() {
        let founding = TRIAL
            .replace("trial: true", "trial: false")
            .replace("founder_grant: 0", "founder_grant: 100000");
        let founded = |key: &str| founding.replace("founders: []", &format!("founders: [{key}]"));
        let key = AgentPubKey::from_raw_32(vec![7; 32]).to_string();
        assert_eq!(parse_charter(&founded(&key)).unwrap().founders, std::slice::from_ref(&key));
        let (_, rest) = key.split_at("uhCAkBw".len());
        let mistyped = format!("uhCAkBx{rest}");
        assert!(key.starts_with("uhCAkBw"));
        let error = parse_charter(&founded(&mistyped)).unwrap_err().to_string();
        assert!(error.contains(&mistyped), "{error}");
    }

    #[test]
    fn recorded_hashes_are_read_past_comments_one_for_each_toolchain() {
        let text = "# name hash toolchain\nledger uhC0kA rustc 1.96\n\nledger uhC0kB rustc 1.97\n";
        let recorded = recorded_hashes(text);
        assert_eq!(recorded["ledger"], BTreeSet::from(["uhC0kA", "uhC0kB"]));
        assert_eq!(recorded.len(), 1);
    }
}
