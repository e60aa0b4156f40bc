//! Pure computations on a graph of intents: an order to work in, and the longest chain of waiting.

use std::collections::{BTreeMap, BTreeSet};

/// The nodes of an acyclic graph so that each comes after all it waits for. Among those that could
/// come next, the first in the given order does. Nodes on a cycle, which should not be, are left out.
#[must_use]
pub fn topological_order(nodes: &[usize], waits_for: &[(usize, usize)]) -> Vec<usize> {
    let mut open: BTreeMap<usize, usize> = nodes.iter().map(|&node| (node, 0)).collect();
    let mut waiting: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &(node, awaited) in waits_for {
        if open.contains_key(&awaited)
            && let Some(count) = open.get_mut(&node)
        {
            *count += 1;
            waiting.entry(awaited).or_default().push(node);
        }
    }
    let mut ready: BTreeSet<usize> = open
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(&node, _)| node)
        .collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(node) = ready.pop_first() {
        order.push(node);
        for next in waiting.remove(&node).unwrap_or_default() {
            if let Some(count) = open.get_mut(&next) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(next);
                }
            }
        }
    }
    order
}

/// The longest chain of nodes that wait for one another and are not done, first to be done first.
/// Every node counts the same. Of several, the one that ends in the node earliest in the order.
#[must_use]
pub fn critical_path(
    order: &[usize],
    waits_for: &[(usize, usize)],
    is_done: impl Fn(usize) -> bool,
) -> Vec<usize> {
    let mut awaited: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &(node, other) in waits_for {
        awaited.entry(node).or_default().push(other);
    }
    let mut longest: BTreeMap<usize, (usize, Option<usize>)> = BTreeMap::new();
    for &node in order.iter().filter(|node| !is_done(**node)) {
        let before = awaited
            .get(&node)
            .into_iter()
            .flatten()
            .filter_map(|other| longest.get(other).map(|(length, _)| (*length, *other)))
            .max_by_key(|(length, other)| (*length, std::cmp::Reverse(*other)));
        longest.insert(
            node,
            before.map_or((1, None), |(length, other)| (length + 1, Some(other))),
        );
    }
    let end = order
        .iter()
        .filter_map(|node| longest.get(node).map(|(length, _)| (*length, *node)))
        .fold(None, |best: Option<(usize, usize)>, here| match best {
            Some(best) if best.0 >= here.0 => Some(best),
            _ => Some(here),
        });
    let mut path = Vec::new();
    let mut here = end.map(|(_, node)| node);
    while let Some(node) = here {
        path.push(node);
        here = longest.get(&node).and_then(|(_, before)| *before);
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_incident_graph_of_the_rfc() {
        // 0 diagnose, 1 communicate, 2 hotfix, 3 deploy, 4 verify, 5 post-mortem
        let edges = [
            (2, 0),
            (3, 0),
            (3, 2),
            (4, 3),
            (5, 0),
            (5, 1),
            (5, 2),
            (5, 3),
            (5, 4),
        ];
        let order = topological_order(&[0, 1, 2, 3, 4, 5], &edges);
        assert_eq!(order, [0, 1, 2, 3, 4, 5]);
        assert_eq!(critical_path(&order, &edges, |_| false), [0, 2, 3, 4, 5]);
        assert_eq!(critical_path(&order, &edges, |node| node <= 2), [3, 4, 5]);
        assert!(critical_path(&order, &edges, |_| true).is_empty());
    }

    fn acyclic() -> impl Strategy<Value = (usize, Vec<(usize, usize)>)> {
        (2usize..30).prop_flat_map(|count| {
            let edge = (0..count, 0..count).prop_filter_map("points back", |(a, b)| {
                (a != b).then_some((a.max(b), a.min(b)))
            });
            (Just(count), prop::collection::vec(edge, 0..60))
        })
    }

    proptest! {
        #[test]
        fn everything_comes_after_what_it_waits_for((count, edges) in acyclic()) {
            let nodes: Vec<usize> = (0..count).rev().collect();
            let order = topological_order(&nodes, &edges);
            prop_assert_eq!(order.len(), count);
            let place = |node: usize| order.iter().position(|other| *other == node).unwrap();
            for (node, awaited) in &edges {
                prop_assert!(place(*awaited) < place(*node));
            }
            let path = critical_path(&order, &edges, |_| false);
            for pair in path.windows(2) {
                prop_assert!(edges.contains(&(pair[1], pair[0])));
            }
        }
    }
}
