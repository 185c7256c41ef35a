// expect: timeout
int main() { sleep(1000); return answer(); }
