//! Links as hints (P11): every one is checked again by the function that validates it, and none
//! is ever taken away by a delete.

use crate::evidence::AtHand;
use crate::problem::Told;
use hdk::prelude::*;
use weir_rules::charter::Charter;
use weir_rules::ids::{ActionId, MemberKey};
use weir_rules::ledger::Step;
use weir_rules::links::{check_link, month, Base, Kind, Link};
use weir_rules::refusal::Stop;
use weir_substrate::{ids, types};

/// A link as found, not yet checked.
pub struct Hint {
    pub author: MemberKey,
    pub target: ActionId,
    pub tag: Vec<u8>,
}

pub fn write(kind: Kind, base: &Base, target: &ActionId, tag: &[u8]) -> Told<()> {
    let scoped = ScopedLinkType { zome_index: types::ZOME, zome_type: types::link_type(kind) };
    create_link(linkable(base), ids::action_hash(target), scoped, tag.to_vec())?;
    Ok(())
}

/// Links of a kind at a base, whose tags start with `prefix`.
pub fn find(kind: Kind, base: &Base, prefix: &[u8]) -> Told<Vec<Hint>> {
    let types = LinkTypeFilter::single_type(types::ZOME, types::link_type(kind));
    let mut query = LinkQuery::new(linkable(base), types);
    if !prefix.is_empty() {
        query = query.tag_prefix(prefix.to_vec().into());
    }
    let found = get_links_details(query, GetStrategy::Local)?.into_inner();
    let hints = found.into_iter().filter_map(|(link, _deletes)| {
        let ActionData::CreateLink(data) = &link.action().data else { return None };
        Some(Hint {
            author: ids::member_key(link.action().author()),
            target: ids::action_id(&data.target_address.clone().into_action_hash()?),
            tag: data.tag.0.clone(),
        })
    });
    Ok(hints.collect())
}

/// Does the hint hold? `None` while what it names is not held here: nothing is asked of others.
pub fn holds(
    charter: &Charter,
    kind: Kind,
    base: Base,
    hint: &Hint,
    evidence: &AtHand,
) -> Told<Option<bool>> {
    if !crate::sound::is_held(&hint.author, &hint.target)? {
        return Ok(None);
    }
    // What a link says does not depend on when or where on the chain it was written.
    let at = charter.founded();
    let step = Step { author: hint.author, at, stated: at, action_seq: 0 };
    let link = Link { kind, base, target: hint.target, tag: &hint.tag };
    Ok(match check_link(&step, &link, evidence, |at| Ok(month(charter, at))) {
        Ok(()) => Some(true),
        Err(Stop::Refused(_)) => Some(false),
        Err(Stop::Missing(_)) => None,
    })
}

/// The hints of a kind at a base that are wanted and hold, each target once, and whether these are
/// all: of the others nothing is still on its way here.
pub fn that_hold(
    charter: &Charter,
    kind: Kind,
    base: Base,
    wanted: impl Fn(&Hint) -> bool,
) -> Told<(Vec<Hint>, bool)> {
    let mut hints = find(kind, &base, &[])?;
    hints.retain(wanted);
    // A stranger's link to the same target must not stand for the one that holds.
    hints.sort_by_key(|hint| (hint.target, hint.author));
    hints.dedup_by_key(|hint| (hint.target, hint.author));
    let (mut held, mut complete) = (vec![], true);
    for hint in hints {
        match holds(charter, kind, base, &hint, &AtHand::default())? {
            Some(true) => held.push(hint),
            Some(false) => {}
            None => complete = false,
        }
    }
    held.dedup_by_key(|hint| hint.target);
    Ok((held, complete))
}

fn linkable(base: &Base) -> AnyLinkableHash {
    match base {
        Base::Action(id) => ids::action_hash(id).into(),
        Base::Member(key) => ids::agent_key(key).into(),
        Base::Anchor(core) => ids::anchor_hash(*core).into(),
    }
}

/// The first hint of a kind at a base that holds.
pub fn first_that_holds(
    charter: &Charter,
    kind: Kind,
    base: Base,
    evidence: &AtHand,
) -> Told<Option<Hint>> {
    for hint in find(kind, &base, &[])? {
        if holds(charter, kind, base, &hint, evidence)? == Some(true) {
            return Ok(Some(hint));
        }
    }
    Ok(None)
}
