//! What is known of users, wherever it is: in the files, in what is being written, in memory.

use std::{borrow::Cow, collections::BTreeSet, ops::RangeInclusive, sync::Arc};

use cairn_analysis::StoreError;
#[cfg(test)]
use cairn_model::Value;
use cairn_model::{Properties, UserState};

use super::{
    Layer, UserBits, Users,
    column::UserColumn,
    file::{ColumnView, UsersFile},
    merge::NewestRows,
    persons::Persons,
    set::UserSet,
};
use crate::predicate::Test;

impl Users {
    /// What messages made of a user id.
    pub(crate) fn state(&self, number: u32) -> Result<Option<UserState>, StoreError> {
        if let Some(layer) = self.layers().find(|layer| layer.states.contains(number)) {
            return layer.state(number);
        }
        let place = self.row(number)?;
        place.map(|(file, row)| file.state(row)).transpose()
    }

    /// The encoding of [`Users::state`].
    pub(super) fn state_bytes(&self, number: u32) -> Result<Option<&[u8]>, StoreError> {
        if let Some(state) = self.layers().find_map(|layer| layer.states.get(number)) {
            return Ok(Some(state));
        }
        self.row(number)?.map(|(file, row)| file.state_bytes(row)).transpose()
    }

    /// The newest file with a user's state, and the row there.
    fn row(&self, number: u32) -> Result<Option<(&UsersFile, usize)>, StoreError> {
        for file in self.files.iter().rev() {
            if let Some(row) = file.row(number)? {
                return Ok(Some((file, row)));
            }
        }
        Ok(None)
    }

    /// All users with a state, ascending.
    pub(crate) fn known(&self) -> Result<impl Iterator<Item = Result<(u32, UserState), StoreError>>, StoreError> {
        self.known_of(|_| true)
    }

    /// Those of the users that are `wanted`; the states of others are not read.
    pub(crate) fn known_of(
        &self,
        wanted: impl Fn(u32) -> bool,
    ) -> Result<impl Iterator<Item = Result<(u32, UserState), StoreError>>, StoreError> {
        let layers: Vec<_> = self.layers().collect();
        Ok(self.newest()?.filter(move |row| wanted(row.number)).map(move |row| {
            let list = row.list as usize;
            let state = match layers.get(list) {
                Some(layer) => layer.state(row.number)?.unwrap_or_default(),
                None => self.files[self.files.len() - 1 - (list - layers.len())].state(row.row as usize)?,
            };
            Ok((row.number, state))
        }))
    }

    /// The handle of the person that a user id belongs to.
    pub(crate) fn handle(&self, number: u32) -> Result<Option<String>, StoreError> {
        self.see_handle(number, |handle| handle.map(str::to_owned))
    }

    pub(super) fn see_handle<T>(&self, number: u32, see: impl FnOnce(Option<&str>) -> T) -> Result<T, StoreError> {
        if let Some(layer) = self.layers().find(|layer| layer.states.contains(number)) {
            return Ok(see(layer.state(number)?.as_ref().and_then(UserState::handle)));
        }
        let Some((file, row)) = self.row(number)? else {
            return Ok(see(None));
        };
        let view = file.handles().map(|column| file.view(column)).transpose()?;
        Ok(see(file_handle(file, view.as_ref(), row)?))
    }

    /// All members of the person that a user id belongs to, ascending, itself included.
    pub(crate) fn person_of(&self, number: u32) -> Result<Vec<u32>, StoreError> {
        Ok(self.persons()?.members(number))
    }

    /// The user ids that belong to a handle, by number.
    pub(crate) fn members(&self, handle: &str) -> Result<Vec<u32>, StoreError> {
        let persons = self.persons()?;
        let first =
            persons.find(persons.hash(handle), |first| self.see_handle(first, |other| other == Some(handle)))?;
        first.map_or(Ok(Vec::new()), |first| self.person_of(first))
    }

    /// The members of every person of several, ascending; persons by the least.
    pub(crate) fn shared_persons(&self) -> Result<impl Iterator<Item = Vec<u32>>, StoreError> {
        Ok(self.persons()?.shared(0..=u32::MAX))
    }

    /// Whoever is special, by person: the members, ascending, of those whose least one is in a range.
    pub(crate) fn special_persons(
        &self,
        range: RangeInclusive<u32>,
    ) -> Result<impl Iterator<Item = Vec<u32>>, StoreError> {
        let persons = self.persons()?;
        Ok(persons.special().iter_in(range).filter_map(|number| match persons.is_shared(number) {
            true => persons.members_of_least(number),
            false => Some(vec![number]),
        }))
    }

    /// The users who share a person with another, or have an erasure.
    pub(crate) fn special(&self) -> Result<Arc<UserSet>, StoreError> {
        Ok(self.persons()?.special().clone())
    }

