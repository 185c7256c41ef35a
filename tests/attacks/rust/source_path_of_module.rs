// expect: syntax
#[path = "/etc/passwd"]
mod passwd;

fn main() {
    answer();
}
