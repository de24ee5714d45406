//! `weir demo`: a village on one machine.
//!
//! The first two members wait for people; the others have names and accounts, and three of five
//! act by themselves: they take what they are paid and buy from others now and then.

mod neighbours;

pub use neighbours::new_request;

use crate::chores::{Chores, Minor, Preferences};
use crate::community::{parse_charter, Bundle};
use crate::failure::{bad_input, say};
use crate::folder::{self, Address, Folder};
use crate::run::{asked_to_stop, bundle_differs, open_in_browser, page, random_key};
use crate::village::{self, Plan, Resident, Village};
use crate::web::{self, Page, Setup, Site};
use crate::{clock, inbox, Embedded};
use anyhow::{Context, Result};
use indicatif::ProgressBar;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What `weir demo` was asked for.
#[derive(Clone, Debug)]
pub struct Demo {
    pub members: Option<usize>,
    pub conductors: Option<usize>,
    pub data: PathBuf,
    pub fresh: bool,
    /// None takes the usual ports and others where those are taken.
    pub port: Option<u16>,
    pub quiet_members: bool,
    pub ui: Option<PathBuf>,
    pub allow_origin: Vec<String>,
    pub bundle: Option<PathBuf>,
    pub open: bool,
    pub json: bool,
}

const MEMBERS: usize = 5;
const MEMBERS_MAX: usize = 32;
const CONDUCTORS: usize = 2;
/// The first member's usual port.
const PORT: u16 = 4510;
const TRIAL: &str = include_str!("trial.yaml");

pub async fn demo(asked: Demo, embedded: &Embedded) -> Result<()> {
    let page = page(asked.ui.as_ref(), embedded)?;
    let bundle = Bundle::load(asked.bundle.as_ref(), embedded)?;
    let folder = Folder::open(&asked.data)?;
    if asked.fresh {
        village::remove(folder.root())?;
    }
    let plan = plan(&asked, Plan::load(folder.root())?)?;
    let notices = notices(&asked, &bundle, embedded).await?;
    let spinner = spinner(&asked);
    let village = Village::start(folder.root(), &plan, &bundle).await?;
    let named = neighbours::settle(&village.members).await;
    tracing::debug!("members settled");
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let addresses = serve(&asked, &village, page, notices, &stopped, &mut tasks).await?;
    named.context("the members could not open their accounts")?;
    for resident in &village.members {
        tasks.spawn(inbox::watch(resident.member.clone()));
        tasks.spawn(clock::keep_looking(resident.member.clone()));
    }
    if !asked.quiet_members {
        neighbours::act(&village.members, &mut tasks);
    }
    spinner.finish_and_clear();
    announce(&asked, &village, &addresses);

    asked_to_stop().await;
    let _ = stop.send(true);
    tasks.shutdown().await;
    for number in 0..village.members.len() {
        folder::clear_address(&village::member_root(folder.root(), number));
    }
    village.stop().await;
    Ok(())
}

/// The village that is there, or a new one.
fn plan(asked: &Demo, found: Option<Plan>) -> Result<Plan> {
    if let Some(plan) = found {
        let differs = |asked: Option<usize>, is: usize| asked.is_some_and(|asked| asked != is);
        if differs(asked.members, plan.members) || differs(asked.conductors, plan.conductors) {
            return Err(bad_input(format!(
                "the village in {} has {} members on {} conductors: leave the numbers out to see \
                 it again, or make a new one with --fresh",
                asked.data.display(),
                plan.members,
                plan.conductors
            )));
        }
        return Ok(plan);
    }
    let members = asked.members.unwrap_or(MEMBERS);
    let conductors = asked.conductors.unwrap_or(CONDUCTORS);
    if !(2..=MEMBERS_MAX).contains(&members) {
        return Err(bad_input(format!("a village has 2 to {MEMBERS_MAX} members")));
    }
    if !(2..=members).contains(&conductors) {
        return Err(bad_input("a village has at least 2 conductors and a member on each"));
    }
    let mut charter = parse_charter(TRIAL)?;
    charter.founded_us = founded_us()?;
    Ok(Plan { members, conductors, charter, network_seed: random_key()?, meeting_port: 0 })
}

/// A moment ago: nothing may be dated before the founding.
pub fn founded_us() -> Result<i64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    let before = now.saturating_sub(Duration::from_secs(60));
    i64::try_from(before.as_micros()).context("the clock is far off")
}

async fn notices(asked: &Demo, bundle: &Bundle, embedded: &Embedded) -> Result<Vec<String>> {
    let mut notices = vec!["DEMO_SHARED_NODE".to_string()];
    if asked.ui.is_some() || !asked.allow_origin.is_empty() {
        notices.push("OTHER_UI".into());
    }
    if bundle_differs(bundle, embedded).await? {
        notices.push("BUNDLE_DIFFERS".into());
    }
    Ok(notices)
}