    /// The current value of a property of the person that a user id belongs to.
    #[cfg(test)]
    pub(crate) fn property(&self, number: u32, name: &str) -> Result<Option<Value<'static>>, StoreError> {
        let states = self.states_of(&self.person_of(number)?)?;
        Ok(UserState::property(states.iter(), name).cloned())
    }

    /// All current properties of the person that a user id belongs to.
    pub(crate) fn properties(&self, number: u32) -> Result<Properties<'static>, StoreError> {
        let states = self.states_of(&self.person_of(number)?)?;
        Ok(UserState::properties(states.iter()))
    }

    /// The current value of a property of all users' persons.
    pub(crate) fn column(&self, name: &str) -> Result<Arc<UserColumn>, StoreError> {
        self.columns.get(self, name)
    }

    /// The users whose value of `name` passes. `condition` names property and test.
    pub(crate) fn satisfying(&self, name: &str, condition: &str, test: &Test) -> Result<Arc<UserBits>, StoreError> {
        self.columns.satisfying(self, name, (condition, test))
    }

    /// The names of all properties in use.
    pub(crate) fn property_names(&self) -> Result<BTreeSet<String>, StoreError> {
        let mut names = BTreeSet::new();
        let layers: Vec<_> = self.layers().collect();
        // A file's property is in use if a row has it that no newer state replaces; until one is found, it is open.
        let open = self.files.iter().rev().map(|file| file.properties().collect::<Result<Vec<_>, _>>());
        let mut open = open.collect::<Result<Vec<_>, _>>()?;
        for row in self.newest()? {
            let list = row.list as usize;
            match layers.get(list) {
                Some(layer) => {
                    let state = layer.state(row.number)?.unwrap_or_default();
                    state.property_names().for_each(|name| insert(&mut names, name));
                }
                None => open[list - layers.len()].retain(|(name, codes)| {
                    let found = codes.get(row.row as usize) != 0;
                    if found {
                        insert(&mut names, name);
                    }
                    !found
                }),
            }
        }
        Ok(names)
    }

    /// What is not yet in a file, newest first.
    pub(super) fn layers(&self) -> impl Iterator<Item = &Layer> {
        std::iter::once(&self.layer).chain(self.frozen.iter().rev()).map(AsRef::as_ref)
    }

    /// Where the newest state of each user is: in the layers (see [`Users::layers`]), then the files, newest first.
    pub(super) fn newest(&self) -> Result<NewestRows<'_>, StoreError> {
        let layers = self.layers().map(|layer| Ok(Cow::Owned(layer.states.numbers().collect())));
        let files = self.files.iter().rev().map(|file| Ok(Cow::Borrowed(file.numbers()?)));
        Ok(NewestRows::new(layers.chain(files).collect::<Result<_, StoreError>>()?))
    }

    pub(super) fn states_of(&self, members: &[u32]) -> Result<Vec<UserState>, StoreError> {
        members.iter().filter_map(|member| self.state(*member).transpose()).collect()
    }

    /// Who belongs to whom. Made at first use, for all clones of the same persons.
    pub(super) fn persons(&self) -> Result<&Persons, StoreError> {
        match self.persons.get() {
            Some(persons) => Ok(persons),
            None => {
                let persons = self.find_persons()?;
                Ok(self.persons.get_or_init(|| persons))
            }
        }
    }

    fn find_persons(&self) -> Result<Persons, StoreError> {
        let mut persons = Persons::new(&self.erased);
        let layers: Vec<_> = self.layers().collect();
        let view =
            |file| Ok::<_, StoreError>((file, UsersFile::handles(file).map(|column| file.view(column)).transpose()?));
        let files = self.files.iter().rev().map(|file| view(file.as_ref())).collect::<Result<Vec<_>, _>>()?;
        for row in self.newest()? {
            let list = row.list as usize;
            let handle = match layers.get(list) {
                Some(layer) => {
                    let state = layer.state(row.number)?.unwrap_or_default();
                    state.handle().map(|handle| Cow::Owned(handle.to_owned()))
                }
                None => {
                    let (file, view) = &files[list - layers.len()];
                    file_handle(file, view.as_ref(), row.row as usize)?.map(Cow::Borrowed)
                }
            };
            if let Some(handle) = handle.as_deref() {
                let hash = persons.hash(handle);
                let first = persons.find(hash, |first| self.see_handle(first, |other| other == Some(handle)))?;
                persons.join(row.number, hash, first);
            }
        }
        Ok(persons)
    }
}

fn insert(names: &mut BTreeSet<String>, name: &str) {
    if !names.contains(name) {
        names.insert(name.to_owned());
    }
}

fn file_handle<'a>(file: &UsersFile, view: Option<&ColumnView<'a>>, row: usize) -> Result<Option<&'a str>, StoreError> {
    let Some((view, code)) = view.map(|view| (view, view.code(row))).filter(|(_, code)| *code != 0) else {
        return Ok(None);
    };
    let text = view.value(code).and_then(|bytes| std::str::from_utf8(bytes).ok());
    text.map(Some).ok_or_else(|| file.damage("a handle cannot be read"))
}
