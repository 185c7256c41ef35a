// expect: syntax
macro_rules! double {
    ($($t:tt)*) => { double!($($t)* $($t)*) };
}

fn main() {
    double!(1 + 1);
}
