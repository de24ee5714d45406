//! A whole community on one machine: for `weir demo`, `weir replay` and tests.
//!
//! Several members share a conductor here and nowhere else: the platform blocks by the address of
//! a computer, so blocking one would silence all that share it.

use crate::community::{Bundle, Community};
use crate::conductor::{self, Pace};
use crate::folder::{read_json, write_json};
use crate::held;
use crate::keys::{self, Guard};
use crate::meeting::MeetingPoint;
use crate::member::Member;
use crate::sound::Sound;
use anyhow::{bail, Result};
use futures::future::{join_all, try_join_all};
use holochain::conductor::ConductorHandle;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use weir_rules::charter::CharterText;
use weir_rules::ids::ActionId;

/// Nothing on this machine is worth guessing at: the keys play no part elsewhere.
const PASSPHRASE: &str = "a village on one machine";
const PLAN: &str = "village.json";
/// Between looks at whether all hold the same.
const LOOK_WAIT: Duration = Duration::from_millis(200);

/// What a village is made of; kept beside its data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub members: usize,
    pub conductors: usize,
    pub charter: CharterText,
    pub network_seed: String,
    /// The meeting point keeps its port, so that members find each other again after a restart.
    pub meeting_port: u16,
}

/// A village that runs.
pub struct Village {
    pub members: Vec<Resident>,
    conductors: Vec<ConductorHandle>,
    meeting: MeetingPoint,
}

/// A member of a village.
#[derive(Clone)]
pub struct Resident {
    pub member: Arc<Member>,
    /// Number of the conductor they share, from 0.
    pub conductor: usize,
}

impl Plan {
    pub fn load(root: &Path) -> Result<Option<Self>> {
        read_json(&root.join(PLAN))
    }

    fn save(&self, root: &Path) -> Result<()> {
        write_json(&root.join(PLAN), self)
    }
}

/// Removes a village and nothing else that may lie in the folder.
pub fn remove(root: &Path) -> Result<()> {
    let Some(plan) = Plan::load(root)? else { return Ok(()) };
    // The plan goes first: what is left without one is made anew.
    std::fs::remove_file(root.join(PLAN))?;
    let conductors = (0..plan.conductors).map(|n| conductor_root(root, n));
    let members = (0..plan.members).map(|n| member_root(root, n));
    for folder in conductors.chain(members).filter(|folder| folder.exists()) {
        std::fs::remove_dir_all(folder)?;
    }
    Ok(())
}

pub fn conductor_root(root: &Path, number: usize) -> PathBuf {
    root.join(format!("conductor{}", number + 1))
}

/// Where a member's command line finds their node.
pub fn member_root(root: &Path, number: usize) -> PathBuf {
    root.join(member_name(number))
}

/// Name of a member's key and app.
fn member_name(number: usize) -> String {
    format!("m{}", number + 1)
}

impl Village {
    /// Starts the village in `root`, making what is not there yet.
    pub async fn start(root: &Path, plan: &Plan, bundle: &Bundle) -> Result<Self> {
        // Another program may have taken the port in the meantime; any other will do then.
        let meeting = match MeetingPoint::local(plan.meeting_port).await {
            Ok(meeting) => meeting,
            Err(_) => MeetingPoint::local(0).await?,
        };
        Plan { meeting_port: meeting.port(), ..plan.clone() }.save(root)?;
        let community = Community {
            bundle: bundle.clone(),
            charter: plan.charter.clone(),
            network_seed: plan.network_seed.clone(),
        };
        let url = meeting.url();
        let started = try_join_all((0..plan.conductors).map(|number| {
            let numbers = (number..plan.members).step_by(plan.conductors).collect();
            start_conductor(conductor_root(root, number), number, numbers, &community, &url)
        }))
        .await?;
        let mut conductors = Vec::new();
        let mut members = Vec::new();
        for (conductor, residents) in started {
            conductors.push(conductor);
            members.extend(residents);
        }
        members.sort_by_key(|(number, _)| *number);
        let members = members.into_iter().map(|(_, resident)| resident).collect();
        Ok(Self { members, conductors, meeting })
    }

