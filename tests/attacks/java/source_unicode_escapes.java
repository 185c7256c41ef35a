// expect: fail
public class Main {
  public static void main(String[] a) throws Throwable {
    // \u000a System.exit(0);
    for (;;) {}
  }
}
