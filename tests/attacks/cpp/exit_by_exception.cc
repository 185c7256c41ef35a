// expect: error
int main() { throw 5; }
