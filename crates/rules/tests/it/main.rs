//! Tests of the rules as others use them: text in, plan or findings out.

mod shipped;
mod support;
