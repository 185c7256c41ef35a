// expect: error
public class Main {
  public static void main(String[] a) throws Throwable {
    throw new IllegalStateException("so");
  }
}
