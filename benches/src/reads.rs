//! Reading one's own account against a call that does nothing.

use crate::figures::Figures;
use crate::node::Node;
use crate::twins::Twins;
use anyhow::Result;
use weir_wire as wire;

pub async fn measure(
    figures: &mut Figures,
    node: &Node,
    member: &Twins,
    rounds: usize,
) -> Result<()> {
    let cell = &member.ledger;
    let (mut noop, mut position, mut activity) = (vec![], vec![], vec![]);
    let mut search = vec![];
    member.settled(node).await?;
    // The dearest search: every note is opened, and nothing is found that would end it.
    let text = Some("what no note says".to_string());
    let filter = wire::ActivityFilter { text, ..Default::default() };
    for n in 0..rounds {
        let (_, time): (u64, _) = node.timed(cell, ("probe", "nothing"), n as u64).await?;
        noop.push(time);
        let (_, time): (wire::Position, _) = node.timed(cell, ("accounts", "position"), ()).await?;
        position.push(time);
        let first = wire::ActivityPage::default();
        let (_, time): (wire::Activity, _) =
            node.timed(cell, ("accounts", "activity"), first).await?;
        activity.push(time);
        let nothing = wire::ActivityPage { from: None, filter: filter.clone() };
        let (_, time): (wire::Activity, _) =
            node.timed(cell, ("accounts", "activity"), nothing).await?;
        search.push(time);
    }
    figures.ratio("position_over_noop_2000", &position, &noop);
    figures.ratio("activity_over_noop_2000", &activity, &noop);
    figures.ratio("search_over_noop_2000", &search, &noop);
    Ok(())
}