    pub fn meeting_url(&self) -> String {
        self.meeting.url()
    }

    /// Waits until every conductor holds the same `entries` ledger entries, all sound.
    pub async fn agree(&self, entries: usize, patience: Duration) -> Result<()> {
        let begun = Instant::now();
        loop {
            // Reading everything is dear; it is not tried while something still waits.
            if self.settled().await? {
                let sound = self.sound().await?;
                let whole = sound.iter().all(|sound| sound.len() == entries);
                if whole && sound.windows(2).all(same) {
                    return Ok(());
                }
            }
            if begun.elapsed() > patience {
                let sound: Vec<usize> = self.sound().await?.iter().map(BTreeSet::len).collect();
                bail!("the conductors do not agree: {sound:?} of {entries} entries are sound");
            }
            tokio::time::sleep(LOOK_WAIT).await;
        }
    }

    /// Does nothing wait for its verdict anywhere?
    async fn settled(&self) -> Result<bool> {
        let looks = self.one_of_each().map(|member| member.waits_for_nothing());
        Ok(try_join_all(looks).await?.into_iter().all(|settled| settled))
    }

    /// The sound entries of each conductor.
    async fn sound(&self) -> Result<Vec<BTreeSet<ActionId>>> {
        let reads = self.one_of_each().map(|member| async move {
            anyhow::Ok(held::read(member.conductor(), member.ledger()).await?.sound())
        });
        try_join_all(reads).await
    }

    /// The first member of each conductor.
    fn one_of_each(&self) -> impl Iterator<Item = &Member> {
        (0..self.conductors.len()).filter_map(|number| {
            let resident = self.members.iter().find(|resident| resident.conductor == number)?;
            Some(&*resident.member)
        })
    }

    pub async fn stop(self) {
        join_all(self.conductors.into_iter().map(conductor::stop)).await;
    }
}

fn same(pair: &[BTreeSet<ActionId>]) -> bool {
    matches!(pair, [a, b] if a == b)
}

/// One conductor with the members of these numbers.
async fn start_conductor(
    root: PathBuf,
    conductor_number: usize,
    members: Vec<usize>,
    community: &Community,
    meet: &str,
) -> Result<(ConductorHandle, Vec<(usize, Resident)>)> {
    let begun = Instant::now();
    let keystore = keys::open(&root.join("keystore"), PASSPHRASE, Guard::None).await?;
    let conductor = conductor::start(&root.join("data"), &keystore, meet, Pace::Village).await?;
    tracing::debug!(conductor_number, after = ?begun.elapsed(), "conductor started");
    let sound = Arc::new(Sound::new(conductor.clone()));
    let mut residents = Vec::new();
    for number in members {
        let name = member_name(number);
        let (agent, _) = keystore.member_key(&name).await?;
        community.install(&conductor, &name, &agent).await?;
        tracing::debug!(name, after = ?begun.elapsed(), "member installed");
        let member = Arc::new(Member::of(conductor.clone(), &name, sound.clone()).await?);
        residents.push((number, Resident { member, conductor: conductor_number }));
    }
    Ok((conductor, residents))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::community::parse_charter;

    #[test]
    fn removing_a_village_leaves_the_rest_of_the_folder() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path();
        let plan = Plan {
            members: 1,
            conductors: 1,
            charter: parse_charter(include_str!("demo/trial.yaml")).unwrap(),
            network_seed: "s".into(),
            meeting_port: 0,
        };
        plan.save(root).unwrap();
        assert_eq!(Plan::load(root).unwrap(), Some(plan));
        std::fs::create_dir_all(conductor_root(root, 0).join("data")).unwrap();
        std::fs::write(root.join("letter.txt"), "dear").unwrap();
        remove(root).unwrap();
        remove(root).unwrap();
        let left: Vec<_> =
            std::fs::read_dir(root).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["letter.txt"]);
    }
}
