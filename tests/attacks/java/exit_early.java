// expect: fail
public class Main {
  public static void main(String[] a) throws Throwable {
    System.exit(0);
  }
}
