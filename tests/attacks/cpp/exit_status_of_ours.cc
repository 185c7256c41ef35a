// expect: error
int main() { _exit(70); }
