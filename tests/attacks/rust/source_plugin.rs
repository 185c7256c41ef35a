// expect: syntax
#![feature(plugin)]
#![plugin(x)]

fn main() {}
