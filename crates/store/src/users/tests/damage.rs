//! Flipped bits.

use cairn_analysis::StoreError;

use super::*;

/// Two small files: a person of two users, an erasure, values of all widths of state.
fn files() -> Vec<(String, Vec<u8>)> {
    let mut users = Users::default();
    apply(&mut users, &set(1 << 40, 10, &[("p", Value::from("a")), ("q", Value::from(2.5))]));
    apply(&mut users, &identify(1 << 40, 11, "ann"));
    apply(&mut users, &set(2 << 40, 12, &[("p", Value::from("b"))]));
    let first = flush(&mut users, "1.users");
    apply(&mut users, &identify(2 << 40, 13, "ann"));
    apply(&mut users, &erase(3 << 40, 14));
    let second = flush(&mut users, "2.users");
    vec![("1.users".to_owned(), first), ("2.users".to_owned(), second)]
}

/// Everything that the files say.
fn read(files: &[(String, Vec<u8>)], check: bool) -> Result<String, StoreError> {
    let open = |(name, bytes): &(String, Vec<u8>)| {
        Ok::<_, StoreError>(Arc::new(UsersFile::open(name.clone(), Bytes::from(bytes.clone()), check)?))
    };
    let users = Users::open(files.iter().map(open).collect::<Result<_, _>>()?)?;
    let mut all = format!("{:?} {:?} {:?}", users.ids()?, users.property_names()?, users.special()?);
    for number in 0..users.len() {
        all += &format!("{:?} {:?} {:?}", users.state(number)?, users.handle(number)?, users.erased_at(number));
        all += &format!("{:?} {:?}", users.person_of(number)?, users.properties(number)?);
        for name in ["p", "q"] {
            let column = users.column(name)?;
            all += &format!("{:?}", column.value(column.code(number)));
        }
    }
    all += &format!("{:?}", users.known()?.collect::<Result<Vec<_>, _>>()?);
    merge(users.files(), Vec::new())?;
    Ok(all)
}

/// For every bit of every file: what `judge` is told is the file, and what is read with the bit flipped.
fn flip_each_bit(check: bool, step: usize, mut judge: impl FnMut(&str, Result<String, StoreError>)) {
    let mut files = files();
    for file in 0..files.len() {
        let name = files[file].0.clone();
        for bit in (0..files[file].1.len() * 8).step_by(step) {
            files[file].1[bit / 8] ^= 1 << (bit % 8);
            judge(&name, read(&files, check));
            files[file].1[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn a_flipped_bit_is_an_error_that_names_the_file_or_does_not_matter() {
    let sound = read(&files(), true).unwrap();
    let mut errors = 0;
    flip_each_bit(true, 1, |name, found| match found {
        Ok(found) => assert_eq!(found, sound),
        Err(StoreError::Damage { file, .. }) => {
            assert_eq!(file, name);
            errors += 1;
        }
        Err(error) => panic!("{error}"),
    });
    assert!(errors > 10_000, "{errors}");
}

/// The test above would notice if checksums were not checked. Nothing panics without them either.
#[test]
fn without_checksums_flipped_bits_are_believed() {
    let sound = read(&files(), true).unwrap();
    let mut believed = 0;
    flip_each_bit(false, 3, |_, found| believed += usize::from(found.is_ok_and(|found| found != sound)));
    assert!(believed > 100, "{believed}");
}