/// A site for each member; gives their addresses.
async fn serve(
    asked: &Demo,
    village: &Village,
    page: Page,
    notices: Vec<String>,
    stopped: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) -> Result<Vec<String>> {
    let mut addresses = Vec::new();
    for (number, resident) in village.members.iter().enumerate() {
        let listener = listen(asked.port, number).await?;
        let setup = Setup {
            page: page.clone(),
            admitted: asked.allow_origin.clone(),
            notices: notices.clone(),
            data: asked.data.clone(),
            door: None,
        };
        let key = random_key()?;
        let site = Site::new(setup, listener.local_addr()?.port(), key.clone())?;
        let chores = chores(asked, number, resident)?;
        site.open_for(chores.clone(), None);
        tasks.spawn(chores.run());
        let address = Address { url: site.url().to_string(), key };
        folder::set_address(&village::member_root(&asked.data, number), &address)?;
        addresses.push(address.url);
        let stopped = stopped.clone();
        tasks.spawn(async move {
            if let Err(error) = site.serve(listener, stopped).await {
                tracing::error!(%error, "a member's page stopped");
            }
        });
    }
    Ok(addresses)
}

/// Of those whom nobody plays, the ones who act by themselves take whatever they are paid and the
/// others nothing.
fn chores(asked: &Demo, number: usize, resident: &Resident) -> Result<Arc<Chores>> {
    let member = resident.member.clone();
    if neighbours::name(number).is_none() {
        return Chores::of(member, &village::member_root(&asked.data, number));
    }
    let acts = !asked.quiet_members && neighbours::acts_by_itself(number);
    let take_up_to = Some(Minor(if acts { u64::MAX } else { 0 }));
    Ok(Chores::fixed(member, Preferences { take_up_to }))
}

async fn listen(base: Option<u16>, number: usize) -> Result<TcpListener> {
    let step = u16::try_from(number).unwrap_or_default();
    match base {
        Some(0) => web::bind(0).await,
        Some(base) => web::bind(base.saturating_add(step)).await,
        None => match web::bind(PORT + step).await {
            Ok(listener) => Ok(listener),
            Err(_) => web::bind(0).await,
        },
    }
}

fn spinner(asked: &Demo) -> ProgressBar {
    if asked.json {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner().with_message("The village wakes up");
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

fn announce(asked: &Demo, village: &Village, addresses: &[String]) {
    let acts = |number| !asked.quiet_members && neighbours::acts_by_itself(number);
    let members = village.members.iter().zip(addresses).enumerate();
    if asked.json {
        let members: Vec<_> = members
            .map(|(number, (resident, url))| {
                json!({
                    "url": url,
                    "name": neighbours::name(number),
                    "member": resident.member.agent().to_string(),
                    "conductor": resident.conductor,
                    "by_itself": acts(number),
                    "data": village::member_root(&asked.data, number),
                })
            })
            .collect();
        say(json!({ "members": members, "meeting": village.meeting_url() }));
    } else {
        say("A village on this machine. One address for each member:\n");
        for (number, (_, url)) in members {
            say(format!("  {url}  {}", describe(number, acts(number))));
        }
        say(format!("\nIts data is in {}. Ctrl-C stops it.", asked.data.display()));
    }
    if let (true, Some(first)) = (asked.open, addresses.first()) {
        open_in_browser(first);
    }
}

fn describe(number: usize, acts: bool) -> String {
    match (neighbours::name(number), acts) {
        (None, _) => "free: choose a name".into(),
        (Some(name), true) => format!("{name}, who acts by themselves"),
        (Some(name), false) => name,
    }
}

/// The members that act by themselves need each other's keys.
fn others(members: &[Resident], number: usize) -> Vec<String> {
    let other = |(at, resident): (usize, &Resident)| {
        (at != number).then(|| resident.member.agent().to_string())
    };
    members.iter().enumerate().filter_map(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(members: Option<usize>, conductors: Option<usize>) -> Demo {
        Demo {
            members,
            conductors,
            data: "/nowhere".into(),
            fresh: false,
            port: None,
            quiet_members: false,
            ui: None,
            allow_origin: vec![],
            bundle: None,
            open: false,
            json: false,
        }
    }

    #[test]
    fn a_village_has_members_and_two_conductors_at_least() {
        let new = plan(&asked(None, None), None).unwrap();
        assert_eq!((new.members, new.conductors), (5, 2));
        assert!(new.charter.founded_us > 1_600_000_000_000_000);
        assert!(plan(&asked(Some(1), None), None).is_err());
        assert!(plan(&asked(Some(33), None), None).is_err());
        assert!(plan(&asked(Some(5), Some(1)), None).is_err());
        assert!(plan(&asked(Some(2), Some(3)), None).is_err());
    }

    #[test]
    fn a_village_that_is_there_is_kept_as_it_is() {
        let there = plan(&asked(Some(7), Some(3)), None).unwrap();
        assert_eq!(plan(&asked(None, None), Some(there.clone())).unwrap(), there);
        assert_eq!(plan(&asked(Some(7), None), Some(there.clone())).unwrap(), there);
        assert!(plan(&asked(Some(5), None), Some(there)).is_err());
    }
}
