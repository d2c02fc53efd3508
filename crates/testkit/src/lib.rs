//! What tests share: the naive oracle, generators of histories and questions, and a disk that fails. Only ever a
//! dev-dependency.

pub mod disk;
pub mod generate;
pub mod history;
pub mod oracle;
