//! One page of a list.

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, P> {
    /// The items, in the list's own order.
    pub items: Vec<T>,
    /// The position of the last item; `None` if no items follow.
    pub next: Option<P>,
}

impl<T, P> Page<T, P> {
    /// Takes at most `limit` items; `position` returns an item's place in the list.
    pub fn of(items: impl Iterator<Item = T>, limit: usize, position: impl Fn(&T) -> P) -> Self {
        let mut items: Vec<T> = items.take(limit.saturating_add(1)).collect();
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(position);
        Self { items, next }
    }
}

impl Page<(), ()> {
    /// Returns how many items to query for a page: one more than the limit, to see whether others follow.
    #[must_use]
    pub fn wanted(limit: usize) -> i64 {
        i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_leads_nowhere() {
        let page = |limit| Page::of(1..=3, limit, |item| *item);

        assert_eq!(page(2), Page { items: vec![1, 2], next: Some(2) });
        assert_eq!(page(3), Page { items: vec![1, 2, 3], next: None });
        assert_eq!(Page::of(1..1, 3, |item| *item), Page { items: vec![], next: None });
    }
}
