// expect: fail
public class Main {
  public static void main(String[] a) throws Throwable {
    Runtime.getRuntime().halt(0);
  }
}
