//! Lists that are sorted by name.

/// What has a name.
pub(crate) trait Named {
    fn name(&self) -> &str;
}

/// Things sorted by name, of which no two have the same one.
///
/// Each is boxed, so that a file of thousands in no order is still read quickly. A tree for each kind of thing would
/// be much more code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ByName<T>(Vec<Box<T>>);

impl<T: Named> ByName<T> {
    pub(crate) fn find(&self, name: &str) -> Option<&T> {
        self.position(name).ok().map(|at| &*self.0[at])
    }

    pub(crate) fn find_mut(&mut self, name: &str) -> Option<&mut T> {
        self.position(name).ok().map(|at| &mut *self.0[at])
    }

    /// The one of this name, which is made if it is not there.
    pub(crate) fn find_or_insert(&mut self, name: &str, make: impl FnOnce() -> T) -> &mut T {
        let at = self.position(name).unwrap_or_else(|at| {
            self.0.insert(at, Box::new(make()));
            at
        });
        &mut self.0[at]
    }

    /// Gives back the one that it replaces.
    pub(crate) fn insert(&mut self, item: T) -> Option<T> {
        match self.position(item.name()) {
            Ok(at) => Some(std::mem::replace(&mut *self.0[at], item)),
            Err(at) => {
                self.0.insert(at, Box::new(item));
                None
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|item| &**item)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(T::name)
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|item| item.name().cmp(name))
    }
}

impl<T> Default for ByName<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> IntoIterator for ByName<T> {
    type Item = Box<T>;
    type IntoIter = std::vec::IntoIter<Box<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Named for &str {
        fn name(&self) -> &str {
            self.split('=').next().unwrap_or_default()
        }
    }

    #[test]
    fn each_name_is_there_once_and_in_order() {
        let mut list = ByName::default();
        assert_eq!(["b=1", "c=1", "a=1", "b=2"].map(|item| list.insert(item)), [None, None, None, Some("b=1")]);
        assert_eq!(*list.find_or_insert("c", || "c=2"), "c=1");
        assert_eq!(*list.find_or_insert("bb", || "bb=1"), "bb=1");
        assert_eq!(list.iter().copied().collect::<Vec<_>>(), ["a=1", "b=2", "bb=1", "c=1"]);
        assert_eq!((list.find("bb"), list.find("d")), (Some(&"bb=1"), None));
    }
}
