//! User properties as columns by user number.

use std::{collections::HashSet, sync::Arc};

use cairn_analysis::StoreError;
use cairn_model::{UserState, encode_value};

use super::{
    Users,
    file::{ColumnView, UsersFile},
    merge::Newest,
    values::Values,
};

/// The current value of a property of every user's person.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserColumn {
    /// By user number: 0 is "missing". Users beyond the end are missing. All members of a person have the same code.
    pub(crate) codes: Vec<u32>,
    values: Arc<Values>,
}

impl UserColumn {
    /// How many values there are; their codes go from 1 to this. Some may be nobody's any more.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The encoded value of a code; `None` for 0. Different codes have different values.
    pub(crate) fn value(&self, code: u32) -> Option<&[u8]> {
        self.values.get(code)
    }

    /// The code of a user.
    #[inline]
    pub(crate) fn code(&self, number: u32) -> u32 {
        self.codes.get(number as usize).copied().unwrap_or(0)
    }

    /// The column of `name`, from the files' columns and the states in memory.
    pub(super) fn build(users: &Users, name: &str) -> Result<Self, StoreError> {
        let persons = users.persons()?;
        let mut values = Values::default();
        let layers: Vec<_> = users.layers().collect();
        let files = users.files.iter().rev().map(|file| FileColumn::new(file, name, &mut values));
        let mut files = files.collect::<Result<Vec<_>, _>>()?;
        let mut codes = vec![0; users.len() as usize];
        for row in users.newest()? {
            let list = row.list as usize;
            codes[row.number as usize] = match layers.get(list) {
                Some(layer) => own_code(&layer.state(row.number)?.unwrap_or_default(), name, &mut values),
                None => match &mut files[list - layers.len()] {
                    Some(column) => column.code(row, &mut values)?,
                    None => 0,
                },
            };
        }
        if values.len() == 0 {
            return Ok(Self::default());
        }
        values.shrink_to_fit();
        let mut column = Self { codes, values: Arc::new(values) };
        for members in persons.shared(0..=u32::MAX) {
            let mut set = members.iter().map(|member| column.code(*member)).filter(|code| *code != 0);
            // Where only one value is to be found, it is the person's: whose it is need not be read.
            let code = match set.next() {
                None => continue,
                Some(first) if set.all(|code| code == first) => first,
                Some(_) => column.person_code(users, &members, name)?,
            };
            members.iter().for_each(|member| column.codes[*member as usize] = code);
        }
        column.trim();
        Ok(column)
    }

    /// Brings the persons of `dirty` up to date.
    pub(super) fn refresh(&mut self, users: &Users, name: &str, dirty: &[u32]) -> Result<(), StoreError> {
        let mut done = HashSet::new();
        for number in dirty {
            if done.contains(number) {
                continue;
            }
            let members = users.person_of(*number)?;
            let code = self.person_code(users, &members, name)?;
            for member in members {
                done.insert(member);
                self.set(member, code);
            }
        }
        self.trim();
        Ok(())
    }

    /// Ends with the last user who has a value: an instant at which there were fewer users has no more codes than users.
    fn trim(&mut self) {
        while self.codes.last() == Some(&0) {
            self.codes.pop();
        }
    }

    /// What it holds in memory.
    pub(super) fn memory_bytes(&self) -> usize {
        self.codes.capacity() * 4 + self.values.memory_bytes()
    }

    fn person_code(&mut self, users: &Users, members: &[u32], name: &str) -> Result<u32, StoreError> {
        let states = users.states_of(members)?;
        let Some(value) = UserState::property(states.iter(), name) else {
            return Ok(0);
        };
        let mut bytes = Vec::new();
        encode_value(value, &mut bytes);
        Ok(self.values.find(&bytes).unwrap_or_else(|| Arc::make_mut(&mut self.values).intern(&bytes)))
    }

    fn set(&mut self, number: u32, code: u32) {
        let at = number as usize;
        if at >= self.codes.len() && code != 0 {
            self.codes.resize(at + 1, 0);
        }
        if let Some(known) = self.codes.get_mut(at) {
            *known = code;
        }
    }
}

fn own_code(state: &UserState, name: &str, values: &mut Values) -> u32 {
    UserState::property([state].into_iter(), name).map_or(0, |value| {
        let mut bytes = Vec::new();
        encode_value(value, &mut bytes);
        values.intern(&bytes)
    })
}

/// A file's column, with the codes that its values have elsewhere.
struct FileColumn<'a> {
    file: &'a UsersFile,
    view: ColumnView<'a>,
    source: u32,
    /// By code in the file; 0 where not yet known.
    codes: Vec<u32>,
}

impl<'a> FileColumn<'a> {
    fn new(file: &'a Arc<UsersFile>, name: &str, values: &mut Values) -> Result<Option<Self>, StoreError> {
        let Some(column) = file.property(name) else {
            return Ok(None);
        };
        let view = file.view(column)?;
        let source = values.source(file, column);
        values.reserve(view.len());
        Ok(Some(Self { file, view, source, codes: vec![0; view.len() + 1] }))
    }

    fn code(&mut self, row: Newest, values: &mut Values) -> Result<u32, StoreError> {
        let code = self.view.code(row.row as usize);
        if code == 0 {
            return Ok(0);
        }
        let value = self.file.value(&self.view, code)?;
        let known = &mut self.codes[code as usize];
        if *known == 0 {
            *known = values.intern_from(self.source, code, value);
        }
        Ok(*known)
    }
}
